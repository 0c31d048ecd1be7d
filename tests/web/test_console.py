"""The supervisor's console: who may look, what the list shows, and that looking is noted."""

import re
import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from shared.db.session import Sessions, reading
from shared.db.tables import Filing, JournalEntry, Staff
from shared.domain import IdentityPaper, Purpose, Source
from tests.acting_world import console_app
from tests.builders import (
    CLERK,
    CONSOLE_PASSWORD,
    DESK,
    PIN,
    SUPERVISOR,
    TARO,
    House,
    house,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from tests.console_world import sign_in
from tests.tamper import tamper
from verifier.acts import (
    Confirming,
    Desk,
    Enrolling,
    GiveUpReason,
    Holding,
    HoldReason,
    Undoing,
)
from verifier.console.story import story_of


@pytest.fixture
def at(registry: Sessions) -> House:
    """A day at the counter: one hand-over with a hold, one wrong password, one foreign code."""
    built = house(registry)
    built.receiver()
    built.filing()
    built.filing()
    presented = built.counter.present(DESK, showing(text_of(receiver_sheet())))
    first, second = presented.basket.rows
    held = (Holding(second.filing_id, HoldReason.PAPER_MISSING),)
    asked = Confirming(
        presented.basket.hand_over_id,
        (first.filing_id,),
        held,
        None,
        str(uuid.uuid4()),
        **seen_to(presented.basket, (first.filing_id,)),
    )
    built.counter.confirm(DESK, asked)
    built.clock.move(days=1)
    wrong = receiver_sheet(password="chigau-himitsu", issued_at=built.clock.now)
    built.counter.present(DESK, showing(text_of(wrong)))
    built.counter.present(DESK, showing("2/2400110/MIHON 0001/123"))
    return built


@pytest.fixture
def client(at: House) -> FlaskClient:
    """A browser on the console, signed out."""
    return console_app(at).test_client()


def listed(client: FlaskClient, query: str = "") -> list[int]:
    """The numbers of the entries on the page, top to bottom."""
    page = client.get(f"/console/journal?{query}").get_data(as_text=True)
    return [int(seq) for seq in re.findall(r'href="/console/entries/(\d+)"', page)]


def test_nobody_looks_without_signing_in(client: FlaskClient):
    for path in ("/console/", "/console/journal", "/console/newer", "/console/entries/1"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.location == "/console/sign-in"


@pytest.mark.parametrize("number", ["2001", "3001", "4001"])
def test_supervisors_administrators_and_auditors_may_look(client: FlaskClient, number: str):
    assert sign_in(client, number).location == "/console/"
    assert client.get("/console/").status_code == 200


@pytest.mark.parametrize(
    ("number", "password"),
    [(CLERK, CONSOLE_PASSWORD), ("2001", "chigau-mono"), ("2001", PIN), ("9999", CONSOLE_PASSWORD)],
)
def test_every_failed_sign_in_says_the_same(client: FlaskClient, number: str, password: str):
    answer = sign_in(client, number, password)
    assert answer.status_code == 422
    said = "担当者番号、パスワード、確認コードのどれかが違うか、この画面を使う権限がありません。"
    assert said in answer.get_data(as_text=True)


def test_a_form_without_its_token_is_refused(client: FlaskClient):
    fields = {"number": SUPERVISOR, "password": CONSOLE_PASSWORD}
    assert client.post("/console/sign-in", data=fields).status_code == 400


def test_the_session_ends_after_twenty_idle_minutes_however_often_the_page_polls(client, at):
    sign_in(client)
    at.clock.move(minutes=19)
    assert client.get("/console/newer").status_code == 200
    at.clock.move(minutes=2)
    assert client.get("/console/").status_code == 303


def test_a_disabled_person_is_out_at_once(client, at):
    sign_in(client)
    with at.sessions.begin() as session:
        session.get_one(Staff, SUPERVISOR).disabled_at = at.clock.now
    assert client.get("/console/").status_code == 303


def test_the_list_is_newest_first_with_words_for_every_code(client):
    sign_in(client)
    seqs = listed(client)
    assert seqs == sorted(seqs, reverse=True)
    page = client.get("/console/journal").get_data(as_text=True)
    for said in (
        "NG-PW 受取者用パスワードが登録と一致しません",
        "NG-FORMAT このシステムの二次元コードではありません",
        "受け渡し 1件・保留 1件・戻し 0件",
        "受領書 W1-000002",
        TARO,
        "窓口1",
        "見本　一郎",
        "<span>2026-11-24</span> <span>09:05:00</span>",
    ):
        assert said in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("reason=NG-PW", [3]),
        ("outcome=refused", [4, 3]),
        ("outcome=accepted", [1]),
        ("act=confirmed", [2]),
        ("purpose=authentication", [3, 2, 1]),
        ("since=2026-11-24&act=presented", [4, 3]),
        ("until=2026-11-23&act=presented", [1]),
        ("kiosk=W2", []),
        ("staff=1001&outcome=refused", [4, 3]),
        ("act=presented&before=4", [3, 1]),
    ],
)
def test_filters_narrow_the_list(client, query, found):
    sign_in(client)
    assert listed(client, query) == found


