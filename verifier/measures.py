"""What is measured while sheets are shown: how many by verdict, and how long each part took.

Counts begin anew with the process, as Prometheus expects; those of workers with their master's.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from verifier.decision.verdict import Refused, Verdict
from verifier.gathering import KEPT_IN

_OWN = CollectorRegistry()
_SHOWN = Counter(
    "uketori_presentations",
    "Sheets shown, by verdict: accepted, or the code of the reason.",
    ["verdict"],
    registry=_OWN,
)
_SECONDS = Histogram(
    "uketori_part_seconds",
    "How long a part of a presentation took: password (bcrypt), judge (the transaction).",
    ["part"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5),
    registry=_OWN,
)


def measured() -> CollectorRegistry:
    """What this process has counted, or all workers together where they do (`gathering`)."""
    if KEPT_IN not in os.environ:
        return _OWN
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def shown(verdict: Verdict) -> None:
    """Count one presentation."""
    answer = verdict.reason.value if isinstance(verdict, Refused) else "accepted"
    _SHOWN.labels(answer).inc()


@contextmanager
def part(name: str) -> Iterator[None]:
    """Time a part of a presentation."""
    began = time.perf_counter()
    try:
        yield
    finally:
        _SECONDS.labels(name).observe(time.perf_counter() - began)
