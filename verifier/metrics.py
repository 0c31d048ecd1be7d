"""What monitoring reads: figures of the registry in Prometheus' form, no names among them.

All but what `measures` counted is read from the registry when asked, and survives a restart. Every
worker of a machine gives the same figures.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import AlertKind, Kiosk
from verifier import checkpoints
from verifier.installation import Installation
from verifier.measures import measured
from verifier.registry import alerts, journal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(installation: Installation) -> bytes:
    """The figures of now, in the text form."""
    registry = CollectorRegistry()
    registry.register(_Figures(installation))
    return bytes(generate_latest(registry) + generate_latest(measured()))


class _Figures(Collector):
    """Gathers the figures in one read."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        with reading(self._installation.sessions) as session:
            yield from _alerts(session)
            yield from self._journal(session)
            yield from self._windows(session)

    def _journal(self, session: Session) -> Iterator[Metric]:
        size = journal.head(session).seq
        last = checkpoints.newest(session)
        yield GaugeMetricFamily("uketori_journal_entries", "Entries in the journal.", size)
        unsigned = size - (last.size if last else 0)
        text = "Entries since the newest signed checkpoint."
        yield GaugeMetricFamily("uketori_journal_unsigned_entries", text, unsigned)
        if last is not None:
            age = (self._installation.clock() - last.at).total_seconds()
            text = "Age of the newest signed checkpoint."
            yield GaugeMetricFamily("uketori_checkpoint_age_seconds", text, age)

    def _windows(self, session: Session) -> Iterator[Metric]:
        now = self._installation.clock()
        text = "Seconds since the window's device last reported."
        seen = GaugeMetricFamily("uketori_kiosk_report_age_seconds", text, labels=["kiosk"])
        locked = GaugeMetricFamily("uketori_kiosk_locked", "1: stopped.", labels=["kiosk"])
        text = "1 for each fault that a window reports."
        faults = GaugeMetricFamily("uketori_kiosk_fault", text, labels=["kiosk", "fault"])
        for kiosk in session.scalars(select(Kiosk).where(Kiosk.revoked_at.is_(None))):
            locked.add_metric([kiosk.code], int(kiosk.locked_at is not None))
            if kiosk.seen_at is not None:
                seen.add_metric([kiosk.code], (now - kiosk.seen_at).total_seconds())
            for fault in kiosk.faults.split():
                faults.add_metric([kiosk.code, fault], 1)
        yield from (seen, locked, faults)


def _alerts(session: Session) -> Iterator[Metric]:
    waiting, raised = alerts.open_by_kind(session), alerts.raised_by_kind(session)
    text = "Alerts that nobody has acknowledged."
    gauge = GaugeMetricFamily("uketori_alerts_open", text, labels=["kind"])
    counter = CounterMetricFamily("uketori_alerts", "Alerts raised.", labels=["kind"])
    for kind in AlertKind:
        gauge.add_metric([kind.value], waiting.get(kind, 0))
        counter.add_metric([kind.value], raised.get(kind, 0))
    yield from (gauge, counter)
