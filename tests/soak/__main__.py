"""The proof that nothing grows: an hour compressed, then ten real minutes with faults.

    ./run proofs soak
    ./run proofs soak --minutes 2 --presentations 500     the same, shorter

Ends with a traceback when memory, threads, open files or connections at the end are more than in
the middle, but for a little.
"""

import tempfile
import time
from pathlib import Path

import click

from shared.db.schema import upgrade
from shared.db.session import open_registry
from tests.own_postgresql import own_postgresql, url_of
from tests.soak.day import soak
from tests.soak.gauges import require_flat
from tests.soak.hour import compressed_hour


@click.command()
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--presentations", default=3000, show_default=True, help="Of the compressed hour.")
def main(minutes: float, presentations: int) -> None:
    """Both, and their figures."""
    with tempfile.TemporaryDirectory(prefix="uketori-soak-") as folder:
        began = time.monotonic()
        done, found = compressed_hour(Path(folder), presentations)
        click.echo(f"an hour in {(time.monotonic() - began) / 60:.1f} min: {_told(done)}")
        for course in found[:-1]:
            click.echo(f"  {course}")
        require_flat("compressed hour", found[:-1])
    if minutes:
        _real(minutes)


def _real(minutes: float) -> None:
    with tempfile.TemporaryDirectory(prefix="uketori-soak-") as folder, own_postgresql() as server:
        sessions = open_registry(url_of(server))
        upgrade(sessions)
        soaked = soak(sessions, url_of(server), Path(folder), minutes)
        sessions.kw["bind"].dispose()
    click.echo(f"{soaked.seconds / 60:.1f} real min: {soaked.presented} presentations")
    click.echo(f"  {_told(soaked.done)}\n  faults: {_told(soaked.faults)}")
    for name, found in soaked.courses.items():
        for course in found:
            if course.gauge != "connections" or name == "registry":
                click.echo(f"  {name:9} {course}")
    for name, found in soaked.courses.items():
        require_flat(name, found)


def _told(done: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(done.items()))


if __name__ == "__main__":
    main()
