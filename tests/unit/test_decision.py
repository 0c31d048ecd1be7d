"""The law of the counter as a table: a case for every reason, and who wins of two neighbours."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.domain import FilingStatus, PickupMethod, Purpose, Sheet
from tests.builders import (
    INSPECTION,
    NEW_CAR,
    OSAKA,
    SHINAGAWA,
    START,
    filing_sheet,
    receiver_sheet,
)
from verifier.decision import rules
from verifier.decision.catalogue import CATALOGUE, Family, explain
from verifier.decision.decide import RULES, decide
from verifier.decision.evidence import (
    DeskRecord,
    Evidence,
    FilingRecord,
    Intent,
    PasswordMatch,
    ReceiverRecord,
    Tally,
)
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted, Refused

NOW = START + timedelta(hours=1)
AUTHENTICATION = receiver_sheet()
REGISTRATION = receiver_sheet(Purpose.REGISTRATION)
CHANGE = receiver_sheet(Purpose.PASSWORD_CHANGE)
INDIVIDUAL = filing_sheet("2600000000000001")
SHEETS = (AUTHENTICATION, REGISTRATION, CHANGE, INDIVIDUAL)
READY = Tally(INSPECTION, SHINAGAWA, PickupMethod.AUTHENTICATION, FilingStatus.READY, 2)
OWN = replace(READY, method=PickupMethod.INDIVIDUAL, count=1)
DESK = DeskRecord(SHINAGAWA, frozenset(Purpose))
RECEIVER = ReceiverRecord(1, START - timedelta(days=100))
MATCHES, WRONG, FORMER, SHUT = (
    PasswordMatch.MATCHES,
    PasswordMatch.WRONG,
    PasswordMatch.FORMER,
    PasswordMatch.SHUT,
)


def evidence_for(sheet: Sheet) -> Evidence:
    """Facts under which this sheet is accepted."""
    if sheet.purpose is Purpose.REGISTRATION:
        return Evidence(desk=DESK)
    if sheet.purpose is Purpose.PASSWORD_CHANGE:
        return Evidence(desk=DESK, receiver=RECEIVER, password=WRONG)
    if sheet.purpose is Purpose.INDIVIDUAL:
        return Evidence(desk=DESK, filing=FilingRecord(1, is_latest_sheet=True), tallies=(OWN,))
    return Evidence(desk=DESK, receiver=RECEIVER, password=MATCHES, tallies=(READY,))


def tally(status: FilingStatus, **fields: object) -> dict[str, object]:
    return {"tallies": (replace(READY, status=status, **fields),)}


def receiver(**fields: object) -> dict[str, object]:
    return {"receiver": replace(RECEIVER, **fields)}


CASES: dict[Reason, tuple[Sheet, dict[str, object]]] = {
    Reason.KIOSK_LOCKED: (AUTHENTICATION, {"desk": replace(DESK, locked=True)}),
    Reason.WRONG_WINDOW: (
        REGISTRATION,
        {"desk": replace(DESK, purposes=frozenset({Purpose.AUTHENTICATION}))},
    ),
    Reason.NOT_ON_PLAN: (
        AUTHENTICATION,
        {"is_extract": True, "receiver": None, "password": None},
    ),
    Reason.NOT_REGISTERED: (AUTHENTICATION, {"receiver": None, "password": None}),
    Reason.ALREADY_REGISTERED: (REGISTRATION, {"receiver": RECEIVER}),
    Reason.NO_SUCH_FILING: (INDIVIDUAL, {"filing": None}),
    Reason.SUSPENDED: (AUTHENTICATION, receiver(suspended=True)),
    Reason.CANNOT_OPEN: (AUTHENTICATION, {"password": SHUT}),
    Reason.PASSWORD_LOCKED: (AUTHENTICATION, receiver(failures=100)),
    Reason.WRONG_PASSWORD: (AUTHENTICATION, {"password": WRONG}),
    Reason.FORMER_PASSWORD: (AUTHENTICATION, {"password": FORMER}),
    Reason.NOT_BEFORE: (AUTHENTICATION, receiver(not_before=START + timedelta(seconds=1))),
    Reason.OLDER_THAN_CREDENTIAL: (CHANGE, receiver(credential_issued_at=START)),
    Reason.REUSED_PASSWORD: (CHANGE, {"password": FORMER}),
    Reason.SUPERSEDED: (INDIVIDUAL, {"filing": FilingRecord(1, is_latest_sheet=False)}),
    Reason.SHOWN_BEFORE: (AUTHENTICATION, {"single_use": True, "shown_before": True}),
    Reason.PROCEDURE_CLOSED: (AUTHENTICATION, {"procedure_open": False}),
    Reason.OTHER_OFFICE: (AUTHENTICATION, tally(FilingStatus.READY, office=OSAKA)),
    Reason.INDIVIDUAL_ONLY: (
        AUTHENTICATION,
        tally(FilingStatus.READY, method=PickupMethod.INDIVIDUAL),
    ),
    Reason.NOTHING_TO_COLLECT: (AUTHENTICATION, {"tallies": ()}),
    Reason.NOT_READY: (AUTHENTICATION, tally(FilingStatus.EXAMINING)),
    Reason.BEING_HANDED_OVER: (AUTHENTICATION, tally(FilingStatus.HANDING)),
    Reason.ALREADY_RELEASED: (AUTHENTICATION, tally(FilingStatus.RELEASED)),
    Reason.ON_HOLD: (AUTHENTICATION, tally(FilingStatus.READY, held=True)),
}
"""What makes each rule say no, everything else being well."""

OF_THE_TEXT = {
    Reason.NOT_OURS, Reason.NEWER_VERSION, Reason.MISREAD, Reason.UNKNOWN_KEY, Reason.TEST_KEY,
    Reason.REAL_KEY, Reason.FORGED, Reason.MALFORMED, Reason.NOT_YET_VALID, Reason.EXPIRED,
    Reason.UNKNOWN_SEARCH_KEY, Reason.TYPING_LOCKED,
}  # fmt: skip
"""Answered before there is a sheet: by the decoder and by the router of typed keys."""


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.purpose)
def test_a_good_sheet_of_each_kind_is_accepted(sheet):
    assert decide(sheet, evidence_for(sheet), NOW) == Accepted()


@pytest.mark.parametrize("reason", CASES)
def test_each_reason_has_the_case_it_is_for(reason):
    sheet, change = CASES[reason]
    verdict = decide(sheet, replace(evidence_for(sheet), **change), NOW)
    assert isinstance(verdict, Refused)
    assert verdict.reason is reason


def test_every_reason_is_in_the_table_or_belongs_to_the_text():
    assert set(CASES) | OF_THE_TEXT == set(Reason)
    assert not set(CASES) & OF_THE_TEXT


def test_the_enum_lists_the_reasons_in_the_order_the_rules_ask():
    in_order = [reason for reason in Reason if reason in CASES]
    assert list(CASES) == in_order
    assert len(RULES) == len(in_order)


def fires(reason: Reason, sheet: Sheet) -> dict[str, object] | None:
    """The change that makes a reason's rule say no to this kind of sheet, if any does."""
    rule = RULES[list(CASES).index(reason)]
    own, change = CASES[reason]
    candidates = [change]
    if sheet.purpose is Purpose.INDIVIDUAL and "tallies" in change:
        moved = tuple(replace(t, method=PickupMethod.INDIVIDUAL) for t in change["tallies"])
        candidates.append({"tallies": moved})
    if reason is Reason.WRONG_WINDOW:
        others = frozenset(Purpose) - {sheet.purpose}
        candidates.append({"desk": replace(DESK, purposes=others)})
    for candidate in candidates:
        if rule(sheet, replace(evidence_for(sheet), **candidate), NOW) is reason:
            return candidate
    assert own.purpose is not sheet.purpose
    return None


