"""How a window's day goes, in counts to be put together and asked for in one round."""

from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.db.tables import Filing, HandOver, HandOverItem, Hold, ItemState, Presentation

Count: TypeAlias = ScalarSelect[int]

_LONGEST = timedelta(days=7)
"""No basket stays open longer than over a weekend."""


def presented(kiosk: str, since: datetime, *which: ColumnElement[bool]) -> Count:
    """Presentations at one window, all or those that fit."""
    rows = select(func.count()).where(
        Presentation.kiosk_code == kiosk, Presentation.at >= since, *which
    )
    return rows.scalar_subquery()


def released(kiosk: str, since: datetime) -> Count:
    """Filings handed over at one window.

    By what was shown there, which an index gives: the country hands over thousands a minute.
    """
    rows = (
        select(func.count())
        .select_from(Presentation)
        .join(HandOver, HandOver.presentation_id == Presentation.id)
        .join(HandOverItem, HandOverItem.hand_over_id == HandOver.id)
        .where(
            Presentation.kiosk_code == kiosk,
            Presentation.at >= since - _LONGEST,
            HandOverItem.state == ItemState.RELEASED,
            HandOverItem.settled_at >= since,
        )
    )
    return rows.scalar_subquery()


def kept_back(kiosk: str, since: datetime) -> Count:
    """Vehicles kept back at one window."""
    rows = (
        select(func.count())
        .select_from(Hold)
        .join(HandOver, HandOver.id == Hold.hand_over_id)
        .where(HandOver.kiosk_code == kiosk, Hold.placed_at >= since)
    )
    return rows.scalar_subquery()


def held_at(office: str | InstrumentedAttribute[str]) -> Count:
    """What is kept back at an office."""
    rows = (
        select(func.count())
        .select_from(Hold)
        .join(Filing, Filing.id == Hold.filing_id)
        .where(Filing.office_code == office, Hold.lifted_at.is_(None))
    )
    return rows.scalar_subquery()
