"""業務終了: the day's report of an office, closed with the forms used, and printed to be signed."""

import json
from datetime import date, timedelta

from flask import abort, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import AlertKind, DayClose, Office, Staff
from verifier.console import words
from verifier.console.access import only
from verifier.console.alert_words import ALERTS
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, number, typed
from verifier.days import day_of
from verifier.decision.catalogue import explain
from verifier.decision.reasons import Reason
from verifier.office_closing import CloseDay, all_deliverables, versions
from verifier.office_figures import figures_of
from verifier.registry.staff import SUPERVISING_ROLES

LISTED = 7
"""Days back for which a report is one press away."""


def days() -> str:
    """The last week of every office: closed, or still open."""
    today = day_of(installation().clock())
    listed = [today - timedelta(days=back) for back in range(LISTED)]
    with reading(installation().sessions) as session:
        closes = session.scalars(select(DayClose).where(DayClose.day >= listed[-1]))
        return render_template(
            "console/days.html",
            days=listed,
            offices=session.scalars(select(Office).order_by(Office.code)).all(),
            closed={(close.office_code, close.day) for close in closes},
        )


def day(office: str, day: str) -> str:
    """One day's report: as it was closed, or as it is so far."""
    return _page(office, _date(day), Form())


@only(SUPERVISING_ROLES)
def close(office: str, day: str) -> Response | tuple[str, int]:
    """Close the day, or close it again with better numbers."""
    when = _date(day)
    form = give(
        "close", lambda: CloseDay(installation(), office, when, _forms(office), typed("remark"))
    )
    said = "業務終了を記録しました。印刷して署名してください。"
    onward = url_for("console.day", office=office, day=day)
    return answer(form, lambda again: _page(office, when, again), said, onward)


def _page(office: str, when: date, form: Form) -> str:
    if when > day_of(installation().clock()):
        abort(404)
    with reading(installation().sessions) as session:
        place = session.get(Office, office)
        if place is None:
            abort(404)
        closes = versions(session, office, when)
        return render_template(
            "console/day.html",
            office=place,
            when=when,
            form=form,
            closes=closes,
            closed=json.loads(closes[0].report) if closes and not form.problem else None,
            again=bool(request.args.get("again")) or bool(form.problem),
            figures=figures_of(session, office, when),
            deliverables=all_deliverables(session),
            names={n: name for n, name in session.execute(select(Staff.number, Staff.name))},
            reason=_reason,
            alert=_alert,
            fault_words=words.faults,
            now=installation().clock(),
        )


def _forms(office: str) -> dict[str, int]:
    """The numbers typed, by deliverable."""
    with reading(installation().sessions) as session:
        names = all_deliverables(session)
    return {name: number(typed(f"used-{place}") or "0") for place, name in enumerate(names)}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def _reason(code: str) -> str:
    """The words of a reason code."""
    return explain(Reason(code)).title if code in set(Reason) else ""


def _alert(kind: str) -> str:
    """The words of an alert."""
    return ALERTS[AlertKind(kind)].title if kind in set(AlertKind) else kind
