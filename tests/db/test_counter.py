"""The verbs of the counter on both databases, from the first registration to the last release."""

import hashlib
import json
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import IdempotencyKey, JournalEntry, Kiosk, Receiver, Staff, WrongTag
from shared.domain import FilingStatus, IdentityPaper, Purpose, Source
from shared.search_key import printed
from tests.builders import (
    CLERK,
    DESK,
    NEW_CAR,
    OSAKA,
    OSAKA_WINDOW,
    OTHER_DESK,
    PASSWORD,
    PIN,
    SUPERVISOR,
    TARO,
    WINDOW,
    House,
    filing_sheet,
    house,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from tests.registry_process import at_once
from verifier.acts import (
    Confirming,
    DeclineReason,
    Desk,
    Enrolled,
    Enrolling,
    GiveUpReason,
    HandOverClosed,
    HandOverOpen,
    Holding,
    HoldReason,
    IdempotencyMismatch,
    NoSuchPresentation,
    NothingReleased,
    NotInBasket,
    NotPermitted,
    NotReleased,
    Presented,
    Presenting,
    SheetInHand,
    SignedIn,
    SignInRefused,
    TypedReason,
    TypingKey,
    Undoing,
)
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted, Refused
from verifier.registry.journal import GENESIS, hash_of, link_of

Asked = Callable[[House], House]


@pytest.fixture
def at(registry: Sessions, asked: Asked) -> House:
    """A furnished registry with one registered receiver."""
    built = house(registry)
    built.receiver()
    return asked(built)


def present(at: House, text: str, desk: Desk = DESK) -> Presented:
    return at.counter.present(desk, showing(text))


def sign_in(at: House, number: str, pin: str, key: str | None = None) -> SignedIn | SignInRefused:
    return at.counter.sign_in(WINDOW, number, pin, key or str(uuid.uuid4()))


def confirming(presented: Presented, ticked: int = 99, **fields: object) -> Confirming:
    """Tick the first rows of the basket a presentation opened."""
    assert presented.basket is not None
    rows = presented.basket.rows
    values = {
        "hand_over_id": presented.basket.hand_over_id,
        "released": tuple(row.filing_id for row in rows[:ticked]),
        "held": (),
        "collector": "見本　使者",
        "idempotency_key": str(uuid.uuid4()),
    }
    values |= seen_to(presented.basket, fields.get("released", values["released"]))  # type: ignore[arg-type]
    return Confirming(**values | fields)  # type: ignore[arg-type]


def reason_of(presented: Presented) -> Reason:
    assert isinstance(presented.verdict, Refused)
    return presented.verdict.reason


def acts(at: House) -> list[str]:
    with at.sessions() as session:
        return list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))


def enrolling(presented: Presented, text: str, **fields: object) -> Enrolling:
    values = {
        "presentation_id": presented.presentation_id,
        "text": text,
        "source": Source.CAMERA,
        "paper": IdentityPaper.SCRIVENER_CARD,
        "idempotency_key": str(uuid.uuid4()),
    }
    return Enrolling(**values | fields)  # type: ignore[arg-type]


def test_a_basket_holds_this_receivers_ready_filings_of_one_procedure_and_office(at):
    mine = {at.filing(), at.filing()}
    at.filing(procedure_code=NEW_CAR)
    at.filing(office_code=OSAKA)
    at.filing(receiver_name="見本　別人（００００００２２）")
    at.filing(status=FilingStatus.EXAMINING)
    presented = present(at, text_of(receiver_sheet()))
    assert presented.verdict == Accepted()
    assert presented.basket is not None
    assert {row.number.replace(" ", "") for row in presented.basket.rows} == mine
    assert presented.facts.other_procedures == (("新車（新規検査・地方税申告）", 1),)
    assert presented.facts.other_offices == (("見本第二事務所", 1),)
    assert presented.facts.waiting == 1


