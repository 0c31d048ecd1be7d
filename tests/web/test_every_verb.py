"""Every address of the registry's API, with every device, every role and from every office.

The verbs come from the application's own map; each must stand in the table below, so that nobody
adds one without saying who may use it. Orders are made from the API's own description.
"""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared.db.tables import Filing, HandOver, Hold, JournalEntry, Kiosk, Receiver, Staff
from shared.domain import FilingStatus, Role
from shared.passwords import hash_secret
from tests.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    DESK,
    HANAKO,
    KEYS,
    OSAKA_WINDOW,
    OTHER_WINDOW,
    PIN,
    SUPERVISOR,
    TARO,
    WINDOW,
    House,
    house,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from tests.registries import new_sqlite
from tests.served_registry import SECRET, give_credential
from tests.web.test_every_route import KIOSK
from verifier.acts import Confirming, Desk, Holding, HoldReason
from verifier.api.passes import staff_pass
from verifier.registry.journal import Act
from verifier.serving import Rooms, create_app
from verifier.verbs import BY_NAME, COMPARING, KEYED, READING, VERBS, Verb

NUMBERS = {
    Role.CLERK: CLERK,
    Role.SUPERVISOR: SUPERVISOR,
    Role.ADMINISTRATOR: ADMINISTRATOR,
    Role.AUDITOR: AUDITOR,
}
COUNTER = frozenset({Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR})
SUPERVISE = COUNTER - {Role.CLERK}
BY_STAFF = {
    "begin_rush": SUPERVISE,
    "call": COUNTER,
    "call_again": COUNTER,
    "change_password": COUNTER,
    "close_day": COUNTER,
    "confirm": COUNTER,
    "day": COUNTER,
    "decline": COUNTER,
    "differed": COUNTER,
    "end_rush": SUPERVISE,
    "enrol": COUNTER,
    "give_up": COUNTER,
    "hold": COUNTER,
    "holds": COUNTER,
    "lift": SUPERVISE,
    "pause": COUNTER,
    "present": COUNTER,
    "present_typed_key": COUNTER,
    "print_receipt": COUNTER,
    "put_back": COUNTER,
    "queue": COUNTER,
    "queue_up": COUNTER,
    "receipt": COUNTER,
    "receipts": COUNTER,
    "refuse_while_open": COUNTER,
    "reopen": COUNTER,
    "resume": COUNTER,
    "strike": COUNTER,
    "take_over": COUNTER,
    "take_up": COUNTER,
    "undo": SUPERVISE,
    "unfinished": COUNTER,
    "unlock": SUPERVISE,
}
BY_WINDOW = {"judge", "kiosk_facts", "registry_time", "report", "sign_in"}
SUPERVISING_EVERYWHERE = {"unlock", "undo", "lift"}
"""A supervisor's acts on the record name no office: the console shows every office too."""
OTHERS = {"devices", "trust", "plans", "plan_returns", "filings", "openapi", "nothing"}
"""A code of the console, a credential for three, the application system's secret, anybody."""


@dataclass
class Api:
    """A registry's application, and a device at three windows of two offices."""

    house: House
    app: Flask
    credentials: dict[str, str]

    def ask(self, verb: Verb, desk: Desk, order: Any = None, **headers: str) -> TestResponse:
        given = {
            "Authorization": f"Bearer {self.credentials[desk.kiosk]}",
            "Uketori-Staff": staff_pass(self.house.installation, desk),
            "Idempotency-Key": str(uuid.uuid4()),
        } | {name.replace("_", "-"): text for name, text in headers.items()}
        client, path = self.app.test_client(), f"/api/v1{verb.path}"
        order = an_order(verb) if order is None else order
        if verb.method == "GET":
            return client.get(path, query_string=order, headers=given)
        return client.post(path, json=order, headers=given)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    sessions = new_sqlite(tmp_path)
    at = house(sessions)
    at.receiver()
    app = create_app(Rooms(at.installation, at.installation), KEYS.pinned, SECRET)
    windows = (WINDOW, OTHER_WINDOW, OSAKA_WINDOW)
    yield Api(at, app, {code: give_credential(at, code) + code for code in windows})
    sessions.kw["bind"].dispose()


@pytest.fixture(autouse=True)
def own_credentials(api: Api) -> None:
    """One credential a window."""
    with api.house.sessions.begin() as session:
        for code, credential in api.credentials.items():
            digest = hashlib.sha256(credential.encode()).hexdigest()
            session.get_one(Kiosk, code).credential_digest = digest


