"""`/api/v1` of a registry: what kiosks are told, and who is believed."""

import inspect
import json
import logging
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from shared.db.schema import upgrade
from shared.db.session import Hurry, open_registry
from shared.db.tables import JournalEntry, Kiosk, Receiver
from shared.names import compare_key
from shared.passwords import hash_tag, password_tag
from tests.builders import (
    CLERK,
    KEYS,
    OTHER_WINDOW,
    PASSWORD,
    PIN,
    TARO,
    WINDOW,
    House,
    house,
    receiver_sheet,
    text_of,
)
from tests.served_registry import SECRET, give_credential
from verifier import acts
from verifier.acts import Conflict, Desk, NotUnderstood
from verifier.api.crowding import Crowded, Crowding
from verifier.api.document import DOCUMENT
from verifier.api.passes import staff_pass
from verifier.api.problems import CONFLICTS, ERRORS, KINDS
from verifier.client import RemoteCounter
from verifier.counter import Counter
from verifier.serving import Rooms, create_app
from verifier.verbs import BY_NAME, VERBS

COUNTER = "/api/v1/counter"
SLOW = 14
"""A bcrypt cost: a second and more for one password."""
SIGN_IN = {"number": CLERK, "pin": PIN, "idempotency_key": "k"}


@dataclass
class Api:
    """A registry's application, and a device that asks it."""

    house: House
    app: Flask
    credential: str

    def ask(self, verb: str, body: Any = None, /, **headers: str) -> TestResponse:
        """POST what a clerk's window says, or GET without a body."""
        given = {
            "Authorization": f"Bearer {self.credential}",
            "Uketori-Staff": staff_pass(self.house.installation, Desk(WINDOW, CLERK)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        client, path = self.app.test_client(), f"{COUNTER}/{verb}"
        if body is None:
            return client.get(path, headers=given)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = given.pop("Content-Type", "application/json")
        return client.post(path, data=content, headers=given, content_type=kind)

    def present(self) -> Any:
        answer = self.ask("present", {"presenting": a_sheet()})
        assert answer.status_code == 200, answer.text
        return answer.json

    def acts(self) -> list[str]:
        with self.house.sessions() as session:
            return list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    upgrade(sessions)
    at = house(sessions)
    at.receiver()
    app = create_app(Rooms(at.installation, at.installation), KEYS.pinned, SECRET)
    yield Api(at, app, give_credential(at, WINDOW))
    sessions.kw["bind"].dispose()


def problem(answer: TestResponse) -> tuple[int, str]:
    """Its status and code; everything else that RFC 9457 asks for is there."""
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == answer.status_code
    assert answer.json["title"]
    assert answer.json["type"].endswith(f"#{answer.json['code']}")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["code"]


def test_every_verb_of_the_counter_is_there_and_asked_over_http_by_the_client() -> None:
    verbs = {n for n, _ in inspect.getmembers(Counter, inspect.isfunction) if n[0] != "_"}
    assert verbs == {verb.name for verb in VERBS}
    assert all(getattr(RemoteCounter, v) is not getattr(Counter, v) for v in verbs)


def test_every_conflict_has_a_code_of_its_own_by_which_the_client_knows_it_again() -> None:
    conflicts = {c for c in vars(acts).values() if inspect.isclass(c) and issubclass(c, Conflict)}
    told = conflicts - {Conflict, NotUnderstood}
    assert told <= set(CONFLICTS)
    assert all(ERRORS[CONFLICTS[c].code] is c for c in told)
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer unknown", "Basic dzE6dzE=", "Bearer ü"]
)
def test_a_device_without_a_credential_is_nobody(api: Api, authorization: str) -> None:
    answer = api.ask("kiosk-facts", Authorization=authorization)
    assert problem(answer) == (401, "device-unknown")
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")


def test_a_pass_counts_at_the_window_where_it_was_given(api: Api) -> None:
    house = api.house.installation
    elsewhere = staff_pass(house, Desk(OTHER_WINDOW, CLERK))
    for word in (elsewhere, "", "gAAAA", elsewhere[:-4]):
        assert problem(api.ask("holds", Uketori_Staff=word)) == (401, "not-signed-in")
    assert api.ask("holds").json == []


def test_the_office_is_the_registrys_word_and_no_field_of_a_request(api: Api) -> None:
    body = SIGN_IN | {"kiosk": OTHER_WINDOW}
    assert problem(api.ask("sign-in", body)) == (422, "invalid-fields")
    assert api.ask("kiosk-facts").json["kiosk"] == WINDOW


def test_a_sign_in_gives_a_pass_and_a_refused_one_none(api: Api) -> None:
    right = api.ask("sign-in", SIGN_IN)
    assert right.json == {"number": CLERK, "name": "見本　一郎", "role": "clerk"}
    assert api.ask("holds", Uketori_Staff=right.headers["Uketori-Staff"]).status_code == 200
    wrong = api.ask("sign-in", SIGN_IN | {"pin": "0000", "idempotency_key": "j"})
    assert wrong.json == {}
    assert "Uketori-Staff" not in wrong.headers


def test_a_window_of_an_earlier_version_signs_in_without_a_key_and_each_try_counts(
    api: Api,
) -> None:
    told = {"number": CLERK, "pin": PIN}
    right = api.ask("sign-in", told)
    assert (right.status_code, right.json["number"]) == (200, CLERK)
    answers = [api.ask("sign-in", told | {"pin": "0000"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    locked_out = api.ask("sign-in", told)
    assert (locked_out.status_code, locked_out.json) == (200, answers[0].json)
    assert api.acts() == ["signed_in", *["sign_in_refused"] * 6]


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("pause", b"{", (400, "invalid-json")),
        ("pause", {"more": 1}, (422, "invalid-fields")),
        ("sign-in", SIGN_IN | {"number": "a\0b"}, (422, "invalid-fields")),
        ("sign-in", {"number": CLERK}, (422, "invalid-fields")),
        ("sign-in", SIGN_IN | {"number": 1001}, (422, "invalid-fields")),
        ("give-up", {"hand_over_id": "x" * 37, "reason": "clerk"}, (422, "invalid-fields")),
        ("give-up", {"hand_over_id": "x", "reason": "clerk"}, (409, "hand-over-closed")),
        ("unlock", {"kiosk": WINDOW, "reason": "x"}, (403, "not-permitted")),
        ("nothing", {}, (404, "not-found")),
        ("holds", {}, (405, "method-not-allowed")),
        ("pause", b"x" * 70_000, (413, "too-large")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_a_stable_code(
    api: Api, verb: str, body: Any, code: tuple[int, str]
) -> None:
    answer = api.ask(verb, body, Idempotency_Key="a-key", Content_Type="application/json")
    assert problem(answer) == code
    assert api.acts() == []


def test_a_body_that_is_not_called_json_is_not_read(api: Api) -> None:
    answer = api.ask("pause", {}, Idempotency_Key="a-key", Content_Type="text/plain")
    assert problem(answer) == (415, "unsupported-media-type")


def test_an_act_without_a_key_of_its_own_is_done_once_a_header_key(api: Api) -> None:
    assert api.ask("pause", {}, Idempotency_Key="k1").status_code == 204
    assert api.ask("pause", {}, Idempotency_Key="k1").status_code == 204
    assert api.ask("reopen", {}, Idempotency_Key="k2").status_code == 204
    assert api.ask("pause", {}, Idempotency_Key="k1").status_code == 204, "already answered"
    assert api.acts() == ["paused", "reopened"]
    reused = api.ask("reopen", {}, Idempotency_Key="k1")
    assert problem(reused) == (422, "idempotency-key-reused")
    assert problem(api.ask("pause", {})) == (400, "bad-request")


def test_giving_up_twice_with_one_key_is_giving_up_once(api: Api) -> None:
    api.house.filing()
    opened = api.present()["basket"]
    body = {"hand_over_id": opened["hand_over_id"], "reason": "clerk"}
    for _ in range(2):
        assert api.ask("give-up", body, Idempotency_Key="k").status_code == 204
    assert problem(api.ask("give-up", body, Idempotency_Key="j")) == (409, "hand-over-closed")
    assert api.acts() == ["presented", "given_up"]


def test_a_hold_again_gives_the_basket_that_is_left(api: Api) -> None:
    api.house.filing()
    api.house.filing()
    opened = api.present()["basket"]
    holding = {"filing_id": opened["rows"][0]["filing_id"], "reason": "not_found"}
    body = {"hand_over_id": opened["hand_over_id"], "holding": holding}
    first, second = (api.ask("hold", body, Idempotency_Key="k") for _ in range(2))
    assert first.json == second.json
    assert len(first.json["rows"]) == 1
    assert api.acts() == ["presented", "held"]


def test_a_refusal_is_an_answer_with_its_reasons(api: Api) -> None:
    answer = api.present()
    assert answer["verdict"] == {"reasons": ["WARN-EMPTY"]}
    assert answer["claim"]["receiver_name"] == "見本行政書士事務所　試験　太郎（００００００１１）"


def test_a_database_that_is_away_is_told_as_such_and_nothing_of_it_leaks(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT secret", {"pin": PASSWORD}, Exception("gone"))

    api.app.view_functions["api.kiosk_facts"] = away
    with caplog.at_level(logging.ERROR):
        answer = api.ask("kiosk-facts")
    assert problem(answer) == (503, "registry-away")
    assert answer.headers["Retry-After"] == "1"
    assert PASSWORD not in caplog.text + answer.text


def test_a_full_pool_is_told_as_busy(api: Api, tmp_path: Path) -> None:
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}", Hurry(1, for_connection=0.1))
    try:
        rooms = Rooms(*(2 * [house_with(api.house, sessions)]))
        app = create_app(rooms, KEYS.pinned, SECRET)
        crowded = Api(api.house, app, api.credential)
        assert crowded.ask("kiosk-facts").status_code == 200
        with sessions.kw["bind"].connect():
            full = crowded.ask("kiosk-facts")
            assert app.test_client().get("/readyz").status_code == 503
            assert app.test_client().get("/healthz").status_code == 200
        assert problem(full) == (503, "busy")
        assert app.test_client().get("/readyz").status_code == 200
    finally:
        sessions.kw["bind"].dispose()


def test_many_passwords_at_once_keep_no_quick_request_waiting(api: Api) -> None:
    """All but two threads compare passwords: who shows another sheet comes again, others do not."""
    threads = 4
    rooms = Rooms(api.house.installation, api.house.installation, threads)
    crowded = Api(api.house, create_app(rooms, KEYS.pinned, SECRET), api.credential)
    api.house.filing()
    with api.house.sessions.begin() as session:
        dear = hash_tag(password_tag(compare_key(TARO), "betsu-no-himitsu"), SLOW)
        session.scalars(select(Receiver)).one().password_hash = dear
    with ThreadPoolExecutor(threads) as pool:
        sheets = [a_sheet() for _ in range(threads)]
        shown = [pool.submit(crowded.ask, "present", {"presenting": sheet}) for sheet in sheets]
        looks = [problem_or_ok(crowded.ask("kiosk-facts")) for _ in range(5)]
        answers = [one.result() for one in shown]
    assert looks == [(200, "")] * 5
    told = [problem_or_ok(answer) for answer in answers]
    assert told.count((503, "busy")) == 2
    assert all(a.headers["Retry-After"] == "1" for a in answers if a.status_code == 503)
    assert told.count((200, "")) == 2, "a wrong password is an answer"


def test_a_place_is_for_comparing_a_password_and_is_free_again_after_it() -> None:
    crowding = Crowding(threads=4)
    present, look = BY_NAME["present"], BY_NAME["kiosk_facts"]
    with crowding.place_for(present), crowding.place_for(BY_NAME["sign_in"]):
        with pytest.raises(Crowded), crowding.place_for(present):
            pytest.fail("there is no third place")
        with crowding.place_for(look), crowding.place_for(look):
            pass
    with crowding.place_for(present), crowding.place_for(present):
        pass


def a_sheet() -> dict[str, str]:
    return {"id": str(uuid.uuid4()), "text": text_of(receiver_sheet()), "source": "camera"}


def problem_or_ok(answer: TestResponse) -> tuple[int, str]:
    return (200, "") if answer.status_code == 200 else problem(answer)


def house_with(at: House, sessions: Any) -> Any:
    return replace(at.installation, sessions=sessions)


def test_a_locked_database_is_not_waited_for_longer_than_a_window_waits(
    api: Api, tmp_path: Path
) -> None:
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}", Hurry(2, for_lock=0.1))
    try:
        installation = house_with(api.house, sessions)
        app = create_app(Rooms(installation, installation), KEYS.pinned, SECRET)
        slow = Api(api.house, app, api.credential)
        with api.house.sessions.begin() as session:
            session.get_one(Kiosk, WINDOW).faults = "ERR-X"
            session.flush()
            answer = slow.ask("pause", {}, Idempotency_Key="k")
        assert problem(answer) == (503, "registry-away")
        assert slow.ask("pause", {}, Idempotency_Key="k").status_code == 204
    finally:
        sessions.kw["bind"].dispose()


def test_monitoring_and_the_console_are_served_beside_it(api: Api) -> None:
    client = api.app.test_client()
    assert "uketori_journal_entries" in client.get("/metrics").text
    assert client.get("/console/").status_code == 303
    assert client.get("/console/sign-in").status_code == 200


def test_the_document_offers_what_the_application_has(api: Api) -> None:
    served = api.app.test_client().get("/api/v1/openapi.json").json
    assert served == json.loads(json.dumps(DOCUMENT))
    assert served["openapi"] == "3.1.0"
    routes = {
        rule.rule
        for rule in api.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.nothing"
    }
    assert routes == set(served["paths"])
