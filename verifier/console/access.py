"""Who may open what in the console: a visit that still counts, and a role for every act.

A view that changes anything names its roles with `only`; one that forgets to is shut for everybody.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared.db.session import reading
from shared.domain import Role
from verifier import console_sign_in
from verifier.console.house import installation
from verifier.console_sign_in import CONSOLE_ROLES, Visit
from verifier.registry import alerts, house_rules
from verifier.registry.staff import SUPERVISING_ROLES

HOME = "console.overview"
IDLE = timedelta(minutes=20)
FRESH = timedelta(minutes=5)
FRESH_ENOUGH_TO_SEND = timedelta(minutes=15)
"""A form that was opened in time may be filled in without haste."""
ADMINISTERING_ROLES = frozenset({Role.ADMINISTRATOR})
TOKEN, _SEEN = "console_visit", "console_seen"
_OPEN = {"console.sign_in", "console.take_sign_in", "console.static"}
_POLLED = {"console.newer"}
"""A page that asks by itself keeps nobody signed in."""
_BEFORE_PASSWORD = {"console.account", "console.change_password", "console.sign_out"}
_BEFORE_FACTOR = {*_BEFORE_PASSWORD, "console.new_factor", "console.take_factor"}
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def only(roles: frozenset[Role]) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Let a view be opened by these roles alone."""

    def mark(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
        view.roles = roles  # type: ignore[attr-defined]
        return view

    return mark


def fresh(view: Callable[Given, Answer]) -> Callable[Given, Answer | AnyResponse]:
    """Let a view be used only shortly after the password was typed; else ask for it again."""

    @wraps(view)
    def only_fresh(*args: Given.args, **values: Given.kwargs) -> Answer | AnyResponse:
        opens = request.method == "GET"
        if proved_ago() <= (FRESH if opens else FRESH_ENOUGH_TO_SEND):
            return view(*args, **values)
        here = request.full_path if opens else request.referrer or ""
        return redirect(url_for("console.prove", then=path_of(here)), 303)

    return only_fresh


def guard() -> AnyResponse | None:
    """Before every view: send whoever is not signed in to the sign-in, and refuse wrong roles."""
    if request.endpoint in _OPEN:
        return None
    found = _visit(installation().clock())
    if found is None:
        session.pop(TOKEN, None)
        return redirect(url_for("console.sign_in"), 303)
    g.visit, g.person = found, found.person
    if request.endpoint not in _POLLED:
        session[_SEEN] = installation().clock().timestamp()
    _require_role(found)
    return _first_things_first(found)


def never_stored(answer: Response) -> Response:
    """Nothing of the console stays in a browser's cache."""
    if request.endpoint != "console.static":
        answer.headers["Cache-Control"] = "no-store"
    return answer


def admit(token: str) -> None:
    """Begin a visit in this browser; nothing of an earlier one is kept, nor its form tokens."""
    for key in (TOKEN, _SEEN, "csrf_token", "_flashes"):
        session.pop(key, None)
    session[TOKEN] = token
    session[_SEEN] = installation().clock().timestamp()


def visit() -> Visit:
    """The visit of the present request."""
    found: Visit = g.visit
    return found


def proved_ago() -> timedelta:
    """How long ago the password was typed."""
    return installation().clock() - visit().proved_at


def may(roles: frozenset[Role]) -> bool:
    """Whether the person signed in has one of these roles."""
    return visit().person.role in roles


def for_templates() -> dict[str, object]:
    """Who is signed in and what to offer them; nothing on the sign-in page."""
    if "visit" not in g:
        return {}
    with reading(installation().sessions) as registry:
        open_alerts = alerts.count_open(registry)
    return {
        "person": visit().person,
        "may_supervise": may(SUPERVISING_ROLES),
        "may_administer": may(ADMINISTERING_ROLES),
        "is_fresh": proved_ago() <= FRESH,
        "open_alerts": open_alerts,
    }


def path_of(address: str) -> str:
    """The part of an address that stays on this console."""
    start = url_for(HOME)
    path = address[address.find(start) :] if start in address else start
    return path if path.isprintable() and "\\" not in path else start


def _visit(now: datetime) -> Visit | None:
    token, seen = session.get(TOKEN), session.get(_SEEN)
    if not isinstance(token, str) or not isinstance(seen, float):
        return None
    if now.timestamp() - seen > IDLE.total_seconds():
        return None
    with reading(installation().sessions) as registry:
        return console_sign_in.visit_of(registry, token, now)


def _first_things_first(found: Visit) -> AnyResponse | None:
    """A password that somebody else knows is changed before anything else is done."""
    if found.must_choose_password:
        if request.endpoint not in _BEFORE_PASSWORD:
            return redirect(url_for("console.account"), 303)
        return None
    if found.has_second_factor or request.endpoint in _BEFORE_FACTOR:
        return None
    with reading(installation().sessions) as registry:
        wanted = house_rules.second_factor_required(registry)
    return redirect(url_for("console.new_factor"), 303) if wanted else None


def _require_role(found: Visit) -> None:
    view = current_app.view_functions[str(request.endpoint)]
    reads = request.method in ("GET", "HEAD", "OPTIONS")
    roles = getattr(view, "roles", CONSOLE_ROLES if reads else frozenset())
    if found.person.role not in roles:
        abort(403)
