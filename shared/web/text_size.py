"""文字サイズ 小・中・大: a form, a cookie, an attribute on ``<html>``; works without JavaScript."""

from enum import StrEnum
from urllib.parse import urlsplit

from flask import abort, redirect, request
from werkzeug.wrappers import Response

COOKIE = "text_size"
YEAR = 365 * 24 * 3600


class TextSize(StrEnum):
    """Values of ``data-text-size``; base.css turns them into 93.75, 100 and 125 %."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


_LABELS = ((TextSize.SMALL, "小"), (TextSize.MEDIUM, "中"), (TextSize.LARGE, "大"))


def set_text_size() -> Response:
    """Remember the size and go back to the page the form was on."""
    wish = request.form.get("size", "")
    if wish not in set(TextSize):
        abort(400)
    answer = redirect(_own_path(request.form.get("back", "/")), 303)
    answer.set_cookie(
        COOKIE, wish, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return answer


def for_templates() -> dict[str, object]:
    """What base.html asks for."""
    return {"text_size": _wished(), "text_sizes": _LABELS, "text_size_back": _here()}


def _wished() -> TextSize:
    wish = request.cookies.get(COOKIE, "")
    return TextSize(wish) if wish in set(TextSize) else TextSize.MEDIUM


def _here() -> str:
    """Where GET shows this page: a page that answered a POST came from the form before it."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    from_page = urlsplit(request.referrer or "")
    same = from_page.netloc == request.host
    return (from_page.path or "/") if same else "/"


def _own_path(path: str) -> str:
    """A path on this site, or the top page: never a way out to somebody else's."""
    own = path.startswith("/") and not path.startswith("//") and path.isprintable()
    return path if own and "\\" not in path else "/"