def test_confirming_releases_the_ticked_holds_the_held_and_returns_the_rest(at):
    numbers = [at.filing(), at.filing(), at.filing()]
    presented = present(at, text_of(receiver_sheet()))
    ids = [row.filing_id for row in presented.basket.rows]
    asked = confirming(
        presented, 1, held=(Holding(ids[1], HoldReason.PAPER_MISSING, "納税証明書"),)
    )
    receipt = at.counter.confirm(DESK, asked)
    assert (receipt.released, receipt.held, receipt.returned) == (1, 1, 1)
    assert [at.status_of(n) for n in numbers] == [
        FilingStatus.RELEASED,
        FilingStatus.READY,
        FilingStatus.READY,
    ]
    with at.sessions() as session:
        head = session.scalars(select(JournalEntry).order_by(JournalEntry.seq.desc())).first()
    assert head is not None
    assert receipt.journal_head == head.hash[:12]
    assert receipt.number == f"{WINDOW}-{head.kiosk_seq:06d}"


def test_the_same_confirmation_twice_is_one_release_and_one_receipt(at):
    at.filing()
    asked = confirming(present(at, text_of(receiver_sheet())))
    first = at.counter.confirm(DESK, asked)
    assert at.counter.confirm(DESK, asked) == first
    assert acts(at).count("confirmed") == 1


def test_an_idempotency_key_does_not_serve_another_request(at):
    at.filing()
    presented = present(at, text_of(receiver_sheet()))
    asked = confirming(presented)
    at.counter.confirm(DESK, asked)
    other = confirming(presented, idempotency_key=asked.idempotency_key, collector="別人")
    with pytest.raises(IdempotencyMismatch):
        at.counter.confirm(DESK, other)


def test_the_same_sheet_again_says_already_handed_over_when_where_and_to_whom(at):
    at.filing()
    text = text_of(receiver_sheet())
    at.counter.confirm(DESK, confirming(present(at, text)))
    at.clock.move(minutes=12)
    again = present(at, text)
    assert reason_of(again) is Reason.ALREADY_RELEASED
    assert again.facts.released.collector == "見本　使者"
    assert again.facts.released.kiosk == "窓口1"
    assert again.facts.read_before.at < again.at


def test_a_held_vehicle_comes_out_with_the_same_sheet_when_the_clerk_takes_it_up(at):
    number = at.filing()
    text = text_of(receiver_sheet())
    presented = present(at, text)
    holding = Holding(presented.basket.rows[0].filing_id, HoldReason.PAPER_MISSING, None)
    left = at.counter.hold(DESK, presented.basket.hand_over_id, holding)
    assert left.rows == ()
    refused = present(at, text)
    assert reason_of(refused) is Reason.ON_HOLD
    assert refused.facts.held == 1
    resumed = at.counter.resume(DESK, showing(text))
    assert resumed.basket.rows[0].hold.reason == HoldReason.PAPER_MISSING
    at.counter.confirm(DESK, confirming(resumed))
    assert at.status_of(number) is FilingStatus.RELEASED
    assert at.counter.kiosk_facts(WINDOW).held == 0


def test_giving_up_returns_everything_and_the_kiosk_is_free(at):
    number = at.filing()
    text = text_of(receiver_sheet())
    presented = present(at, text)
    assert at.status_of(number) is FilingStatus.HANDING
    with pytest.raises(HandOverOpen):
        present(at, text)
    with pytest.raises(SheetInHand):
        at.counter.refuse_while_open(DESK, text, Source.CAMERA)
    at.counter.refuse_while_open(
        DESK, text_of(receiver_sheet(password="another-one")), Source.CAMERA
    )
    at.counter.give_up(DESK, presented.basket.hand_over_id, GiveUpReason.CLERK)
    assert at.status_of(number) is FilingStatus.READY
    with pytest.raises(HandOverClosed):
        at.counter.confirm(DESK, confirming(presented))
    assert isinstance(present(at, text).verdict, Accepted)
    assert acts(at) == ["presented", "busy", "given_up", "presented"]


