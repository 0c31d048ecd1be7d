"""`verifier`: sets a registry up, serves it, brings filings in, exports and checks the journal."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from shared.domain import Role
from verifier import cli_adding, importer
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
from verifier.filing_files import ENCODINGS, FileRefused
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


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--encoding",
    type=click.Choice(ENCODINGS),
    default=ENCODINGS[0],
    show_default=True,
    help="How the file is written; utf-8 may begin with a byte order mark.",
)
@CONFIG
def import_(file: Path, encoding: str, config: Path) -> None:
    """Bring filings in from a CSV or JSON Lines FILE: all of it, or nothing.

    Fields, in English or as in the office's lists: number 受付番号, procedure 手続種別 (code or
    name), office 事務所 (code), status 状況; and, if you like, receiver_name 受取者名, plate
    車両番号, chassis 車台番号, tax_confirmed 納税確認 (yes 済, no 未), password 申請用パスワード.

    A filing is known by its number; what a file does not name stays. Filings that are in hand,
    handed over or withdrawn stay as they are, and no file changes a pick-up method.

    \b
    Examples:
      verifier import filings.csv
      verifier import --encoding cp932 filings.csv
      verifier import filings.jsonl
    """
    with one_line_errors():
        settings = settings_at(config)
        handed = importer.FilingsFile(file.read_bytes(), encoding)
        with registry_of(settings) as sessions, _problems_told(file):
            rows = importer.read_filings(sessions, handed)
            with click.progressbar(
                length=sum(bool(row.password) for row in rows),
                label="Passwords",
                file=sys.stderr,
                hidden=not sys.stderr.isatty(),
            ) as bar:
                hashes = importer.hash_passwords(
                    sessions, rows, settings.bcrypt_cost, lambda: bar.update(1)
                )
            now = datetime.now(UTC)
            done = importer.write_filings(sessions, rows, hashes, handed.sha256, now)
    click.echo(
        f"{file}: {done.new} new, {done.updated} updated, {done.unchanged} unchanged, "
        f"{done.kept} kept as they are (in hand, handed over or withdrawn)"
    )


@contextmanager
def _problems_told(file: Path) -> Iterator[None]:
    try:
        yield
    except FileRefused as error:
        for problem in error.problems:
            click.echo(f"{file}: {problem}", err=True)
        count = len(error.problems)
        raise click.ClickException(
            f"{count} problem{'s' if count > 1 else ''}; nothing was written"
        ) from error


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
