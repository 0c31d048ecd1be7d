"""The API's addresses: every verb of a `Counter`, and what a device needs to become a window."""

import re
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, MethodNotAllowed, NotFound

from shared.web.problems import FieldProblem, InvalidFields, InvalidJson, NotJson
from verifier import handing_over
from verifier.acts import Desk, SignedIn
from verifier.api import document, passes, problems
from verifier.api.crowding import Crowding
from verifier.api.document import KEY_HEADER
from verifier.api.once import Request, once
from verifier.counter import Counter
from verifier.installation import Installation
from verifier.verbs import KEYED, VERBS, Verb

EXTENSION = "uketori-api"
Shape = TypeVar("Shape", bound=BaseModel)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_KEY = re.compile(r"[!-~]{1,36}")
_JSON = "application/json"


def house() -> Installation:
    """The registry this application serves."""
    found: Installation = current_app.extensions[EXTENSION]
    return found


def add_counter(bp: Blueprint, crowding: Crowding) -> None:
    """Every verb of the table, and a problem at every other address."""
    for verb in VERBS:
        view = partial(_carry_out_when_free, crowding, verb)
        bp.add_url_rule(verb.path, verb.name, view, methods=[verb.method])
    bp.add_url_rule("/openapi.json", "openapi", _openapi)
    bp.add_url_rule(
        "/<path:rest>", "nothing", _nothing, methods=_METHODS, provide_automatic_options=False
    )
    problems.tell_on(bp)


def order_in(shape: type[Shape]) -> Shape:
    """What the request says, in this shape. Raises InvalidJson, NotJson, InvalidFields."""
    try:
        if request.method == "GET":
            return shape.model_validate(request.args.to_dict())
        if request.mimetype != _JSON:
            raise NotJson
        return shape.model_validate_json(request.get_data(cache=True))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        raise InvalidJson
    raise InvalidFields(
        tuple(FieldProblem(".".join(map(str, one["loc"])), one["msg"]) for one in found)
    )


def answer_of(content: bytes | None) -> Response:
    """JSON that no cache keeps; without content 204."""
    response = Response(content, 204 if content is None else 200, mimetype=_JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _carry_out_when_free(crowding: Crowding, verb: Verb) -> Response:
    with crowding.place_for(verb):
        return _carry_out(verb)


def _carry_out(verb: Verb) -> Response:
    who: Any = passes.desk(house()) if verb.by_staff else passes.window(house())
    order = order_in(verb.order)
    said = [who] if verb.asker else []
    said += [getattr(order, field) for field in verb.fields]
    if verb.name not in KEYED:
        given = getattr(Counter(house()), verb.name)(*said)
    else:
        given = _carry_out_once(verb, said)
    response = answer_of(None if verb.says_nothing else verb.answer.dump_json(given))
    if isinstance(given, SignedIn):
        desk = Desk(passes.window(house()), given.number)
        response.headers[passes.STAFF_HEADER] = passes.staff_pass(house(), desk)
    return response


def _carry_out_once(verb: Verb, said: list[Any]) -> Any:
    key = request.headers.get(KEY_HEADER, "")
    if not _KEY.fullmatch(key):
        raise BadRequest
    content = "\0".join((verb.name, said[0].kiosk, said[0].staff)).encode() + request.get_data()
    return once(
        house(),
        Request(key, content),
        lambda writing: getattr(Counter(writing), verb.name)(*said),
        partial(_again, verb, said),
    )


def _again(verb: Verb, said: list[Any]) -> Any:
    """What an act gave before: nothing, or the basket as it stands now."""
    return handing_over.look_at(house(), said[0], said[1]) if verb.name == "hold" else None


def _openapi() -> Response:
    return jsonify(document.DOCUMENT)


def _nothing(rest: str) -> Response:
    """Answer for every other address and method with a problem and not with a page."""
    allowed = document.methods_of(f"/api/v1/{rest}")
    raise MethodNotAllowed(allowed) if allowed else NotFound()