def test_what_cannot_be_understood_is_said_and_narrows_nothing(client):
    sign_in(client)
    page = client.get("/console/journal?since=gestern&filing=1234-5&key=abc&act=' OR 1=1").get_data(
        as_text=True
    )
    assert "開始日は 2026-11-23 の形で入力してください。" in page
    assert "選択肢にない条件は使いませんでした。" in page
    assert len(re.findall(r'href="/console/entries/', page)) == 5


def test_newer_entries_are_counted(client, at):
    sign_in(client)
    newest = listed(client)[0]
    assert client.get(f"/console/newer?after={newest}").json == {"count": 0}
    at.counter.present(DESK, showing("12345"))
    assert client.get(f"/console/newer?after={newest}").json == {"count": 1}
    assert client.get(f"/console/newer?after={newest}&outcome=accepted").json == {"count": 0}


def test_an_entry_tells_its_story_and_looking_at_it_is_noted(client, at):
    sign_in(client)
    page = client.get("/console/entries/2").get_data(as_text=True)
    assert "改ざんなし" in page
    assert re.findall(r'href="/console/entries/(\d+)"', page) == ["1", "2"]
    with at.sessions() as session:
        last = session.scalars(select(JournalEntry).order_by(JournalEntry.seq.desc())).first()
    assert (last.act, last.body, last.staff_number) == ("looked", '{"entry":2}', SUPERVISOR)
    assert client.get("/console/entries/999").status_code == 404


def test_nothing_of_the_console_is_kept_by_a_browser(client):
    sign_in(client)
    for path in ("/console/", "/console/entries/1", "/console/sign-in"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_name_that_turns_into_markup_is_shown_as_text(client, at):
    name = "＜ｓｃｒｉｐｔ＞見本"
    at.receiver(name)
    at.counter.present(DESK, showing(text_of(receiver_sheet(Purpose.PASSWORD_CHANGE, name=name))))
    sign_in(client)
    page = client.get("/console/journal").get_data(as_text=True)
    assert name in page
    assert "<script>見本" not in page


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET body = '{}' WHERE seq = 3",
        "UPDATE journal SET act = 'judged' WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 4",
    ],
)
def test_an_entry_beside_which_something_was_changed_says_so(client, at, change):
    at.counter.present(DESK, showing("12345"))
    tamper(at.sessions, change)
    sign_in(client)
    page = client.get("/console/entries/3").get_data(as_text=True)
    assert "つながりが合いません" in page
    assert "改ざんなし" not in page


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET body = 'nonsense' WHERE seq = 3",
        "UPDATE journal SET body = '[1]' WHERE seq = 3",
        "UPDATE journal SET act = 'dismantled' WHERE seq = 3",
        """UPDATE journal SET body = '{"filing":"12","purpose":"x","reasons":["NG-NEW"]}'""",
        """UPDATE journal SET body = '{"released": 7,"receiver":[],"taken":[1]}' WHERE seq = 3""",
    ],
)
def test_a_list_with_an_unreadable_entry_is_still_shown(client, at, change):
    tamper(at.sessions, change)
    sign_in(client)
    assert client.get("/console/journal").status_code == 200
    assert client.get("/console/entries/3").status_code == 200


def numbers(page: str) -> list[str]:
    return re.findall(r'href="/console/entries/(\d+)"', page)


def test_a_story_goes_on_to_what_was_given_up_held_and_taken_back(client, at):
    held = at.counter.resume(DESK, showing(text_of(receiver_sheet())))
    at.clock.move(minutes=1)
    at.counter.give_up(DESK, held.basket.hand_over_id, GiveUpReason.CLERK)
    with at.sessions() as session:
        released = session.scalars(select(Filing.id).where(Filing.status == "released")).one()
    at.clock.move(minutes=1)
    undoing = Undoing(released, "別の車両の書類だった", "7" * 36)
    at.counter.undo(Desk("", SUPERVISOR), undoing)
    sign_in(client)
    with at.sessions() as session:
        seqs = {e.act: str(e.seq) for e in session.scalars(select(JournalEntry))}
    confirmed = client.get("/console/entries/2").get_data(as_text=True)
    assert numbers(confirmed) == ["1", "2", seqs["undone"]]
    given_up = client.get(f"/console/entries/{seqs['given_up']}").get_data(as_text=True)
    assert numbers(given_up)[-1] == seqs["given_up"]
    assert "担当者が中止" in given_up
    assert "別の車両の書類だった" in confirmed


def test_a_story_of_a_registration_goes_on_to_the_evidence(client, at):
    text_ = text_of(receiver_sheet(Purpose.REGISTRATION, name="見本　新人", issued_at=at.clock.now))
    shown = at.counter.present(DESK, showing(text_))
    at.clock.move(minutes=3)
    enrolling = Enrolling(
        shown.presentation_id, text_, Source.CAMERA, IdentityPaper.SCRIVENER_CARD, "8" * 36
    )
    at.counter.enrol(DESK, enrolling)
    sign_in(client)
    page = client.get("/console/entries/5").get_data(as_text=True)
    assert numbers(page) == ["5", "6"]
    assert "受取者登録" in page


def test_looking_keeps_no_window_waiting(client, at):
    """Reading an entry's story takes no write lock: a window writes while a page is made."""
    sign_in(client)
    with at.sessions.begin() as session:
        session.execute(text("UPDATE kiosks SET name = name"))
        with reading(at.sessions) as other:
            assert story_of(other, other.get_one(JournalEntry, 2)).entries[0].seq == 1
