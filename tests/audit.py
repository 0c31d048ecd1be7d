"""Known weaknesses of what we stand on, and the list of its licences.

    ./run audit             asks the advisory database of PyPI; needs the network
    ./run audit --osv       asks that of osv.dev instead

Ends with 1 when a locked version has a known weakness, or when not every package could be asked
about: no answer is never taken for a good one.
"""

import subprocess
import sys

import click

from tests import licences

_NOT_ASKED = (
    "The advisory database could not be asked about every package, so nothing is known: is there a"
    " way to the network here? Try again, or --osv for the other database."
)


@click.command()
@click.option("--osv", "database", flag_value="osv", help="the database of osv.dev")
def main(database: str | None) -> None:
    """Look for known weaknesses in every lock, and write LICENCES.md anew."""
    listed = licences.packages()
    licences.FILE.write_text(licences.document(listed), "utf-8")
    refused = [one for one in listed if not one.is_allowed]
    for one in refused:
        click.echo(f"{one.name}: the licence {one.licence} was never allowed", err=True)
    wrong = [lock for lock in licences.LOCKS if not is_sound(lock, database or "pypi")]
    sys.exit(bool(refused or wrong))


def is_sound(lock: str, database: str) -> bool:
    """Whether every package of a lock was asked about and none has a known weakness."""
    command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes",
               "--progress-spinner", "off", "-s", database,
               "-r", str(licences.ROOT / lock)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    click.echo(f"{lock}: {said(done)}", err=done.returncode != 0)
    return done.returncode == 0


def said(done: "subprocess.CompletedProcess[str]") -> str:
    """What pip-audit found, or that it could ask nobody."""
    if done.returncode == 0:
        return "no known weakness"
    if "Found " in done.stderr + done.stdout:
        return f"known weaknesses\n{done.stdout}"
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return f"{_NOT_ASKED}\n  {last}"


if __name__ == "__main__":
    main()