def test_what_was_left_in_hand_is_found_again_after_a_power_cut(at):
    at.filing()
    assert at.counter.unfinished(DESK) is None
    presented = present(at, text_of(receiver_sheet()))
    assert at.counter.unfinished(DESK) == presented.basket


def test_another_window_is_told_who_has_the_papers_in_hand(at):
    at.filing()
    text = text_of(receiver_sheet())
    present(at, text)
    refused = present(at, text, OTHER_DESK)
    assert reason_of(refused) is Reason.BEING_HANDED_OVER
    assert refused.facts.being_handed.kiosk == "窓口1"


def test_the_same_showing_twice_is_answered_once(at):
    at.filing()
    shown = showing(text_of(receiver_sheet()))
    first = at.counter.present(DESK, shown)
    second = at.counter.present(DESK, shown)
    assert second.basket == first.basket
    assert acts(at) == ["presented"]
    with pytest.raises(IdempotencyMismatch):
        at.counter.present(DESK, Presenting(shown.id, text_of(receiver_sheet()), Source.CAMERA))


def test_ticks_outside_the_basket_change_nothing(at):
    number = at.filing()
    presented = present(at, text_of(receiver_sheet()))
    with pytest.raises(NotInBasket):
        at.counter.confirm(DESK, confirming(presented, released=(9999,)))
    with pytest.raises(NothingReleased):
        at.counter.confirm(DESK, confirming(presented, 0))
    with pytest.raises(HandOverClosed):
        at.counter.confirm(OTHER_DESK, confirming(presented))
    assert at.status_of(number) is FilingStatus.HANDING


def test_a_registration_sheet_registers_once_and_then_its_receiver_collects(at):
    name = "見本運輸団体　新規　受取"
    sheet = receiver_sheet(Purpose.REGISTRATION, name=name, valid_days=90)
    text = text_of(sheet)
    presented = present(at, text)
    assert isinstance(presented.verdict, Accepted)
    assert presented.basket is None
    enrolled = at.counter.enrol(DESK, enrolling(presented, text))
    assert isinstance(enrolled, Enrolled)
    assert reason_of(present(at, text)) is Reason.ALREADY_REGISTERED
    at.filing(receiver_name=name)
    assert present(at, text_of(receiver_sheet(name=name))).basket is not None


def test_the_same_enrolment_twice_is_one_and_a_late_rival_is_refused(at):
    name = "見本運輸団体　新規　受取"
    text = text_of(receiver_sheet(Purpose.REGISTRATION, name=name, valid_days=90))
    rival = text_of(receiver_sheet(Purpose.REGISTRATION, name=name, password="another-one"))
    first, second = present(at, text), present(at, rival, OTHER_DESK)
    asked = enrolling(first, text)
    assert at.counter.enrol(DESK, asked) == at.counter.enrol(DESK, asked)
    late = at.counter.enrol(OTHER_DESK, enrolling(second, rival))
    assert isinstance(late, Presented)
    assert reason_of(late) is Reason.ALREADY_REGISTERED


def test_only_the_sheet_that_was_shown_here_can_be_enrolled(at):
    name = "見本運輸団体　新規　受取"
    text = text_of(receiver_sheet(Purpose.REGISTRATION, name=name))
    other = text_of(receiver_sheet(Purpose.REGISTRATION, name=name))
    presented = present(at, text)
    for desk, shown in ((DESK, other), (OTHER_DESK, text)):
        with pytest.raises(NoSuchPresentation):
            at.counter.enrol(desk, enrolling(presented, shown))
    with pytest.raises(NoSuchPresentation):
        at.counter.change_password(DESK, enrolling(presented, text))
    at.clock.move(minutes=61)
    with pytest.raises(NoSuchPresentation):
        at.counter.enrol(DESK, enrolling(presented, text))


