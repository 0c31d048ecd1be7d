"""What a process holds on to: memory, threads, open files; and a registry's connections."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import psutil

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Held:
    """By some processes together, at one moment."""

    memory: float
    """Resident, in MB."""
    threads: int
    files: int
    connections: int = 0
    """To the database."""


@dataclass(frozen=True, slots=True)
class Sample:
    """When, and what was held."""

    at: float
    held: Held


def held_by(processes: Sequence[psutil.Process], connections: int = 0) -> Held:
    """All of them together; one that ends meanwhile counts as nothing."""
    memory = threads = files = 0
    for process in processes:
        try:
            with process.oneshot():
                now = process.memory_info().rss, process.num_threads(), process.num_fds()
        except psutil.NoSuchProcess:
            continue
        memory, threads, files = memory + now[0], threads + now[1], files + now[2]
    return Held(memory / MEGABYTE, threads, files, connections)


def with_children(pid: int) -> list[psutil.Process]:
    """A process and those below it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


@dataclass(frozen=True, slots=True)
class Course:
    """How one of the gauges went."""

    gauge: str
    start: float
    middle: float
    end: float
    slope: float
    """An hour, over the second half: what is read and warmed up once is no leak."""

    def __str__(self) -> str:
        return (
            f"{self.gauge:11} start {self.start:7.1f}  middle {self.middle:7.1f}  "
            f"end {self.end:7.1f}  slope {self.slope:+8.1f}/h"
        )


def courses(samples: Sequence[Sample]) -> list[Course]:
    """One for each gauge; each point is the median of some samples."""
    few = max(1, len(samples) // 10)
    half = samples[len(samples) // 2 :]
    made = []
    for place, gauge in enumerate(fields(Held)):
        values = [float(astuple(sample.held)[place]) for sample in samples]
        late = [(sample.at, float(astuple(sample.held)[place])) for sample in half]
        centre = len(values) // 2
        made.append(
            Course(
                gauge.name,
                statistics.median(values[:few]),
                statistics.median(values[centre : centre + few]),
                statistics.median(values[-few:]),
                _slope(late) * 3600,
            )
        )
    return made


def _slope(points: Sequence[tuple[float, float]]) -> float:
    if len(points) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def require_flat(name: str, found: Sequence[Course]) -> None:
    """Raise AssertionError when the end holds more than the middle did, but for a little."""
    room = {"memory": 0.1, "threads": 0.15, "files": 0.15, "connections": 0.25}
    for course in found:
        most = course.middle * (1 + room[course.gauge]) + 3
        assert course.end <= most, f"{name}: {course}"


def now() -> float:
    """The seconds that samples count in."""
    return time.monotonic()
