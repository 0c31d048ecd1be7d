"""Answers added up, and the tables made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.readers import OURS, Answer

Row = Sequence[object]


@dataclass
class Tally:
    """What each reader said to the same pictures."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)

    def add(self, picture: str, answers: dict[str, Answer]) -> None:
        """One picture."""
        self.pictures.append(picture)
        for name, answer in answers.items():
            self.answers.setdefault(name, []).append(answer)

    def reads(self, name: str) -> int:
        """How many pictures it read."""
        return sum(answer.read for answer in self.answers[name])

    @property
    def wrong(self) -> int:
        """How often this project, in whatever way, gave a text that is not there."""
        ours = [name for name in self.answers if name.startswith(OURS)]
        return sum(answer.wrong for name in ours for answer in self.answers[name])

    @property
    def best_peer(self) -> str:
        """The engine that read most."""
        return max(self.peers, key=self.reads)

    @property
    def peers(self) -> list[str]:
        """The engines alone."""
        return [name for name in self.answers if not name.startswith(OURS)]

    @property
    def left_by_best(self) -> list[Answer]:
        """What this project said where the best engine alone read nothing."""
        best = self.answers[self.best_peer]
        return [ours for ours, peer in zip(self.answers[OURS], best, strict=True) if not peer.read]

    def missed(self, way: str = OURS) -> list[str]:
        """Pictures that some engine read and this project, in one of its ways, did not, and which
        did."""
        missed = []
        for picture, (ours, *peers) in zip(self.pictures, self._beside(way), strict=True):
            by = [name for name, peer in zip(self.peers, peers, strict=True) if peer.read]
            if by and not ours.read:
                missed.append(f"{picture} ({', '.join(by)})")
        return missed

    @property
    def ratios(self) -> list[float]:
        """This project's time over that of the fastest engine that read the same picture."""
        return [
            ours.ms / max(0.1, min(p.ms for p in peers if p.read))
            for ours, *peers in self._beside()
            if ours.read and any(p.read for p in peers)
        ]

    def _beside(self, way: str = OURS) -> Iterable[tuple[Answer, ...]]:
        return zip(self.answers[way], *(self.answers[name] for name in self.peers), strict=True)

    def rows(self) -> list[Row]:
        """Reader, reads, wrong texts, median and 95th percentile of milliseconds."""
        return [
            (
                name, f"{self.reads(name)} of {len(given)}", sum(a.wrong for a in given),
                f"{median(a.ms for a in given):.1f}", f"{p95([a.ms for a in given]):.1f}",
            )
            for name, given in self.answers.items()
        ]  # fmt: skip


HEAD = ("reader", "read", "wrong texts", "CPU ms, median", "p95")


@dataclass(frozen=True, slots=True)
class Target:
    """Something to reach, and what was measured."""

    wanted: str
    measured: str
    reached: bool

    def row(self) -> Row:
        """For the table of targets."""
        return self.wanted, self.measured, "pass" if self.reached else "**fail**"


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def table(head: Row, rows: Iterable[Row]) -> str:
    """Markdown, columns padded so that a terminal shows them as well."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = [" | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    padded.insert(1, "-|-".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" if "-|-" not in line else f"|-{line}-|" for line in padded)
