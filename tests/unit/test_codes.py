"""Codes that are stored, journalled, exported or printed: they may be added to, never changed."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.state import Trouble
from kiosk.troubles import TROUBLES
from kiosk.words import ago
from shared.db.tables import Compared
from verifier.acts import DeclineReason, GiveUpReason, HoldReason, TypedReason
from verifier.decision.reasons import Notice, Reason
from verifier.desk_acts import Layout
from verifier.registry.journal import Act
from verifier.words import DECLINE_REASONS, GIVE_UP_REASONS, HOLDS, TYPED_REASONS

PINNED = {
    Reason: """
        NG-FORMAT NG-VERSION NG-MISREAD NG-KEY NG-TEST NG-TAMPER NG-BROKEN NG-FUTURE NG-EXPIRED
        NG-LOCKED NG-NOKEY NG-TYPING NG-WINDOW NG-NAME NG-TAKEN NG-NOFILING NG-STOP NG-SEAL
        NG-PWLOCK NG-PW NG-PWOLD NG-BEFORE NG-STALE NG-REUSED NG-NEWER NG-ONCE NG-CLOSED NG-OFFICE
        NG-METHOD WARN-EMPTY NG-WAIT NG-BUSY NG-DONE NG-HOLD""",
    Notice: "WARN-REPEAT WARN-LOCK WARN-NEAR WARN-NUMBER",
    Trouble: "ERR-REGISTRY ERR-KIOSK ERR-PLAN",
    HoldReason: "not_made not_found paper_missing declined other",
    DeclineReason: "no_paper name_differs number_differs unreadable other",
    GiveUpReason: "clerk timeout wrong_person",
    TypedReason: "dirty_sheet camera_trouble other hold_list",
    Compared: "scanned typed seen",
    Layout: "a4 80mm",
    Act: """
        installed signed_in sign_in_refused presented judged busy confirmed given_up held undone
        registered password_changed declined kiosk_locked kiosk_unlocked imported looked exported
        differed took_over paused reopened day_closed receipt_printed""",
}


@pytest.mark.parametrize("kind", PINNED, ids=lambda kind: kind.__name__)
def test_no_code_was_changed(kind):
    assert set(PINNED[kind].split()) <= {member.value for member in kind}


def test_every_coded_reason_has_its_words():
    assert set(HOLDS) == set(HoldReason)
    assert set(DECLINE_REASONS) == set(DeclineReason)
    assert set(GIVE_UP_REASONS) == set(GiveUpReason)
    assert set(TYPED_REASONS) == set(TypedReason)
    assert set(TROUBLES) == set(Trouble)


@pytest.mark.parametrize("reason", HoldReason)
def test_a_slip_says_what_to_bring_and_when(reason):
    words = HOLDS[reason]
    assert "用紙" in words.bring
    assert words.when.endswith("。")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.5, "たった今"), (12, "12分前"), (59.9, "59分前"), (125, "2時間前"), (3000, "2日前")],
)
def test_how_long_ago_is_said_as_at_a_counter(minutes, words):
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert ago(now, now - timedelta(minutes=minutes)) == words
