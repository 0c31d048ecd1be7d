"""A plan in its envelope: opens for its window alone, as long as nobody touched it."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.keys import TestKeys
from tests.builders import START, own_keys
from verifier.dayplan.envelope import (
    SEALED,
    Content,
    Head,
    InvalidPlan,
    SealedPlan,
    open_plan,
    seal_plan,
)
from verifier.dayplan.local import WAITS, PlanCounter
from verifier.verbs import BY_NAME

KEYS = own_keys()
PUBLICS = dict(KEYS.checkpoint_publics)
HEAD = Head("a plan", "W1", 7, START, START + timedelta(hours=8), 50, is_drill=False)
CONTENT = Content("tests", TestKeys.REFUSED, {1: "c2VjcmV0"}, "ab" * 32, 4, False, "aW1hZ2U=")


@pytest.fixture(scope="module")
def plan() -> SealedPlan:
    return seal_plan(HEAD, CONTENT, "credential", KEYS.checkpoint)


def test_its_window_opens_it_and_finds_what_was_put_in(plan: SealedPlan) -> None:
    travelled = SEALED.validate_json(SEALED.dump_json(plan))
    assert open_plan(travelled, "credential", PUBLICS) == CONTENT
    assert travelled.head == HEAD


def test_nothing_of_it_can_be_read_outside(plan: SealedPlan) -> None:
    outside = SEALED.dump_json(plan) + base64.b64decode(plan.sealed)
    for secret in (b"c2VjcmV0", b"ab" * 32, b"aW1hZ2U="):
        assert secret not in outside
    assert "c2VjcmV0" not in repr(CONTENT)
    assert "ab" * 32 not in repr(CONTENT)


def test_another_windows_credential_does_not_open_it(plan: SealedPlan) -> None:
    with pytest.raises(InvalidPlan, match="does not open"):
        open_plan(plan, "another credential", PUBLICS)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "another plan"},
        {"kiosk": "W2"},
        {"number": 8},
        {"made_at": START - timedelta(days=1)},
        {"expires_at": START + timedelta(days=9)},
        {"most": 5000},
        {"is_drill": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_head_that_was_changed_does_not_hold(plan: SealedPlan, change: dict[str, object]) -> None:
    changed = replace(plan, head=replace(plan.head, **change))  # type: ignore[arg-type]
    with pytest.raises(InvalidPlan, match="signature"):
        open_plan(changed, "credential", PUBLICS)


def test_every_changed_byte_of_the_ciphertext_shows(plan: SealedPlan) -> None:
    sealed = base64.b64decode(plan.sealed)
    for place in range(0, len(sealed), 7):
        flipped = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        changed = replace(plan, sealed=base64.b64encode(flipped).decode())
        with pytest.raises(InvalidPlan, match="signature"):
            open_plan(changed, "credential", PUBLICS)


@pytest.mark.parametrize("field", ["sealed", "signature"])
@pytest.mark.parametrize("rubbish", ["", "%%%", "AAAA"])
def test_rubbish_is_an_invalid_plan_and_nothing_else(
    plan: SealedPlan, field: str, rubbish: str
) -> None:
    with pytest.raises(InvalidPlan):
        open_plan(replace(plan, **{field: rubbish}), "credential", PUBLICS)  # type: ignore[arg-type]


def test_a_key_that_the_window_does_not_know_signs_nothing_for_it(plan: SealedPlan) -> None:
    with pytest.raises(InvalidPlan, match="does not know"):
        open_plan(plan, "credential", {2: PUBLICS[1]})
    others = own_keys(seed=51)
    forged = seal_plan(HEAD, CONTENT, "credential", others.checkpoint)
    with pytest.raises(InvalidPlan, match="signature"):
        open_plan(forged, "credential", PUBLICS)


def test_a_plan_holds_from_a_little_before_it_was_made_until_it_is_over() -> None:
    def holds(minutes: float) -> bool:
        return HEAD.holds_at(START + timedelta(minutes=minutes))

    assert [holds(m) for m in (-6, -5, 0, 479.9, 480)] == [False, True, True, True, False]


def test_every_verb_that_waits_for_the_registry_is_one() -> None:
    assert set(BY_NAME) > WAITS
    for name in WAITS:
        assert getattr(PlanCounter, name).__name__ == "_waits"
