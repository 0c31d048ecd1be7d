"""`verifier`: sets a registry up, serves it, brings filings in, exports and checks the journal."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from shared.domain import Role
from verifier import cli_adding
from verifier.cli_backup import backup, restore
from verifier.cli_import import import_
from verifier.cli_keys import keys
from verifier.cli_purge import purge
from verifier.cli_serving import serve
from verifier.cli_verifying import verify
from verifier.command import (
    CONFIG,
    PIN_FILE,
    closing_registry,
    one_line_errors,
    read_pin,
    registry_of,
    settings_at,
)
from verifier.first_steps import (
    needs_administrator,
    open_or_create,
    ready_administrator,
    ready_keys,
    ready_tables,
)
from verifier.furnishing import NewStaff, code_of, name_of
from verifier.journal_export import Period, Unexportable, begin, lines
from verifier.registry.journal import Author


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Registry of Uketori: sets it up, brings filings in, exports and checks the journal.

    \b
    A new installation, in this order:
      verifier init
      verifier staff password 3001
      verifier office add S1 '見本第一事務所'
      verifier procedure add 1 '継続検査' --deliverable '自動車検査証' --paper '旧自動車検査証'
      verifier kiosk add W1 '窓口1' --office S1
      verifier staff add 1001 '見本　一郎' --role clerk
      verifier import filings.csv

    Exit codes: 0 done, 1 refused or the journal does not hold, 2 wrong usage, 3 settings, keys or
    registry not usable.
    """


for _group in cli_adding.GROUPS:
    main.add_command(_group)
main.add_command(backup)
main.add_command(restore)
main.add_command(import_)
main.add_command(keys)
main.add_command(purge)
main.add_command(serve)


@main.command()
@click.option("--admin-number", help="Staff number of the first administrator.")
@click.option("--admin-name", help="Name of the first administrator.")
@PIN_FILE
@CONFIG
def init(
    admin_number: str | None, admin_name: str | None, pin_file: Path | None, config: Path
) -> None:
    """Make the tables, the keys and the first administrator.

    What is there already stays as it is: a second run changes nothing and says so. Keys go into
    three folders beside the one that the settings name: root (keep it in a safe), issuer (for the
    portal's machine) and registry.

    \b
    Example:
      verifier init --admin-number 3001 --admin-name '見本　四子' --pin-file pin.txt
    """
    now = datetime.now(UTC)
    with one_line_errors():
        settings = settings_at(config)
        with closing_registry(open_or_create(settings)) as sessions:
            person = None
            if needs_administrator(sessions):
                person = _first_administrator(admin_number, admin_name, pin_file)
            cost = settings.bcrypt_cost
            for step in (
                ready_keys(settings, now),
                ready_tables(sessions),
                ready_administrator(sessions, person, cost, now),
            ):
                click.echo(f"{step.text}: {'made' if step.made else 'there already'}")


def _first_administrator(number: str | None, name: str | None, pin_file: Path | None) -> NewStaff:
    """Whoever was named, or asked for; checked before anything is made."""
    return NewStaff(
        number=code_of(number or click.prompt("Staff number of the first administrator")),
        name=name_of(name or click.prompt("Name of the first administrator")),
        role=Role.ADMINISTRATOR,
        pin=read_pin(pin_file),
    )


@main.group()
def journal() -> None:
    """Export the record of every act, and check that nobody changed it."""


@journal.command("export")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file; standard output when left out.",
)
@CONFIG
def export_journal(out: Path | None, config: Path) -> None:
    """Write the whole journal as JSON Lines; the last line has its size and head.

    The export itself is journalled first, so it is the first entry that the file lacks.

    \b
    Example:
      verifier journal export --out journal-2026-11-23.jsonl
    """
    with one_line_errors(), registry_of(settings_at(config)) as sessions, _target(out) as target:
        span = begin(sessions, Period(), Author(), datetime.now(UTC))
        try:
            _write(lines(sessions, span), target)
        except Unexportable as error:
            raise click.ClickException(f"{error}; see: verifier journal verify") from error
    if out:
        click.echo(f"{out}: entries {span.first} to {span.last}")


@contextmanager
def _target(out: Path | None) -> Iterator[BinaryIO]:
    """A file that was not there before: no earlier export is lost."""
    if out is None:
        yield sys.stdout.buffer
        return
    try:
        file = out.open("xb")
    except FileExistsError as error:
        raise click.ClickException(f"{out}: is there already") from error
    with file:
        yield file


def _write(texts: Iterable[str], target: BinaryIO) -> None:
    for text in texts:
        target.write(text.encode() + b"\n")
    target.flush()


journal.add_command(verify)
