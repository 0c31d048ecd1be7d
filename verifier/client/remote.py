"""`RemoteCounter`: a `Counter` whose registry is asked over HTTP. Every verb by the one table."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from urllib3 import BaseHTTPResponse

from verifier.acts import Desk, NotPermitted, NotUnderstood, RegistryLost
from verifier.api.document import KEY_HEADER, PREFIX
from verifier.api.passes import STAFF_HEADER
from verifier.api.problems import ERRORS
from verifier.client.line import Call, Line
from verifier.counter import Counter
from verifier.verbs import KEYED, VERBS, Verb

_JSON = "application/json"
_SERVER_ERROR = 500


class RemoteCounter(Counter):
    """The registry as one window sees it from elsewhere. Safe to share between threads.

    Each verb raises what the same verb of `Counter` raises, and RegistryLost.
    """

    def __init__(self, line: Line, window: str, credential: str) -> None:
        self._line = line
        self._window = window
        self._credential = credential
        self._passes: dict[str, str] = {}

    def hold_pass(self, staff: str, word: str) -> None:
        """Keep what the registry gave a person who signed in here."""
        self._passes[staff] = word

    def _ask(self, verb: Verb, who: Desk | str | None, said: tuple[Any, ...]) -> Any:
        headers = {"Authorization": f"Bearer {self._credential}", **self._pass_of(who)}
        if verb.name in KEYED:
            headers[KEY_HEADER] = str(uuid.uuid4())
        path = PREFIX + verb.path
        if verb.method == "GET":
            query = dict(zip(verb.fields, said, strict=True))
            call = Call("GET", path, headers, query=query)
        else:
            headers["Content-Type"] = _JSON
            call = Call("POST", path, headers, body_of(verb, said))
        answer = self._line.ask(call)
        given = answer_in(answer, verb.answer)
        if STAFF_HEADER in answer.headers:
            self.hold_pass(given.number, answer.headers[STAFF_HEADER])
        return given

    def _pass_of(self, who: Desk | str | None) -> dict[str, str]:
        """The window is this one, and the person one who signed in here. Raises NotPermitted."""
        window = who.kiosk if isinstance(who, Desk) else who
        if window not in (None, self._window):
            raise NotPermitted
        if not isinstance(who, Desk):
            return {}
        if who.staff not in self._passes:
            raise NotPermitted
        return {STAFF_HEADER: self._passes[who.staff]}


def body_of(verb: Verb, said: tuple[Any, ...]) -> bytes:
    """What a verb says, as JSON. Raises NotUnderstood for what no registry takes."""
    given = dict(zip(verb.fields, said, strict=True))
    order: BaseModel = verb.order.model_construct(**given)
    try:
        return json.dumps(order.model_dump(mode="json", warnings="error")).encode()
    except ValueError as error:
        raise NotUnderstood from error


def answer_in(answer: BaseHTTPResponse, shape: TypeAdapter[Any]) -> Any:
    """What an answer says, in this shape. Raises the problem it tells."""
    try:
        if answer.status >= _SERVER_ERROR:
            raise RegistryLost(f"status {answer.status}")
        if answer.status >= 300:
            raise ERRORS.get(_code_in(answer.data), NotUnderstood)
        return shape.validate_json(answer.data or b"null")
    except ValidationError as error:
        raise RegistryLost("an answer that cannot be read") from error


def _code_in(problem: bytes) -> str:
    try:
        return str(json.loads(problem)["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _verb_of(verb: Verb) -> Callable[..., Any]:
    def ask(self: RemoteCounter, *said: Any) -> Any:
        who, rest = (said[0], said[1:]) if verb.asker else (None, said)
        return self._ask(verb, who, rest)

    ask.__name__, ask.__doc__ = verb.name, verb.says
    return ask


for _verb in VERBS:
    setattr(RemoteCounter, _verb.name, _verb_of(_verb))
