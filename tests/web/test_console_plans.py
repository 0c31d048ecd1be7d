"""計画 in the console: off until an administrator says so, and conflicts settled in words."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.db.tables import ConflictKind, DayPlan, PlanConflict, PlanRule
from tests.acting_world import browser, entries, hidden_in
from tests.builders import (
    ADMINISTRATOR,
    OTHER_SUPERVISOR,
    SHINAGAWA,
    START,
    SUPERVISOR,
    WINDOW,
    House,
    house,
)
from tests.registries import new_sqlite

PLANS = "/console/plans"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    sessions = new_sqlite(tmp_path)
    yield house(sessions)
    sessions.kw["bind"].dispose()


def read(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def rule(at: House) -> PlanRule | None:
    with at.sessions() as session:
        return session.get(PlanRule, SHINAGAWA)


def a_conflict(at: House) -> int:
    with at.sessions.begin() as session:
        session.add(
            DayPlan(
                id="a plan", kiosk_code=WINDOW, number=3, office_code=SHINAGAWA, made_at=START,
                expires_at=START + timedelta(hours=8), most=10, is_drill=False, filings=4,
                reconciled=9, released=1, returned_at=START + timedelta(hours=3),
            )
        )  # fmt: skip
        session.flush()
        conflict = PlanConflict(
            plan_id="a plan",
            seq=9,
            filing_number="2" * 16,
            kind=ConflictKind.ALREADY_RELEASED,
            is_recorded=False,
            found_at=START,
        )
        session.add(conflict)
        session.flush()
        return conflict.id


def test_an_administrator_switches_plans_on_changes_and_ends_them(at: House) -> None:
    clerk = browser(at, ADMINISTRATOR)
    assert "使わない" in read(clerk.page(PLANS))
    wish = {"hours": "6", "most": "150", "drill": "yes"}
    assert clerk.post(f"{PLANS}/{SHINAGAWA}", wish, form_on=PLANS).status_code == 303
    assert "訓練 使う（6時間・150件まで）" in read(clerk.page(PLANS))
    assert clerk.post(f"{PLANS}/{SHINAGAWA}", {"hours": "8", "most": "20"}, form_on=PLANS)
    kept = rule(at)
    assert kept is not None
    assert (kept.hours, kept.most, kept.is_drill) == (8, 20, False)
    assert clerk.post(f"{PLANS}/{SHINAGAWA}/off", form_on=PLANS).status_code == 303
    assert rule(at) is None
    acts = [entry.act for entry in entries(at)]
    assert acts.count("plan_switched") == 3


@pytest.mark.parametrize(("hours", "most"), [("0", "5"), ("25", "5"), ("8", "0"), ("x", "5")])
def test_what_cannot_be_is_said_beside_what_was_typed(at: House, hours: str, most: str) -> None:
    clerk = browser(at, ADMINISTRATOR)
    answer = clerk.post(f"{PLANS}/{SHINAGAWA}", {"hours": hours, "most": most}, form_on=PLANS)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "ADM-SETTING" in page
    assert f'value="{hours}"' in page
    assert rule(at) is None


def test_a_supervisor_switches_nothing_on_but_settles_a_conflict_with_a_reason(at: House) -> None:
    conflict = a_conflict(at)
    clerk = browser(at, SUPERVISOR)
    other = browser(at, OTHER_SUPERVISOR)
    opened = hidden_in(other.page(PLANS))
    page = read(clerk.page(PLANS))
    assert "すでに受け渡し済み" in page
    assert "この受け渡しは登録簿に記していません" in page
    assert "返された計画" in page
    wish = {"hours": "6", "most": "150"}
    assert clerk.post(f"{PLANS}/{SHINAGAWA}", wish, form_on=PLANS).status_code == 403
    settle = f"{PLANS}/conflicts/{conflict}"
    missing = clerk.post(settle, {"reason": " "}, form_on=PLANS)
    assert missing.status_code == 422
    assert "理由を入力してください" in missing.get_data(as_text=True)
    done = clerk.post(settle, {"reason": "電話で確かめた"}, form_on=PLANS)
    assert done.status_code == 303
    assert "処理を待っている食い違いはありません" in read(clerk.page(PLANS))
    again = other.client.post(settle, data=opened | {"reason": "もう一度"})
    assert "ADM-STALE" in again.get_data(as_text=True)
    with at.sessions() as session:
        settled = session.scalars(select(PlanConflict)).one()
    assert (settled.settled_by, settled.reason) == (SUPERVISOR, "電話で確かめた")
    assert entries(at)[-1].act == "plan_settled"
