"""The API's addresses. A program's order goes the same way as the portal's form."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import BadRequest, MethodNotAllowed, NotFound

from issuer import a4
from issuer.api import document, problems
from issuer.api.document import KEY_HEADER
from issuer.api.orders import Order, SheetAnswer, read_order
from issuer.api.repeats import Repeats
from issuer.before_printing import notices
from issuer.drawer import Issued, Wish
from issuer.kinds import KINDS
from issuer.portal import portal
from issuer.sheets import issue_public, open_procedures
from issuer.turns import Busy
from shared.web.problems import MIMETYPE, NotJson

bp = Blueprint("api", __name__, url_prefix="/api/v1")

_KEY = re.compile(r"[!-~]{1,128}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_REPEATS = "api_repeats"


@bp.record_once
def _remember(state: Any) -> None:
    state.app.extensions[_REPEATS] = Repeats()


@bp.get("/")
def guide() -> str:
    """The documentation page, written from the OpenAPI document."""
    return render_template(
        "issuer/api.html",
        api=document.DOCUMENT,
        example=document.example(),
        problems=problems.KINDS,
        problem_type=MIMETYPE,
    )


@bp.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    return jsonify(document.DOCUMENT)


@bp.get("/procedures")
def procedures() -> Response:
    """手続種別 that can be ordered now."""
    now_open = open_procedures(portal().sessions)
    return jsonify([{"code": code, "name": name} for code, name in now_open.items()])


@bp.post("/sheets")
def issue_sheet() -> Response:
    """Issue one sheet and give it in the format that the caller accepts best."""
    draw = _drawing_wanted()
    if request.mimetype != "application/json":
        raise NotJson
    key = _idempotency_key()
    now_open = open_procedures(portal().sessions)
    order = read_order(request.get_data(cache=False), now_open)
    with portal().drawing.turn():
        response = draw(_issued(order, now_open, key))
    response.status_code = 201
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    return response


@bp.route("/<path:rest>", methods=_METHODS, provide_automatic_options=False)
def nothing(rest: str) -> Response:
    """Answer for every other address and method with a problem and not with a page."""
    allowed = document.methods_of(f"{bp.url_prefix}/{rest}")
    raise MethodNotAllowed(allowed) if allowed else NotFound()


problems.PROBLEMS.tell_on(bp)


def _drawing_wanted() -> Callable[[Issued], Response]:
    """The format that the caller likes best of ours. Raises NotOffered."""
    wanted = request.accept_mimetypes
    best = wanted.best_match(FORMATS) if wanted else next(iter(FORMATS))
    if best is None:
        raise problems.NotOffered
    return FORMATS[best]


def _idempotency_key() -> str | None:
    key = request.headers.get(KEY_HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise BadRequest
    return key


def _issued(order: Order, now_open: Mapping[int, str], key: str | None) -> Issued:
    """The order's sheet: a new one, or the one that the same key got before. Raises KeyReused."""
    house, now = portal(), portal().clock()

    def make() -> Issued:
        facts = issue_public(house.sessions, house.press, order.wish, now_open, now)
        return Issued(facts, notices(order.typed_name))

    if key is None:
        return make()
    owner, content = f"api {request.remote_addr}", order.content()
    repeats: Repeats = current_app.extensions[_REPEATS]
    token = repeats.claim(owner, key, content, now)
    sheet_id = house.drawer.issue_once(Wish(owner, token, content), make, now)
    issued = house.drawer.find(owner, sheet_id, now)
    if issued is None:
        raise Busy(1)  # so many sheets at this moment that the drawer could not hold it
    return issued


def _file(content: bytes, issued: Issued, mimetype: str) -> Response:
    suffix = mimetype.split("/")[1].removesuffix("+xml")
    response = Response(content, mimetype=mimetype)
    name = f"oss-{issued.facts.purpose}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _pdf(issued: Issued) -> Response:
    return _file(a4.as_pdf(issued.facts), issued, "application/pdf")


def _svg(issued: Issued) -> Response:
    return _file(a4.as_svg(issued.facts).encode(), issued, "image/svg+xml")


def _png(issued: Issued) -> Response:
    return _file(a4.as_png(issued.facts), issued, "image/png")


def _json(issued: Issued) -> Response:
    facts = issued.facts
    days = portal().press.valid_days(facts.purpose)
    answer = SheetAnswer(
        purpose=str(facts.purpose),
        name=KINDS[facts.purpose].name,
        receiver_name=facts.receiver_name or "",
        procedure=facts.procedure,
        search_key=facts.search_key,
        issued_at=facts.issued_at,
        expires_at=facts.issued_at + timedelta(days=days),
        code=facts.payload,
        notices=list(issued.notices),
    )
    return Response(answer.model_dump_json(), mimetype="application/json")


FORMATS: dict[str, Callable[[Issued], Response]] = {
    "application/pdf": _pdf,
    "image/svg+xml": _svg,
    "image/png": _png,
    "application/json": _json,
}
"""The first one is for callers who say nothing."""