def test_a_changed_password_refuses_old_sheets_as_printed_before_the_change(at):
    at.filing()
    old = text_of(receiver_sheet())
    change = text_of(receiver_sheet(Purpose.PASSWORD_CHANGE, password="mihon-no-atarashii"))
    presented = present(at, change)
    assert isinstance(at.counter.change_password(DESK, enrolling(presented, change)), Enrolled)
    assert reason_of(present(at, old)) is Reason.FORMER_PASSWORD
    assert reason_of(present(at, change)) is Reason.OLDER_THAN_CREDENTIAL
    new = text_of(receiver_sheet(password="mihon-no-atarashii"))
    assert isinstance(present(at, new).verdict, Accepted)


def test_a_password_of_the_last_three_cannot_be_set_again(at):
    for step, password in enumerate(("daiichi-no-himitsu", "daini-no-himitsu"), start=1):
        issued = at.clock.now.replace(microsecond=0)
        change = text_of(
            receiver_sheet(Purpose.PASSWORD_CHANGE, password=password, issued_at=issued)
        )
        at.counter.change_password(DESK, enrolling(present(at, change), change))
        at.clock.move(minutes=step)
    back = receiver_sheet(Purpose.PASSWORD_CHANGE, password=PASSWORD, issued_at=at.clock.now)
    assert reason_of(present(at, text_of(back))) is Reason.REUSED_PASSWORD


def test_declined_evidence_changes_nothing_and_is_written_down(at):
    name = "見本運輸団体　新規　受取"
    presented = present(at, text_of(receiver_sheet(Purpose.REGISTRATION, name=name)))
    at.counter.decline(DESK, presented.presentation_id, DeclineReason.NAME_DIFFERS)
    assert acts(at) == ["presented", "declined"]
    with at.sessions() as session:
        assert len(session.scalars(select(Receiver)).all()) == 1


def test_an_individual_sheet_releases_its_filing_and_only_the_latest_one_counts(at):
    number = at.filing(receiver_name=None)
    older, latest = filing_sheet(number), filing_sheet(number)
    at.individual(number, latest)
    assert reason_of(present(at, text_of(older))) is Reason.SUPERSEDED
    presented = present(at, text_of(latest))
    assert [row.number.replace(" ", "") for row in presented.basket.rows] == [number]
    at.counter.confirm(DESK, confirming(presented))
    assert reason_of(present(at, text_of(latest))) is Reason.ALREADY_RELEASED


def test_a_switched_filing_does_not_come_out_with_the_authentication_sheet(at):
    number = at.filing()
    at.individual(number, filing_sheet(number))
    refused = present(at, text_of(receiver_sheet()))
    assert reason_of(refused) is Reason.INDIVIDUAL_ONLY
    assert refused.facts.individual == 1


def test_another_office_is_named(at):
    at.filing(office_code=OSAKA)
    refused = present(at, text_of(receiver_sheet()))
    assert reason_of(refused) is Reason.OTHER_OFFICE
    there = Desk(OSAKA_WINDOW, CLERK)
    assert isinstance(present(at, text_of(receiver_sheet()), there).verdict, Accepted)


def test_a_wrong_password_counts_once_however_often_the_sheet_is_shown(at):
    at.filing()
    wrong = text_of(receiver_sheet(password="chigau-himitsu"))
    for _ in range(3):
        assert reason_of(present(at, wrong)) is Reason.WRONG_PASSWORD
    with at.sessions() as session:
        assert len(session.scalars(select(WrongTag)).all()) == 1
    for n in range(4):
        present(at, text_of(receiver_sheet(password=f"chigau-himitsu{n}")))
    accepted = present(at, text_of(receiver_sheet()))
    assert accepted.verdict == Accepted((Notice.STEP_UP,))


def test_a_near_miss_is_explained_to_staff_letter_by_letter(at):
    refused = present(at, text_of(receiver_sheet(name=TARO.replace("太", "大"))))
    assert reason_of(refused) is Reason.NOT_REGISTERED
    (near,) = refused.facts.near_misses
    assert near.name == TARO
    assert ("replaced", "大", "太") in near.differences


