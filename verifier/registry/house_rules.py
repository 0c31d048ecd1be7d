"""Settings that an office changes while it works, kept in the registry with who changed them.

What a machine must know before it reaches the registry, and what nobody at a console may weaken
(keys, cost of bcrypt, test keys), stands in TOML instead.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Setting


class HouseRule(StrEnum):
    """The settings there are."""

    SECOND_FACTOR_REQUIRED = "second_factor_required"
    REFUSALS_OF_ONE_RECEIVER = "refusals_of_one_receiver"
    CLOCK_TOLERANCE = "clock_tolerance_seconds"
    FREE_DISK = "free_disk_megabytes"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a setting may be, and what it is until somebody changes it."""

    default: int
    least: int
    most: int


BOUNDS = {
    HouseRule.SECOND_FACTOR_REQUIRED: Bounds(0, 0, 1),
    HouseRule.REFUSALS_OF_ONE_RECEIVER: Bounds(10, 2, 1000),
    HouseRule.CLOCK_TOLERANCE: Bounds(60, 5, 3600),
    HouseRule.FREE_DISK: Bounds(1024, 100, 1_000_000),
}


def value_of(session: Session, rule: HouseRule) -> int:
    """What holds now."""
    newest = select(Setting.value).where(Setting.key == rule).order_by(Setting.id.desc()).limit(1)
    stored = session.scalar(newest)
    return BOUNDS[rule].default if stored is None else int(stored)


def second_factor_required(session: Session) -> bool:
    """Whether everybody at the console needs a second factor."""
    return bool(value_of(session, HouseRule.SECOND_FACTOR_REQUIRED))


def change(session: Session, rule: HouseRule, value: int, by: str, now: datetime) -> None:
    """Let a value hold from now on."""
    session.add(Setting(key=rule, value=str(value), changed_by=by, changed_at=now))
    session.flush()


def history(session: Session, limit: int = 100) -> list[Setting]:
    """Who changed what when, newest first."""
    return list(session.scalars(select(Setting).order_by(Setting.id.desc()).limit(limit)))
