"""How a window's device is, by its own word: kept beside the window for whoever looks after it."""

import logging

from shared.db.tables import AlertKind
from verifier.acts import Report
from verifier.installation import Installation
from verifier.registry import alerts, staff
from verifier.registry.house_rules import HouseRule, value_of

_log = logging.getLogger(__name__)


def take(installation: Installation, code: str, report: Report) -> None:
    """Keep a window's report. Raises NotPermitted for an unknown or revoked one."""
    with installation.sessions.begin() as session:
        kiosk = staff.require_kiosk(session, code)
        now, before = installation.clock(), frozenset(kiosk.faults.split())
        began = {fault for fault in report.faults if fault not in before}
        kiosk.seen_at, kiosk.faults = now, " ".join(sorted(report.faults))
        for fault in sorted(began):
            _log.warning("fault begins kiosk=%s %s", code, fault)
        for ended in sorted(before - report.faults):
            _log.info("fault ends kiosk=%s %s", code, ended)
        seconds = round((report.clock - now).total_seconds())
        if abs(seconds) > value_of(session, HouseRule.CLOCK_TOLERANCE):
            alerts.call_while(session, AlertKind.CLOCK_OFF, code, f"seconds={seconds}", now)
