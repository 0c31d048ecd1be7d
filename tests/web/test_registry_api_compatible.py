"""Windows of an earlier version at this registry: what was described to them is still so.

`vectors/registry_api_v1.json` is the description that was released. When the API has grown, the new
one takes its place after this test has held: who kept to the first keeps to the second.
"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.described_compatibly import broken
from verifier.api.document import DOCUMENT

RELEASED = json.loads((Path(__file__).parents[1] / "vectors/registry_api_v1.json").read_text())
NOW = json.loads(json.dumps(DOCUMENT))


def test_who_keeps_to_the_released_description_is_served() -> None:
    assert broken(RELEASED, NOW) == []


def shapes(document: Any) -> Any:
    return document["components"]["schemas"]


def _require_the_key(document: Any) -> None:
    shapes(document)["SignInOrder"]["required"].append("idempotency_key")


def _ask_for_more(document: Any) -> None:
    shapes(document)["SignInOrder"]["required"].append("colour")
    shapes(document)["SignInOrder"]["properties"]["colour"] = {"type": "string"}


def _drop_an_address(document: Any) -> None:
    del document["paths"]["/api/v1/counter/pause"]


def _drop_a_field_of_a_request(document: Any) -> None:
    del shapes(document)["SignInOrder"]["properties"]["pin"]


def _drop_a_field_of_an_answer(document: Any) -> None:
    del shapes(document)["KioskFacts"]["properties"]["rush"]


def _leave_a_field_out_of_answers(document: Any) -> None:
    shapes(document)["KioskFacts"]["required"].remove("office")


def _take_one_reason_less(document: Any) -> None:
    shapes(document)["GiveUpReason"]["enum"].pop()


def _shorten_a_field(document: Any) -> None:
    pattern = shapes(document)["GiveUpOrder"]["properties"]["hand_over_id"]
    pattern["pattern"] = "^[!-~]{1,35}$"


def _answer_with_a_value_nobody_knows(document: Any) -> None:
    shapes(document)["Role"]["enum"].append("owner")


def _want_a_header(document: Any) -> None:
    header = {"name": "Colour", "in": "header", "required": True, "schema": {"type": "string"}}
    document["paths"]["/api/v1/counter/holds"]["get"].setdefault("parameters", []).append(header)


@pytest.mark.parametrize(
    "change",
    [
        _require_the_key,
        _ask_for_more,
        _drop_an_address,
        _drop_a_field_of_a_request,
        _drop_a_field_of_an_answer,
        _leave_a_field_out_of_answers,
        _take_one_reason_less,
        _shorten_a_field,
        _answer_with_a_value_nobody_knows,
        _want_a_header,
    ],
)
def test_a_change_that_earlier_windows_would_stumble_over_is_found(
    change: Callable[[Any], None],
) -> None:
    changed = copy.deepcopy(RELEASED)
    change(changed)
    assert broken(RELEASED, changed) != []


def test_what_is_only_added_breaks_nobody() -> None:
    more = copy.deepcopy(RELEASED)
    more["paths"]["/api/v1/counter/wave"] = {"post": {"responses": {"204": {}}}}
    shapes(more)["KioskFacts"]["properties"]["weather"] = {"type": "string"}
    shapes(more)["SignInOrder"]["properties"]["colour"] = {"type": "string"}
    shapes(more)["GiveUpReason"]["enum"].append("moon")
    assert broken(RELEASED, more) == []