def merged(earlier: dict[str, object], later: dict[str, object]) -> dict[str, object]:
    """Both changes at once; where both touch one record, the fields that each changed."""
    both = later | earlier
    if "desk" in earlier and "desk" in later:
        both["desk"] = replace(earlier["desk"], purposes=later["desk"].purposes)
    if earlier.get("receiver") and later.get("receiver"):
        fields = ("suspended", "failures", "not_before", "credential_issued_at")
        changed = {
            f: getattr(later["receiver"], f)
            for f in fields
            if getattr(later["receiver"], f) != getattr(RECEIVER, f)
        }
        both["receiver"] = replace(earlier["receiver"], **changed)
    if "tallies" in earlier and "tallies" in later:
        both["tallies"] = (*earlier["tallies"], *later["tallies"])
    return both


def both(earlier: Reason, later: Reason, sheet: Sheet) -> Evidence | None:
    """Facts that break both rules for this sheet, if one sheet can."""
    first, second = fires(earlier, sheet), fires(later, sheet)
    if first is None or second is None:
        return None
    facts = replace(evidence_for(sheet), **merged(first, second))
    answers = {rule(sheet, facts, NOW) for rule in RULES}
    return facts if {earlier, later} <= answers else None


PAIRS = [
    (earlier, later, sheet)
    for i, earlier in enumerate(CASES)
    for later in list(CASES)[i + 1 :]
    for sheet in {
        CASES[earlier][0].purpose: CASES[earlier][0],
        CASES[later][0].purpose: CASES[later][0],
    }.values()
    if both(earlier, later, sheet)
]