def test_a_typed_key_goes_through_the_same_checks(at):
    at.filing()
    sheet = receiver_sheet()
    at.issued(sheet)
    typing = TypingKey(str(uuid.uuid4()), printed(sheet.search_key), TypedReason.DIRTY_SHEET)
    presented = at.counter.present_typed_key(DESK, typing)
    assert isinstance(presented.verdict, Accepted)
    at.counter.give_up(DESK, presented.basket.hand_over_id, GiveUpReason.CLERK)
    again = present(at, text_of(sheet))
    assert again.verdict == Accepted((Notice.READ_BEFORE,))


def test_five_wrong_keys_in_ten_minutes_lock_typing_for_a_while(at):
    sheet = receiver_sheet()
    at.issued(sheet)
    at.filing()

    def typed(key: str) -> Presented:
        typing = TypingKey(str(uuid.uuid4()), key, TypedReason.OTHER)
        return at.counter.present_typed_key(DESK, typing)

    for _ in range(5):
        assert reason_of(typed("2000 0000 0000 0000")) is Reason.UNKNOWN_SEARCH_KEY
    assert reason_of(typed(printed(sheet.search_key))) is Reason.TYPING_LOCKED
    at.clock.move(minutes=11)
    assert isinstance(typed(printed(sheet.search_key)).verdict, Accepted)


def test_three_forged_sheets_lock_the_kiosk_until_a_supervisor_has_looked(at):
    at.filing()
    for n in range(3):
        text = text_of(receiver_sheet())
        forged = text[:200] + str((int(text[200]) + 1) % 10) + text[201:-2]
        forged += f"{98 - int(forged) * 100 % 97:02d}"
        assert reason_of(present(at, forged)) is Reason.FORGED, n
    assert reason_of(present(at, text_of(receiver_sheet()))) is Reason.KIOSK_LOCKED
    with pytest.raises(NotPermitted):
        at.counter.unlock(DESK, WINDOW, "見た")
    at.counter.unlock(Desk(WINDOW, SUPERVISOR), WINDOW, "用紙を確認した")
    assert isinstance(present(at, text_of(receiver_sheet())).verdict, Accepted)
    with at.sessions() as session:
        assert session.get_one(Kiosk, WINDOW).locked_at is None


def test_a_supervisor_takes_a_release_back_but_never_their_own(at):
    number = at.filing()
    presented = present(at, text_of(receiver_sheet()))
    filing_id = presented.basket.rows[0].filing_id
    at.counter.confirm(DESK, confirming(presented))
    undoing = Undoing(filing_id, "別の車両の書面だった", str(uuid.uuid4()))
    with pytest.raises(NotPermitted):
        at.counter.undo(DESK, undoing)
    supervisor = Desk(WINDOW, SUPERVISOR)
    at.counter.undo(supervisor, undoing)
    at.counter.undo(supervisor, undoing)
    assert at.status_of(number) is FilingStatus.READY
    assert acts(at).count("undone") == 1
    with pytest.raises(NotReleased):
        at.counter.undo(supervisor, Undoing(filing_id, "もう一度", str(uuid.uuid4())))
    own = at.counter.present(supervisor, showing(text_of(receiver_sheet())))
    at.counter.confirm(supervisor, confirming(own))
    with pytest.raises(NotPermitted):
        at.counter.undo(supervisor, Undoing(filing_id, "自分の", str(uuid.uuid4())))
    assert at.status_of(number) is FilingStatus.RELEASED


def test_signing_in_locks_after_five_wrong_pins_and_opens_after_a_quarter_of_an_hour(at):
    assert isinstance(sign_in(at, CLERK, PIN), SignedIn)
    for _ in range(5):
        assert sign_in(at, CLERK, "0000") == SignInRefused()
    assert isinstance(sign_in(at, CLERK, PIN), SignInRefused)
    at.clock.move(minutes=15, seconds=1)
    assert isinstance(sign_in(at, CLERK, PIN), SignedIn)
    assert sign_in(at, "9999", PIN) == SignInRefused()


