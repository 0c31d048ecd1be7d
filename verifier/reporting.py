"""How a window's device is: kept beside its window, with a call for what a person must mend."""

import logging

from shared.db.tables import AlertKind
from verifier.acts import Fault, Report
from verifier.installation import Installation
from verifier.registry import alerts, staff
from verifier.registry.house_rules import HouseRule, value_of

_log = logging.getLogger(__name__)
_CALLS = {Fault.CAMERA_FROZEN: AlertKind.CAMERA_FROZEN, Fault.DISK_FULL: AlertKind.DISK_FULL}
"""Faults that nobody may see at the window itself; the others stand on its screen."""


def take(installation: Installation, code: str, report: Report) -> None:
    """Keep a window's report. Raises NotPermitted for an unknown or revoked one."""
    with installation.sessions.begin() as session:
        kiosk = staff.require_kiosk(session, code)
        now, before = installation.clock(), frozenset(kiosk.faults.split())
        began = {fault for fault in report.faults if fault not in before}
        kiosk.reported_at, kiosk.faults = now, " ".join(sorted(report.faults))
        for fault in sorted(began):
            _log.warning("fault begins kiosk=%s %s", code, fault)
            if fault in _CALLS:
                alerts.call(session, _CALLS[fault], code, f"fault={fault}", now)
        for ended in sorted(before - report.faults):
            _log.info("fault ends kiosk=%s %s", code, ended)
        seconds = round((report.clock - now).total_seconds())
        if abs(seconds) > value_of(session, HouseRule.CLOCK_TOLERANCE):
            alerts.call(session, AlertKind.CLOCK_OFF, code, f"seconds={seconds}", now)
