"""The verbs of a `Counter` as they travel: one table, which the API and its client both walk.

Shapes come from the signatures of `verifier.counter.Counter`; pydantic reads and writes its plain
dataclasses as they are, refuses what does not fit, and describes them for the OpenAPI document.
"""

import inspect
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from verifier.counter import Counter

READING = frozenset(
    {"holds", "unfinished", "kiosk_facts", "registry_time", "day", "receipt", "receipts", "queue"}
)
"""Verbs that change nothing."""
KEYED = frozenset(
    {
        "hold", "take_over", "differed", "give_up", "decline", "refuse_while_open", "unlock",
        "pause", "reopen", "call_again", "put_back", "strike", "begin_rush", "end_rush",
    }
)  # fmt: skip
"""Acts with no key of their own among what they say: over HTTP a header holds it."""
COMPARING = frozenset(
    {
        "call", "change_password", "enrol", "judge", "present", "present_typed_key", "queue_up",
        "resume", "sign_in",
    }
)  # fmt: skip
"""Verbs that compare a password: they keep a core busy for a third of a second."""
_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb."""

    name: str
    path: str
    """Below the API's prefix."""
    asker: str
    """The verb's first argument when it names who asks: ``desk`` (a person at a window),
    ``kiosk`` (a window), or nothing."""
    order: type[BaseModel]
    """What is said besides who asks."""
    answer: TypeAdapter[Any]
    says: str

    @property
    def by_staff(self) -> bool:
        """Somebody signed in asks, not the window alone."""
        return self.asker == "desk"

    @property
    def method(self) -> str:
        """GET for what changes nothing."""
        return "GET" if self.name in READING else "POST"

    @property
    def says_nothing(self) -> bool:
        """It answers nothing but that it was done."""
        return bool(self.answer.core_schema["type"] == "none")

    @property
    def fields(self) -> tuple[str, ...]:
        """The order's fields, in the order of the verb's arguments."""
        return tuple(self.order.model_fields)


def _verb(name: str) -> Verb:
    function = getattr(Counter, name)
    hints = get_type_hints(function, include_extras=True)
    arguments = inspect.signature(function).parameters
    _self, *given = arguments
    who = given.pop(0) if given and given[0] in ("desk", "kiosk") else ""
    shapes: dict[str, Any] = {
        field.rstrip("_"): (hints[field], _default(arguments[field])) for field in given
    }
    title = name.title().replace("_", "")
    return Verb(
        name=name,
        path=f"/counter/{name.replace('_', '-')}",
        asker=who,
        order=create_model(f"{title}Order", __config__=_STRICT, **shapes),
        answer=TypeAdapter(hints["return"]),
        says=inspect.getdoc(function) or "",
    )


def _default(argument: inspect.Parameter) -> Any:
    """What a window of an earlier version leaves out; for most arguments it must be said."""
    return ... if argument.default is inspect.Parameter.empty else argument.default


VERBS = tuple(
    _verb(name) for name, _ in inspect.getmembers(Counter, inspect.isfunction) if name[0] != "_"
)
BY_NAME = {verb.name: verb for verb in VERBS}
