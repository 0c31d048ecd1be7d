"""One showing from reading to hand-over, and the supervisor's act on a hold."""

import re
import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Compared, Filing, Hold, JournalEntry
from shared.domain import Source
from tests.acting_world import console_app
from tests.builders import (
    AUDITOR,
    CLERK,
    DESK,
    SUPERVISOR,
    TARO,
    House,
    house,
    receiver_sheet,
    showing,
    text_of,
)
from tests.console_day import confirm, play
from tests.console_world import field, send, sign_in
from verifier.acts import Desk, GiveUpReason, IdempotencyMismatch, Lifting, NotHeld, NotPermitted
from verifier.desk_acts import Layout, Printing
from verifier.journal_check import check_registry
from verifier.registry import journal
from verifier.registry.journal import Act, Author

WHY = "納税証明書を確認できたため"


@pytest.fixture
def at(registry: Sessions) -> House:
    built = house(registry)
    play(built)
    return built


def browser(at: House, number: str = SUPERVISOR) -> FlaskClient:
    client = console_app(at).test_client()
    sign_in(client, number)
    return client


def words(page: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_showing_is_told_from_reading_to_hand_over(at: House) -> None:
    page = browser(at).get("/console/entries/3").get_data(as_text=True)
    said = words(page)
    assert page.index("09:05:00") < page.index("09:07:00")
    for sentence in (
        "2分0秒後",
        "受領書 W1-000004",
        "受け取った方 見本　使者",
        "自動車検査証、自動車検査証記録事項、検査標章",
        "保留を解除する",
        "受け渡しを取り消す",
        "パスワードが登録と一致する ○ はい",
        TARO,
    ):
        assert sentence in said


def test_everything_a_window_did_today_is_told_with_its_details(at: House) -> None:
    """By real acts: what the counter writes and what the console reads may not drift apart."""
    at.filing()
    basket = at.counter.present(DESK, showing(text_of(receiver_sheet()))).basket
    assert basket is not None
    at.counter.refuse_while_open(DESK, "12345", Source.CAMERA)
    at.counter.differed(DESK, basket.hand_over_id, Compared.SCANNED)
    at.counter.give_up(DESK, basket.hand_over_id, GiveUpReason.TIMEOUT)
    at.counter.print_receipt(DESK, Printing("W1-000004", Layout.A4, str(uuid.uuid4())))
    at.counter.pause(DESK)
    at.counter.reopen(DESK)
    at.counter.take_over(DESK)
    at.counter.close_day(DESK, str(uuid.uuid4()))
    client = browser(at)
    page = words(client.get("/console/journal").get_data(as_text=True))
    for sentence in (
        "前の受け渡しが終わっていないため、照合しなかった",
        "どの車両のものでもない書面だった（読み取って照合）",
        "戻し 1件",
        "理由：時間切れ",
        "1回目の印刷（A4）",
        "窓口を休止した",
        "窓口を再開した",
        "保留中の3件を引き継いだ",
        "保留 1・中止 1・事務所の保留中 3",
    ):
        assert sentence in page
    assert "記録の内容を読めません" not in page
    with at.sessions() as session:
        acts = {entry.act: entry.seq for entry in session.scalars(select(JournalEntry))}
    taken_over = client.get(f"/console/entries/{acts['took_over']}")
    assert "保留中の3件を引き継いだ" in taken_over.get_data(as_text=True)


def test_a_refusal_shows_each_answer_and_nothing_more(at: House) -> None:
    said = words(browser(at).get("/console/entries/5").get_data(as_text=True))
    assert "パスワードが登録と一致する × いいえ NG-PW" in said
    assert "発行元の署名が正しい ○ はい" in said
    assert "chigau" not in said


def test_other_showings_of_the_same_sheet_are_listed(at: House) -> None:
    text = text_of(receiver_sheet(issued_at=at.clock.now))
    at.counter.present(DESK, showing(text))
    at.clock.move(minutes=5)
    at.counter.present(DESK, showing(text))
    with at.sessions() as session:
        first, second = session.scalars(
            select(JournalEntry.seq).order_by(JournalEntry.seq.desc()).limit(2)
        ).all()[::-1]
    page = browser(at).get(f"/console/entries/{second}").get_data(as_text=True)
    others = page[page.index("同じ用紙のほかの提示") :]
    assert f'href="/console/entries/{first}"' in others
    assert f'href="/console/entries/{second}"' not in others


def test_what_was_taken_in_exchange_is_read_from_the_entry(at: House) -> None:
    with at.sessions.begin() as session:
        showing_id = session.scalar(select(JournalEntry.body).where(JournalEntry.seq == 3))
        presentation = re.search(r'"presentation":"([^"]+)"', showing_id)[1]
        taken = {"filing": "2600000000000002", "paper": "旧自動車検査証", "compared": "scanned"}
        body = {"presentation": presentation, "released": [], "held": [], "returned": 0}
        author = Author("W1", CLERK)
        journal.append(session, Act.CONFIRMED, author, body | {"taken": [taken]}, at.clock.now)
    said = words(browser(at).get("/console/entries/3").get_data(as_text=True))
    assert "2600 0000 0000 0002 　旧自動車検査証（読み取って照合）" in said


def hold_of(at: House) -> int:
    with at.sessions() as session:
        return session.scalars(select(Hold.id).order_by(Hold.id).limit(1)).one()


def test_a_supervisor_lifts_a_hold_and_the_sheet_releases_the_vehicle_again(at: House) -> None:
    client, hold = browser(at), hold_of(at)
    assert "納税証明書" in client.get("/console/holds").get_data(as_text=True)
    path = f"/console/holds/{hold}/lift"
    page = client.get(path).get_data(as_text=True)
    form = {"key": field(page, "key"), "reason": WHY}
    answer = send(client, path, form)
    assert (answer.status_code, answer.location) == (303, "/console/holds")
    assert send(client, path, form).status_code == 303  # a double click is one act
    assert "保留を解除しました" in client.get("/console/holds").get_data(as_text=True)
    with at.sessions() as session:
        lifted = session.get_one(Hold, hold)
        assert (lifted.lifted_by, lifted.lifted_at) == (SUPERVISOR, at.clock.now)
        entries = list(
            session.scalars(select(JournalEntry).where(JournalEntry.act == "hold_lifted"))
        )
        number = session.get_one(Filing, lifted.filing_id).number
    assert [WHY in entry.body and number in entry.body for entry in entries] == [True]
    shown = at.counter.present(DESK, showing(text_of(receiver_sheet(issued_at=at.clock.now))))
    assert [row.filing_id for row in shown.basket.rows] == [lifted.filing_id]
    confirm(at, shown.basket)
    assert check_registry(at.sessions).holds


@pytest.mark.parametrize("reason", ["", "　", "あ" * 201])
def test_lifting_needs_a_reason(at: House, reason: str) -> None:
    client, path = browser(at), f"/console/holds/{hold_of(at)}/lift"
    answer = send(client, path, {"key": str(uuid.uuid4()), "reason": reason})
    assert answer.status_code == 422
    assert "理由" in answer.get_data(as_text=True)
    with at.sessions() as session:
        assert session.get_one(Hold, hold_of(at)).lifted_at is None


def test_who_may_only_read_lifts_nothing(at: House) -> None:
    client, path = browser(at, AUDITOR), f"/console/holds/{hold_of(at)}/lift"
    page = client.get("/console/holds").get_data(as_text=True)
    assert "保留中の車両" in page
    assert "保留を解除する" not in page
    assert "操作" not in page
    assert "操作" not in client.get("/console/entries/3").get_data(as_text=True)
    assert client.get(path).status_code == 403
    form = {"key": str(uuid.uuid4()), "reason": WHY}
    assert send(client, path, form, form_on="/console/holds").status_code == 403
    for number in (CLERK, AUDITOR):
        with pytest.raises(NotPermitted):
            at.counter.lift(Desk("", number), Lifting(hold_of(at), WHY, str(uuid.uuid4())))


def test_a_hold_is_lifted_once(at: House) -> None:
    hold, desk = hold_of(at), Desk("", SUPERVISOR)
    key = str(uuid.uuid4())
    at.counter.lift(desk, Lifting(hold, WHY, key))
    with pytest.raises(NotHeld):
        at.counter.lift(desk, Lifting(hold, WHY, str(uuid.uuid4())))
    with pytest.raises(IdempotencyMismatch):
        at.counter.lift(desk, Lifting(hold, "別の理由", key))
    client = browser(at)
    path = f"/console/holds/{hold}/lift"
    answer = send(client, path, {"key": str(uuid.uuid4()), "reason": WHY})
    assert (answer.status_code, "すでに解除" in answer.get_data(as_text=True)) == (422, True)
    assert client.get("/console/holds/999/lift").status_code == 404
