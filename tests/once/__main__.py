"""The proof that papers are handed over exactly once, whoever races and whatever is killed.

    ./run proofs once                 a race and 200 kills each on both databases; about an hour
    ./run proofs once --kills 20 --filings 200 --examples 50    the same, smaller

Every line that is printed was checked: no filing released twice, no acknowledged release lost, no
release without its journal entry, the chain valid, no basket stuck. Progress goes to
standard error.
"""

import sys
import tempfile
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from shared.db.schema import upgrade
from shared.db.session import open_registry
from tests.once import machine
from tests.once.central import killed_central
from tests.once.invariants import End
from tests.once.killing import Killed, Plan
from tests.once.office import killed_kiosk
from tests.once.racing import Raced, race
from tests.own_postgresql import own_postgresql, url_of
from tests.registries import new_sqlite

PARTS = ("race-sqlite", "race-postgresql", "kiosk", "central", "machine")


@click.command()
@click.option("--processes", default=8, show_default=True)
@click.option("--filings", default=2000, show_default=True)
@click.option("--kills", default=200, show_default=True, help="Of each that is killed.")
@click.option("--examples", default=300, show_default=True, help="Of the state machine.")
@click.option("--minutes", default=None, type=float, help="Kill no longer than so many.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="All when left out.")
def main(
    processes: int, filings: int, kills: int, examples: int, minutes: float | None,
    parts: tuple[str, ...],
) -> None:  # fmt: skip
    """Race and kill. Ends with a traceback and without a line when something does not hold."""

    def plan() -> Plan:
        return Plan(kills, until=time.monotonic() + 60 * (minutes or float("inf")))

    runs: dict[str, Callable[[], str]] = {
        "race-sqlite": lambda: _raced("SQLite", _sqlite, processes, filings),
        "race-postgresql": lambda: _raced("PostgreSQL", _postgresql, processes, filings),
        "kiosk": lambda: _killed("kiosk, SQLite", _kill_kiosk(plan())),
        "central": lambda: _killed("registry, PostgreSQL", _kill_central(plan())),
        "machine": lambda: _walked(examples),
    }
    for name in parts or PARTS:
        click.echo(f"{name} ...", err=True)
        click.echo(runs[name]())
        sys.stdout.flush()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="uketori-once-") as folder:
        yield Path(folder)


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    new_sqlite(folder).kw["bind"].dispose()
    yield f"sqlite:///{folder / 'registry.db'}"


@contextmanager
def _postgresql(_folder: Path) -> Iterator[str]:
    with own_postgresql() as server:
        sessions = open_registry(url_of(server))
        upgrade(sessions)
        sessions.kw["bind"].dispose()
        yield url_of(server)


def _raced(name: str, registry: Callable[[Path], object], processes: int, filings: int) -> str:
    with _folder() as folder, registry(folder) as url:  # type: ignore[attr-defined]
        raced: Raced = race(url, folder, processes, filings)
    title = f"race, {name}: {processes} processes and the portal, {filings} filings"
    return _line(title, raced.done, raced.end, raced.seconds, f"looked at {raced.looks} times")


def _kill_kiosk(plan: Plan) -> Killed:
    with _folder() as folder:
        return killed_kiosk(folder, plan)


def _kill_central(plan: Plan) -> Killed:
    with _folder() as folder, own_postgresql() as server:
        sessions = open_registry(url_of(server))
        upgrade(sessions)
        try:
            return killed_central(server, sessions, url_of(server), folder, plan)
        finally:
            sessions.kw["bind"].dispose()


def _killed(title: str, killed: Killed) -> str:
    kills = ", ".join(f"{name} {count}" for name, count in killed.kills.items())
    return _line(f"kill -9, {title}", killed.done, killed.end, killed.seconds, f"killed: {kills}")


def _walked(examples: int) -> str:
    began = time.monotonic()
    with _folder() as folder, _postgresql(folder) as url:
        sessions = open_registry(url)
        machine.walk(sessions, examples)
        sessions.kw["bind"].dispose()
    seconds = time.monotonic() - began
    return f"state machine, PostgreSQL: {examples} walks of {machine.STEPS} steps, {seconds:.0f} s"


def _line(title: str, done: Tally[str], end: End, seconds: float, more: str) -> str:
    acts = ", ".join(f"{name} {count}" for name, count in sorted(done.items()))
    return (
        f"{title}\n  {more}\n  {acts}\n"
        f"  {end.released} releases, {end.undone} undone, {end.entries} entries; {seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
