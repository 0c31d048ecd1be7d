"""`POST /api/v1/filings`: what the application system sends is judged as a file's rows are."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared.db.session import Sessions
from shared.db.tables import Filing, JournalEntry
from shared.domain import FilingStatus
from shared.key_files import Pinned
from shared.passwords import check_secret
from tests.builders import TARO, House, house
from verifier.filings.pushing import MOST, MOST_PASSWORDS
from verifier.filings.records import ALIASES, FIELDS
from verifier.serving import Rooms, create_app

SECRET = "s" * 40
FIRST = {"number": "2600000000000001", "procedure": 1, "office": "S1", "status": "ready"}
SECOND = {"受付番号": "2600 0000 0000 0002", "手続種別": "継続検査", "事務所": "S1",
          "状況": "審査中", "受取者名": TARO, "納税確認": False}  # fmt: skip

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=300), st.just(10**4000),
    st.sampled_from(("S1", "ready", "released", "yes", "\0", "2600000000000009", TARO, "継続検査")),
)  # fmt: skip
HOSTILE = st.dictionaries(st.sampled_from((*FIELDS, *ALIASES, "more")), VALUES, max_size=12)


class Sender:
    """The application system."""

    def __init__(self, at: House, client: FlaskClient) -> None:
        self.at, self.client = at, client

    def send(self, body: Any, secret: str = SECRET, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return self.client.post("/api/v1/filings", headers=headers, json=body, **more)

    def push(self, *filings: dict[str, Any]) -> dict[str, Any]:
        answer = self.send({"filings": list(filings)})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def stored(self) -> dict[str, Filing]:
        with self.at.sessions() as session:
            return {filing.number: filing for filing in session.scalars(select(Filing))}


@pytest.fixture
def sender(registry: Sessions) -> Iterator[Sender]:
    at = house(registry)
    keys = replace(at.installation.keys, push=SECRET.encode())
    installation = replace(at.installation, keys=keys)
    app = create_app(Rooms(installation, installation), Pinned("", ""), b"k" * 32)
    with app.test_client() as client:
        yield Sender(at, client)


def test_good_filings_go_in_and_bad_ones_are_told(sender: Sender) -> None:
    number = sender.at.filing(status=FilingStatus.HANDING)
    answer = sender.push(
        FIRST, SECOND, FIRST, {**FIRST, "number": "12", "office": "S9"}, {"number": 1},
        {**FIRST, "number": number, "status": "payment"},
        {**FIRST, "number": "2600000000000003", "status": "released"},
    )  # fmt: skip
    assert {name: answer[name] for name in ("new", "updated", "unchanged", "kept", "refused")} == {
        "new": 2, "updated": 0, "unchanged": 0, "kept": 1, "refused": 4,
    }  # fmt: skip
    assert [(one["filing"], one["field"]) for one in answer["problems"]] == [
        (3, "number"), (4, "number"), (4, "office"),
        (5, "procedure"), (5, "office"), (5, "status"), (7, "status"),
    ]  # fmt: skip
    stored = sender.stored()
    assert stored["2600000000000001"].status is FilingStatus.READY
    assert (stored["2600000000000002"].receiver_name, stored[number].status) == (
        TARO,
        FilingStatus.HANDING,
    )
    again = sender.push(FIRST, SECOND)
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 2)
    with sender.at.sessions() as session:
        bodies = session.scalars(select(JournalEntry.body).order_by(JournalEntry.seq)).all()
    assert [json.loads(body)["pushed"] for body in bodies] == [True, True]
    assert TARO not in "".join(bodies)


def test_a_password_is_hashed_and_never_comes_back(sender: Sender) -> None:
    answer = sender.send({"filings": [{**FIRST, "password": "mihon-shinsei"}]})
    assert "mihon-shinsei" not in answer.text
    stored = sender.stored()["2600000000000001"].password_hash
    assert stored is not None
    assert check_secret("mihon-shinsei", stored)
    many = [
        {**FIRST, "number": f"27{n:014d}", "password": "mihon"} for n in range(MOST_PASSWORDS + 1)
    ]
    refused = sender.send({"filings": many})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid-fields")
    assert len(sender.stored()) == 1


@pytest.mark.parametrize("secret", ["", "wrong", "S" * 40])
def test_nobody_else_pushes(sender: Sender, secret: str) -> None:
    answer = sender.send({"filings": [FIRST]}, secret)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sender-unknown")
    assert sender.stored() == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid-fields"),
        ({"filings": []}, "invalid-fields"),
        ({"filings": [FIRST] * (MOST + 1)}, "invalid-fields"),
        ({"filings": [{"number": [1]}]}, "invalid-fields"),
        ({"filings": [FIRST], "more": 1}, "invalid-fields"),
        ([], "invalid-fields"),
    ],
)
def test_a_push_out_of_form_is_a_problem(sender: Sender, body: Any, code: str) -> None:
    answer = sender.send(body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert sender.stored() == {}


def test_where_no_credential_is_kept_nobody_pushes(registry: Sessions) -> None:
    at = house(registry)
    rooms = Rooms(at.installation, at.installation)
    with create_app(rooms, Pinned("", ""), b"k" * 32).test_client() as client:
        answer = Sender(at, client).send({"filings": [FIRST]})
        described = client.get("/api/v1/openapi.json").get_json()
    assert answer.status_code == 401
    assert "/api/v1/filings" in described["paths"]


@given(filings=st.lists(HOSTILE.map(lambda values: FIRST | values), min_size=1, max_size=4))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_stands_in_the_fields_is_judged_and_nothing_breaks(
    sender: Sender, filings: list[dict[str, Any]]
) -> None:
    answer = sender.send({"filings": filings})
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    judged = ("new", "updated", "unchanged", "kept", "refused")
    assert sum(told[each] for each in judged) == len(filings)