def test_judging_takes_nothing_in_hand_but_is_written_down(at):
    number = at.filing()
    judged = at.counter.judge(WINDOW, showing(text_of(receiver_sheet()), Source.PICTURE))
    assert isinstance(judged.verdict, Accepted)
    assert judged.basket is None
    assert at.status_of(number) is FilingStatus.READY
    assert acts(at) == ["judged"]


def test_every_act_stands_in_an_unbroken_chain_without_names_or_keys(at):
    at.filing()
    sheet = receiver_sheet()
    presented = present(at, text_of(sheet))
    at.counter.confirm(DESK, confirming(presented))
    with at.sessions() as session:
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
    before = GENESIS
    for entry in entries:
        assert entry.prev == before
        before = hash_of(link_of(entry))
        assert entry.hash == before
    written = "".join(entry.body for entry in entries)
    assert "見本" not in written
    assert printed(sheet.search_key).replace(" ", "") not in written
    assert text_of(sheet)[4:40] not in written


def test_a_disabled_person_or_a_revoked_kiosk_can_do_nothing(at):
    at.filing()
    with at.sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).revoked_at = at.clock.now
    with pytest.raises(NotPermitted):
        present(at, text_of(receiver_sheet()))
    with pytest.raises(NotPermitted):
        present(at, text_of(receiver_sheet()), Desk("W2", "9999"))
    assert acts(at) == []


def test_the_same_sign_in_again_counts_once_and_never_lets_in_who_may_not_any_more(
    at: House,
) -> None:
    for _ in range(6):
        assert sign_in(at, CLERK, "0000", "wrong") == SignInRefused()
    with pytest.raises(IdempotencyMismatch):
        sign_in(at, CLERK, PIN, "wrong")
    first = sign_in(at, CLERK, PIN, "right")
    assert isinstance(first, SignedIn)
    assert sign_in(at, CLERK, PIN, "right") == first
    with at.sessions.begin() as session:
        entries = list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))
        session.get_one(Staff, CLERK).disabled_at = at.clock()
    assert entries == ["sign_in_refused", "signed_in"]
    assert sign_in(at, CLERK, PIN, "right") == SignInRefused()


def test_who_was_refused_while_locked_is_not_let_in_by_the_same_request_later(at: House) -> None:
    for _ in range(5):
        sign_in(at, CLERK, "0000")
    locked = sign_in(at, CLERK, PIN, "while-locked")
    assert isinstance(locked, SignInRefused)
    assert sign_in(at, CLERK, PIN, "while-locked") == locked
    at.clock.move(minutes=16)
    assert sign_in(at, CLERK, PIN, "while-locked") == SignInRefused()
    assert isinstance(sign_in(at, CLERK, PIN), SignedIn)


def test_what_is_kept_of_a_sign_in_gives_no_pin_away(at: House) -> None:
    """Ten thousand PINs are tried in no time: only a keyed digest may be kept."""
    sign_in(at, CLERK, PIN, "a-key")
    with at.sessions() as session:
        kept = session.get_one(IdempotencyKey, "a-key")
    said = "\0".join((WINDOW, CLERK, PIN))
    for text in (said, PIN, CLERK + PIN, json.dumps({"number": CLERK, "pin": PIN})):
        assert kept.fingerprint != hashlib.sha256(text.encode()).hexdigest()
    assert json.loads(kept.answer) == {"signed_in": True}


def test_the_same_undo_by_two_at_once_is_one_and_both_are_told_so(at: House) -> None:
    at.filing()
    opened = present(at, text_of(receiver_sheet()))
    at.counter.confirm(DESK, confirming(opened))
    assert opened.basket is not None
    undoing = Undoing(opened.basket.rows[0].filing_id, "wrong bundle", "an-undo")
    supervisor = Desk(WINDOW, SUPERVISOR)
    at_once(*(2 * [lambda: at.counter.undo(supervisor, undoing)]))
    with at.sessions() as session:
        acts = list(session.scalars(select(JournalEntry.act)))
    assert acts.count("undone") == 1
