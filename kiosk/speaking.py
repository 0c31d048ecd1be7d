"""日本語 or English: each clerk chooses, and finds the choice again at the next sign-in here.

What the visitor reads is not touched, nor is what is printed for the visitor.
"""

from flask import current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from kiosk import shift
from kiosk.house import house, is_seated
from kiosk.seat import Seat
from shared.texts import Language
from shared.web.text_size import YEAR

COOKIE = "languages"
BEFORE_SIGN_IN = "language"
MOST_REMEMBERED = 40
"""Clerks of one window; a cookie holds some 4000 characters."""
_NOT_THE_CLERKS = {"visitor", "console"}


def chosen() -> Language:
    """The language of this request: that of the clerk who signed in with this browser."""
    if request.blueprint in _NOT_THE_CLERKS:
        return Language.JAPANESE
    seat = house().station.scene.snapshot().seat
    if seat is not None and is_seated():
        return seat.language
    return _language(session.get(BEFORE_SIGN_IN)) or Language.JAPANESE


def change(wish: str | None, answer: Response) -> None:
    """Change the language of the clerk's pages, before the sign-in or after it."""
    language = _language(wish) or Language.JAPANESE
    seat = house().station.scene.snapshot().seat
    if seat is None or not is_seated():
        session[BEFORE_SIGN_IN] = language.value
        return
    shift.speak(house().station, language)
    _remember(answer, seat.clerk.number, language)


def begin(seat: Seat, answer: Response) -> None:
    """Somebody signed in: what was chosen on the sign-in page counts, else what was last time."""
    number = seat.clerk.number
    here = _language(session.pop(BEFORE_SIGN_IN, None))
    language = here or _language(_remembered().get(number)) or Language.JAPANESE
    shift.speak(house().station, language)
    if here:
        _remember(answer, number, here)


def _remember(answer: Response, number: str, language: Language) -> None:
    newest = {number: language.value, **{k: v for k, v in _remembered().items() if k != number}}
    kept = dict(list(newest.items())[:MOST_REMEMBERED])
    answer.set_cookie(
        COOKIE, _serializer().dumps(kept), max_age=YEAR, httponly=True, samesite="Lax",
        secure=request.is_secure,
    )  # fmt: skip


def _remembered() -> dict[str, str]:
    """Staff number → language, newest first."""
    try:
        kept = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return {}
    return kept if isinstance(kept, dict) else {}


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=COOKIE)


def _language(value: object) -> Language | None:
    return Language(value) if isinstance(value, str) and value in set(Language) else None
