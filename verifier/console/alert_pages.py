"""通知: what waits for somebody, and what was seen by whom."""

from flask import render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Alert, AlertKind, Kiosk, Receiver, Staff
from verifier.administration.acknowledging import Acknowledge
from verifier.console.access import only
from verifier.console.alert_words import ALERTS, detail_of
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give
from verifier.lookout import SERVER
from verifier.registry.staff import SUPERVISING_ROLES

SEEN = 100
"""How many of those that were seen are listed."""


def alerts_page() -> str:
    """Those that wait first, then the newest of those that were seen."""
    return _page(Form())


@only(SUPERVISING_ROLES)
def acknowledge(alert_id: int) -> Response | tuple[str, int]:
    """Say that one has seen it."""
    form = give(str(alert_id), lambda: Acknowledge(alert_id))
    return answer(form, _page, "確認しました。", url_for("console.alerts"))


def _page(form: Form) -> str:
    waits = select(Alert).where(Alert.acknowledged_at.is_(None)).order_by(Alert.last_at.desc())
    seen = select(Alert).where(Alert.acknowledged_at.is_not(None)).order_by(Alert.id.desc())
    with reading(installation().sessions) as session:
        waiting = session.scalars(waits).all()
        known = session.scalars(seen.limit(SEEN)).all()
        return render_template(
            "console/alerts.html",
            form=form,
            waiting=waiting,
            seen=known,
            words=ALERTS,
            subjects={alert.id: _subject(session, alert) for alert in (*waiting, *known)},
            details={alert.id: detail_of(alert) for alert in (*waiting, *known)},
            names={n: name for n, name in session.execute(select(Staff.number, Staff.name))},
        )


def _subject(session: Session, alert: Alert) -> str:
    """What an alert is about, by name."""
    if alert.subject == SERVER:
        return "登録簿のサーバー"
    if alert.kind is AlertKind.MANY_REFUSALS:
        receiver = session.get(Receiver, int(alert.subject))
        return receiver.name if receiver else alert.subject
    kiosk = session.get(Kiosk, alert.subject) if alert.subject else None
    return kiosk.name if kiosk else alert.subject
