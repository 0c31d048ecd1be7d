"""Look for inputs that break a promise, guided by what they reach in the code.

    ./run proofs fuzz                every target for five minutes, one after another
    ./run proofs fuzz --seconds N    another time each
    ./run proofs fuzz --target NAME  only this one (several times: only these)

What reaches new code is kept in var/fuzz, and gone on from there; `--keep` adds the smallest inputs
that reach the same to tests/fuzz/corpus, which the tests replay. An input that breaks a promise is
written to var/fuzz/NAME/broken-*: mend what it found, and keep it in the corpus.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import click

from tests.fuzz.targets import CORPUS, TARGETS

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "var" / "fuzz"
SECONDS = 300
LONGEST = {"files": 20_000, "filings": 4_000, "lists": 4_000, "orders": 4_000}
"""Bytes of an input."""


@click.command()
@click.option("--seconds", default=SECONDS, show_default=True, help="for each target")
@click.option("--target", "names", multiple=True, type=click.Choice(list(TARGETS)))
@click.option("--keep", is_flag=True, help="add what was found to the corpus of the tests")
def main(seconds: int, names: tuple[str, ...], *, keep: bool) -> None:
    """Fuzz. Ends with 1 when a promise was broken."""
    broken = []
    for name in names or TARGETS:
        broken += [name] * (not fuzzed(name, seconds))
        if keep:
            merge(name)
    sys.exit(bool(broken))


def fuzzed(name: str, seconds: int) -> bool:
    """Fuzz a target in a process of its own; whether every promise held."""
    folder = FOUND / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST.get(name, 1500)}",
        f"-artifact_prefix={folder}/broken-",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    with (folder / "log.txt").open("w") as log:
        status = _libfuzzer(name, [*options, folder / "corpus", CORPUS / name], log)
    told = (folder / "log.txt").read_text("utf-8", "replace")
    click.echo(said(name, told, time.monotonic() - began, status))
    return status == 0


def merge(name: str) -> None:
    """Add to the tests' corpus the smallest of the found inputs that reach more than it does."""
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    found = FOUND / name / "corpus"
    with (FOUND / name / "merge.txt").open("w") as log:
        _libfuzzer(name, ["-merge=1", CORPUS / name, found], log)


def said(name: str, log: str, seconds: float, status: int) -> str:
    """The figures of a run in a line."""
    runs = re.findall(r"stat::number_of_executed_units:\s+(\d+)", log)
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", log)
    covered, features, kept = reached[-1] if reached else ("0", "0", "0")
    executed = int(runs[-1]) if runs else 0
    end = "every promise held" if status == 0 else f"BROKEN: see var/fuzz/{name}"
    return (
        f"{name}: {executed} inputs in {seconds:.0f} s ({executed / seconds:.0f} a second),"
        f" {covered} branches and {features} features reached by {kept} inputs: {end}"
    )


def _libfuzzer(name: str, options: list[str | Path], log: object) -> int:
    command = [sys.executable, "-m", "tests.fuzz.one", name, *map(str, options)]
    done = subprocess.run(command, stdout=log, stderr=log, check=False, cwd=ROOT)  # type: ignore[call-overload]
    return int(done.returncode)


if __name__ == "__main__":
    main()
