"""What this process measures while it works: sheets by verdict, and how long each part took.

Counts begin anew with the process, as Prometheus expects; each worker is asked for its own.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

from verifier.decision.verdict import Refused, Verdict

MEASURED = CollectorRegistry()
_SHOWN = Counter(
    "uketori_presentations",
    "Sheets shown, by verdict: accepted, or the code of the reason.",
    ["verdict"],
    registry=MEASURED,
)
_SECONDS = Histogram(
    "uketori_part_seconds",
    "How long a part of a presentation took: password (bcrypt), judge (the transaction).",
    ["part"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5),
    registry=MEASURED,
)


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