def an_order(verb: Verb) -> dict[str, Any]:
    """The least that the verb's description takes."""
    schema = verb.order.model_json_schema()
    return least(schema, schema.get("$defs", {}))


def least(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return least(known[schema["$ref"].rsplit("/", 1)[1]], known)
    if "anyOf" in schema:
        return least(schema["anyOf"][-1], known)
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if schema["type"] == "object":
        properties = schema.get("properties", {})
        return {name: least(properties[name], known) for name in schema.get("required", ())}
    if schema.get("format") == "date-time":
        return "2026-11-23T00:05:00Z"
    plain = {"string": "1", "integer": 1, "number": 1.0, "boolean": True, "array": [], "null": None}
    return plain[schema["type"]]


def test_every_address_of_the_registry_has_its_people(api: Api) -> None:
    endpoints = {rule.endpoint for rule in api.app.url_map.iter_rules()}
    ours = {name.removeprefix("api.") for name in endpoints if name.startswith("api.")}
    assert ours == set(BY_STAFF) | BY_WINDOW | OTHERS
    assert {name for name in endpoints if not name.startswith("api.")} <= set(KIOSK)
    assert {verb.name for verb in VERBS if verb.by_staff} == set(BY_STAFF)
    assert set(BY_NAME) >= READING | KEYED | COMPARING, "a table of verbs names one that is none"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("window", [WINDOW, OSAKA_WINDOW])
def test_every_verb_lets_in_whom_it_should(api: Api, role: Role, window: str) -> None:
    wrong = []
    for name, roles in BY_STAFF.items():
        order = an_order(BY_NAME[name])
        if name == "unlock":
            order["kiosk"] = window  # of a window that is none nobody hears more
        answer = api.ask(BY_NAME[name], Desk(window, NUMBERS[role]), order)
        told = answer.get_json(silent=True)
        code = told.get("code") if isinstance(told, dict) else None
        assert code != "invalid-fields", (name, told)
        if (answer.status_code not in (401, 403)) is not (role in roles):
            wrong.append((name, answer.status_code, code))
        assert answer.status_code < 500, (name, code)
    assert wrong == [], "\n".join(map(str, wrong))


def test_no_verb_answers_a_device_or_a_person_that_does_not_count(api: Api) -> None:
    """No credential, an unknown one, one of a revoked window; no pass, one of another window."""
    installation = api.house.installation
    elsewhere = staff_pass(installation, Desk(OTHER_WINDOW, CLERK))
    with api.house.sessions.begin() as session:
        session.get_one(Kiosk, OSAKA_WINDOW).revoked_at = api.house.clock.now
    revoked = f"Bearer {api.credentials[OSAKA_WINDOW]}"
    for verb in VERBS:
        for authorization in ("", "Bearer unknown", revoked):
            answer = api.ask(verb, DESK, Authorization=authorization)
            assert answer.status_code == 401, (verb.name, authorization)
        for given in ("", "unknown", elsewhere) if verb.by_staff else ():
            assert api.ask(verb, DESK, Uketori_Staff=given).status_code == 401, verb.name


def test_a_pass_ends_with_a_new_pin_with_the_job_and_with_the_role(api: Api) -> None:
    given = staff_pass(api.house.installation, DESK)

    def statuses() -> set[int]:
        asked = (api.ask(BY_NAME[name], DESK, Uketori_Staff=given) for name in BY_STAFF)
        return {answer.status_code for answer in asked}

    def change(**fields: object) -> None:
        with api.house.sessions.begin() as session:
            for name, value in fields.items():
                setattr(session.get_one(Staff, CLERK), name, value)

    assert api.ask(BY_NAME["holds"], DESK, Uketori_Staff=given).status_code == 200
    change(role=Role.AUDITOR)
    assert statuses() == {403}
    change(role=Role.CLERK, disabled_at=api.house.clock.now)
    assert statuses() == {403}
    change(disabled_at=None, pin_hash=hash_secret("9174", 4))
    assert statuses() == {401}
    signed_in = api.ask(
        BY_NAME["sign_in"], DESK, {"number": CLERK, "pin": "9174", "idempotency_key": "a"}
    )
    fresh = signed_in.headers["Uketori-Staff"]
    assert api.ask(BY_NAME["holds"], DESK, Uketori_Staff=fresh).status_code == 200
    old = api.ask(BY_NAME["sign_in"], DESK, {"number": CLERK, "pin": PIN, "idempotency_key": "b"})
    assert "Uketori-Staff" not in old.headers


def test_another_office_sees_and_moves_nothing(api: Api) -> None:
    """Real ids of a basket, a hold and a receipt of the first office, from a window of another."""
    at = api.house
    at.receiver(HANAKO)
    for name in (TARO, TARO, HANAKO):
        at.filing(receiver_name=name, plate="見本 580 あ 00-77")
    first = at.counter.present(DESK, showing(text_of(receiver_sheet()))).basket
    assert first is not None
    released, held = (row.filing_id for row in first.rows)
    kept = (Holding(held, HoldReason.PAPER_MISSING),)
    key = str(uuid.uuid4())
    vouched = seen_to(first, (released,))
    at.counter.confirm(
        DESK, Confirming(first.hand_over_id, (released,), kept, None, key, **vouched)
    )
    [receipt] = at.counter.receipts(DESK)
    opened = at.counter.present(DESK, showing(text_of(receiver_sheet(name=HANAKO)))).basket
    assert opened is not None
    before = state_of(at)
    ids = {"hand_over_id": opened.hand_over_id, "number": receipt.number}
    for number in (CLERK, SUPERVISOR):
        for name in sorted(set(BY_STAFF) - SUPERVISING_EVERYWHERE):
            order = an_order(BY_NAME[name])
            order |= {field: ids[field] for field in order if field in ids}
            order |= {
                field: inner | {each: ids[each] for each in inner if each in ids}
                for field, inner in order.items()
                if isinstance(inner, dict)
            }
            answer = api.ask(BY_NAME[name], Desk(OSAKA_WINDOW, number), order)
            told = answer.get_data(as_text=True)
            for secret in (TARO, HANAKO, "00-77", opened.hand_over_id):
                assert secret not in told, name
            assert answer.status_code < 500, name
    assert state_of(at) == before


def test_a_supervisor_of_any_office_undoes_lifts_and_unlocks_and_the_journal_says_who(
    api: Api,
) -> None:
    """Staff belong to no office. A clerk of the same window moves nothing by any of the three."""
    at = api.house
    for _ in range(2):
        at.filing(receiver_name=TARO)
    basket = at.counter.present(DESK, showing(text_of(receiver_sheet()))).basket
    assert basket is not None
    released, held = (row.filing_id for row in basket.rows)
    kept = (Holding(held, HoldReason.PAPER_MISSING),)
    vouched = seen_to(basket, (released,))
    at.counter.confirm(
        DESK, Confirming(basket.hand_over_id, (released,), kept, None, "a", **vouched)
    )
    with at.sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).locked_at = at.clock.now
        [hold] = session.scalars(select(Hold.id))
    why = {"reason": "見本の理由"}
    orders: dict[str, dict[str, Any]] = {
        "undo": {"undoing": {"filing_id": released, "idempotency_key": "b", **why}},
        "lift": {"lifting": {"hold_id": hold, "idempotency_key": "c", **why}},
        "unlock": {"kiosk": WINDOW, **why},
    }
    assert set(orders) == SUPERVISING_EVERYWHERE
    before = state_of(at)
    for name, order in orders.items():
        refused = api.ask(BY_NAME[name], Desk(OSAKA_WINDOW, CLERK), order)
        assert refused.status_code == 403, (name, refused.text)
    assert state_of(at) == before
    for name, order in orders.items():
        taken = api.ask(BY_NAME[name], Desk(OSAKA_WINDOW, SUPERVISOR), order)
        assert taken.status_code < 300, (name, taken.text)
    with at.sessions() as session:
        assert session.get_one(Filing, released).status is FilingStatus.READY
        assert session.get_one(Hold, hold).lifted_at is not None
        assert session.get_one(Kiosk, WINDOW).locked_at is None
        last = select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(3)
        written = [(entry.act, entry.staff_number) for entry in session.scalars(last)]
    acts = (Act.KIOSK_UNLOCKED, Act.HOLD_LIFTED, Act.UNDONE)
    assert written == [(act, SUPERVISOR) for act in acts]


def state_of(at: House) -> list[object]:
    """Everything that moves when papers change hands."""
    with at.sessions() as session:
        filings = session.execute(select(Filing.id, Filing.status)).all()
        holds = session.execute(select(Hold.id, Hold.lifted_at)).all()
        baskets = session.execute(select(HandOver.id, HandOver.state, HandOver.kiosk_code)).all()
        receivers = session.execute(select(Receiver.id, Receiver.password_hash)).all()
    return [sorted(map(str, rows)) for rows in (filings, holds, baskets, receivers)]
