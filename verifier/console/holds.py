"""保留: what is kept back now, and the supervisor's act that lifts a hold."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, g, redirect, render_template, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Filing, Hold, Office, Staff
from shared.domain import FilingNumber
from verifier.acts import Lifting, NotHeld
from verifier.console import words
from verifier.console.access import only
from verifier.console.house import installation
from verifier.console.supervising import Typed, act_on, may_supervise
from verifier.counter import Counter
from verifier.registry.staff import SUPERVISING_ROLES

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Held:
    """One vehicle that is kept back."""

    hold_id: int
    number: str
    """In fours."""
    plate: str
    receiver: str
    office: str
    reason: str
    memo: str
    clerk: str
    placed_at: datetime


def holds() -> str:
    """Every live hold, the oldest first: it waits the longest."""
    with reading(installation().sessions) as session:
        listed = [_held(*row) for row in session.execute(_live().limit(MOST_LISTED + 1))]
    return render_template(
        "console/holds.html",
        holds=listed[:MOST_LISTED],
        left_out=len(listed) > MOST_LISTED,
        may_lift=may_supervise(),
        person=g.person,
    )


@only(SUPERVISING_ROLES)
def lift_page(hold_id: int) -> str:
    """The hold, and the question why it is lifted."""
    return _form(_found(hold_id), Typed(key=str(uuid.uuid4())))


@only(SUPERVISING_ROLES)
def lift(hold_id: int) -> Response | tuple[str, int]:
    """Lift the hold; a double click is one act."""
    refused = act_on(
        lambda desk, sent: Counter(installation()).lift(
            desk, Lifting(hold_id, sent.reason, sent.key)
        ),
        {NotHeld: "この保留は、すでに解除されています"},
    )
    if refused is not None:
        return _form(_found(hold_id), refused), 422
    flash("保留を解除しました。この車両は、合う用紙があれば受け渡せます。")
    return redirect(url_for("console.holds"), 303)


def _found(hold_id: int) -> Held:
    with reading(installation().sessions) as session:
        row = session.execute(_all().where(Hold.id == hold_id)).one_or_none()
    if row is None:
        abort(404)
    return _held(*row)


def _all() -> Select[Hold, Filing, str, str]:
    return (
        select(Hold, Filing, Office.name, Staff.name)
        .join(Filing, Filing.id == Hold.filing_id)
        .join(Office, Office.code == Filing.office_code)
        .join(Staff, Staff.number == Hold.staff_number)
    )


def _live() -> Select[Hold, Filing, str, str]:
    return _all().where(Hold.lifted_at.is_(None)).order_by(Hold.placed_at, Hold.id)


def _held(hold: Hold, filing: Filing, office: str, clerk: str) -> Held:
    return Held(
        hold_id=hold.id,
        number=FilingNumber(filing.number).grouped(),
        plate=filing.plate or "",
        receiver=filing.receiver_name or "",
        office=office,
        reason=words.reason(hold.reason),
        memo=hold.memo or "",
        clerk=clerk,
        placed_at=hold.placed_at,
    )


def _form(held: Held, typed: Typed) -> str:
    return render_template("console/lift.html", held=held, typed=typed, person=g.person)