@pytest.mark.parametrize(
    ("earlier", "later", "sheet"),
    PAIRS,
    ids=lambda value: value.purpose if isinstance(value, Sheet) else value.name,
)
def test_of_two_reasons_the_earlier_one_is_shown(earlier, later, sheet):
    verdict = decide(sheet, both(earlier, later, sheet), NOW)
    assert isinstance(verdict, Refused)
    assert verdict.reason is earlier


def test_neighbouring_rules_meet_in_a_pair_wherever_one_sheet_can_break_both():
    met = {(earlier, later) for earlier, later, _ in PAIRS}
    reasons = list(CASES)
    apart = {pair for pair in pairwise(reasons) if pair not in met}
    assert apart == {
        (Reason.NOT_REGISTERED, Reason.ALREADY_REGISTERED),
        (Reason.ALREADY_REGISTERED, Reason.NO_SUCH_FILING),
        (Reason.WRONG_PASSWORD, Reason.FORMER_PASSWORD),
        (Reason.OTHER_OFFICE, Reason.INDIVIDUAL_ONLY),
        (Reason.NOTHING_TO_COLLECT, Reason.NOT_READY),
    }, "each of these pairs excludes the other: two kinds of sheet, or two answers to one question"


def test_all_answers_are_kept():
    locked = replace(evidence_for(AUTHENTICATION), password=WRONG, tallies=())
    verdict = decide(AUTHENTICATION, locked, NOW)
    assert verdict == Refused((Reason.WRONG_PASSWORD, Reason.NOTHING_TO_COLLECT))


def test_a_duplicate_never_hides_a_wrong_password():
    facts = replace(
        evidence_for(AUTHENTICATION),
        password=WRONG,
        shown_before=True,
        tallies=(replace(READY, status=FilingStatus.RELEASED),),
    )
    verdict = decide(AUTHENTICATION, facts, NOW)
    assert isinstance(verdict, Refused)
    assert verdict.reason is Reason.WRONG_PASSWORD


def test_what_is_ready_is_collected_even_when_more_was_released_held_or_is_on_its_way():
    others = (FilingStatus.RELEASED, FilingStatus.HANDING, FilingStatus.EXAMINING)
    tallies = (READY, *(replace(READY, status=s) for s in others), replace(READY, held=True))
    facts = replace(evidence_for(AUTHENTICATION), tallies=tallies)
    assert decide(AUTHENTICATION, facts, NOW) == Accepted()
    assert rules.collectable(AUTHENTICATION, facts) == 2


def test_taking_up_a_hold_collects_the_held_too():
    facts = replace(
        evidence_for(AUTHENTICATION), intent=Intent.RESUME, tallies=(replace(READY, held=True),)
    )
    assert decide(AUTHENTICATION, facts, NOW) == Accepted()


def test_another_procedure_is_no_reason_to_name_another_office():
    facts = replace(evidence_for(AUTHENTICATION), tallies=(replace(READY, procedure=NEW_CAR),))
    verdict = decide(AUTHENTICATION, facts, NOW)
    assert isinstance(verdict, Refused)
    assert verdict.reason is Reason.NOTHING_TO_COLLECT


@pytest.mark.parametrize(
    ("sheet", "change", "notice"),
    [
        (AUTHENTICATION, {"shown_before": True}, Notice.READ_BEFORE),
        (AUTHENTICATION, receiver(failures_today=5), Notice.STEP_UP),
        (REGISTRATION, {"near_miss": True}, Notice.NEAR_MISS),
        (
            receiver_sheet(Purpose.REGISTRATION, name="見本行政書士事務所　試験　次郎"),
            {},
            Notice.NO_REGISTRATION_NUMBER,
        ),
    ],
)
def test_each_notice_is_said_beside_an_accepted_sheet(sheet, change, notice):
    verdict = decide(sheet, replace(evidence_for(sheet), **change), NOW)
    assert verdict == Accepted((notice,))


@pytest.mark.parametrize("reason", [*Reason, *Notice])
def test_every_reason_has_words_for_the_clerk_a_next_step_and_a_sentence_to_say(reason):
    words = explain(reason)
    assert words.title
    assert words.next_steps
    assert words.visitor.endswith(("。", "か。", "？"))
    prefix = reason.value.split("-")[0]
    assert (words.family is Family.NG) == (prefix == "NG")


def test_the_catalogue_explains_nothing_else():
    assert set(CATALOGUE) == {*Reason, *Notice}
