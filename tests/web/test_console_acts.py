"""What supervisors do in the console: a release taken back, a locked window opened again."""

import re
import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Filing, JournalEntry, Kiosk
from shared.domain import FilingStatus
from tests.acting_world import console_app
from tests.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CONSOLE_PASSWORD,
    DESK,
    SUPERVISOR,
    WINDOW,
    House,
    house,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from verifier.acts import Confirming, Desk
from verifier.journal_check import check_registry

WHY = "別の車両の書類を渡したため"


@pytest.fixture
def at(registry: Sessions) -> House:
    """A counter with one filing."""
    built = house(registry)
    built.receiver()
    built.filing()
    return built


@pytest.fixture
def client(at: House) -> FlaskClient:
    """A browser on the console, signed out."""
    return console_app(at).test_client()


def hand_over(at: House, desk: Desk = DESK) -> int:
    """Release the filing; gives its id."""
    shown = at.counter.present(desk, showing(text_of(receiver_sheet())))
    (row,) = shown.basket.rows
    asked = Confirming(
        shown.basket.hand_over_id,
        (row.filing_id,),
        (),
        "見本　受取",
        str(uuid.uuid4()),
        **seen_to(shown.basket),
    )
    at.counter.confirm(desk, asked)
    return row.filing_id


def field(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def sign_in(client: FlaskClient, number: str = SUPERVISOR) -> None:
    page = client.get("/console/sign-in").get_data(as_text=True)
    fields = {
        "number": number,
        "password": CONSOLE_PASSWORD,
        "csrf_token": field(page, "csrf_token"),
    }
    assert client.post("/console/sign-in", data=fields).status_code == 303


def filled(client: FlaskClient, path: str, reason: str = WHY) -> dict[str, str]:
    """The form of a page, with a reason."""
    page = client.get(path).get_data(as_text=True)
    names = [name for name in ("csrf_token", "key") if f'name="{name}"' in page]
    return {name: field(page, name) for name in names} | {"reason": reason}


def status(at: House, filing_id: int) -> FilingStatus:
    with at.sessions() as session:
        return session.get_one(Filing, filing_id).status


def acts(at: House) -> list[str]:
    with at.sessions() as session:
        return list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))


def test_a_supervisor_takes_a_release_back_from_its_entry(client: FlaskClient, at: House) -> None:
    filing = hand_over(at)
    sign_in(client)
    path = f"/console/filings/{filing}/undo"
    entry = client.get("/console/entries/2").get_data(as_text=True)
    assert f'href="{path}"' in entry
    page = client.get(path).get_data(as_text=True)
    assert "見本　受取" in page
    assert "W1-000002" in page
    answer = client.post(path, data=filled(client, path))
    assert (answer.status_code, answer.location) == (303, "/console/journal?act=undone")
    listed = client.get(answer.location).get_data(as_text=True)
    assert "受け渡しを取り消しました" in listed
    assert WHY in listed
    assert status(at, filing) is FilingStatus.READY
    assert f'href="{path}"' not in client.get("/console/entries/2").get_data(as_text=True)
    assert check_registry(at.sessions).holds


def test_a_double_click_takes_back_once(client: FlaskClient, at: House) -> None:
    filing = hand_over(at)
    sign_in(client)
    path = f"/console/filings/{filing}/undo"
    form = filled(client, path)
    assert client.post(path, data=form).status_code == 303
    assert client.post(path, data=form).status_code == 303
    assert acts(at).count("undone") == 1


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "理由を入力してください"),
        ("　 ", "理由を入力してください"),
        ("あ" * 201, "200文字以内"),
    ],
)
def test_a_reason_is_asked_for(client: FlaskClient, at: House, reason: str, said: str) -> None:
    filing = hand_over(at)
    sign_in(client)
    path = f"/console/filings/{filing}/undo"
    answer = client.post(path, data=filled(client, path, reason))
    assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)
    assert status(at, filing) is FilingStatus.RELEASED


def test_nobody_takes_back_their_own_release(client: FlaskClient, at: House) -> None:
    filing = hand_over(at, Desk(WINDOW, SUPERVISOR))
    sign_in(client)
    path = f"/console/filings/{filing}/undo"
    answer = client.post(path, data=filled(client, path))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "ほかの責任者が取り消してください" in page
    assert field(page, "reason") == WHY
    assert status(at, filing) is FilingStatus.RELEASED


def test_an_auditor_reads_and_does_nothing(client: FlaskClient, at: House) -> None:
    filing = hand_over(at)
    with at.sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).locked_at = at.clock.now
    sign_in(client, AUDITOR)
    path = f"/console/filings/{filing}/undo"
    assert f'href="{path}"' not in client.get("/console/entries/2").get_data(as_text=True)
    assert client.get(path).status_code == 403
    page = client.get("/console/windows").get_data(as_text=True)
    assert "停止中" in page
    assert "停止を解除する" not in page
    form = {"csrf_token": field(page, "csrf_token"), "reason": WHY, "key": str(uuid.uuid4())}
    assert client.post(path, data=form).status_code == 403
    assert client.post(f"/console/windows/{WINDOW}/unlock", data=form).status_code == 403
    assert status(at, filing) is FilingStatus.RELEASED


def test_what_was_never_handed_over_cannot_be_taken_back(client: FlaskClient, at: House) -> None:
    sign_in(client)
    assert client.get("/console/filings/1/undo").status_code == 404
    assert client.get("/console/filings/99/undo").status_code == 404


def test_a_locked_window_judges_again_after_a_supervisor_looked(
    client: FlaskClient, at: House
) -> None:
    with at.sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).locked_at = at.clock.now
    sign_in(client, ADMINISTRATOR)
    path = f"/console/windows/{WINDOW}/unlock"
    form = filled(client, "/console/windows")
    refused = client.post(path, data=form | {"reason": ""})
    assert (refused.status_code, "理由を入力" in refused.get_data(as_text=True)) == (422, True)
    answer = client.post(path, data=form)
    assert (answer.status_code, answer.location) == (303, "/console/windows")
    assert "窓口の停止を解除しました" in client.get("/console/windows").get_data(as_text=True)
    assert not at.counter.kiosk_facts(WINDOW).locked
    assert acts(at)[-1] == "kiosk_unlocked"
    assert client.post("/console/windows/X/unlock", data=form).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/console/filings/1/undo"),
        ("POST", "/console/filings/1/undo"),
        ("GET", "/console/windows"),
        ("POST", "/console/windows/W1/unlock"),
    ],
)
def test_nobody_acts_without_signing_in(
    client: FlaskClient, at: House, method: str, path: str
) -> None:
    page = client.get("/console/sign-in").get_data(as_text=True)
    form = {"csrf_token": field(page, "csrf_token"), "reason": WHY} if method == "POST" else None
    answer = client.open(path, method=method, data=form)
    assert (answer.status_code, answer.location) == (303, "/console/sign-in")
    assert acts(at) == []
