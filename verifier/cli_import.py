"""`verifier import`: a file of filings into the registry."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from verifier.command import CONFIG, one_line_errors, registry_of, settings_at
from verifier.filings.importing import Run, Told, bring_in, resumes_after, try_out
from verifier.filings.records import ENCODINGS, FileRefused, FilingsFile
from verifier.filings.report import open_report
from verifier.installation import utc_now


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--encoding",
    type=click.Choice(ENCODINGS),
    default=ENCODINGS[0],
    show_default=True,
    help="How the file is written; utf-8 may begin with a byte order mark.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would become of each row, and stop.")
@click.option(
    "--from-start", is_flag=True, help="Begin at the head, also after an interrupted run."
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the refused rows are listed; FILE.refused.csv when left out.",
)
@CONFIG
def import_(
    *,
    file: Path,
    encoding: str,
    dry_run: bool,
    from_start: bool,
    report: Path | None,
    config: Path,
) -> None:
    """Bring filings in from a CSV or JSON Lines FILE, of any length.

    Fields, in English or as in the office's lists: number 受付番号, procedure 手続種別 (code or
    name), office 事務所 (code), status 状況; and, if you like, receiver_name 受取者名, plate
    車両番号, chassis 車台番号, tax_confirmed 納税確認 (yes 済, no 未), password 申請用パスワード.

    A filing is known by its number; what a file does not name stays. Filings that are in hand,
    handed over or withdrawn stay as they are, and no file changes a pick-up method. Rows that are
    not in order stay out and are listed in the report: line, field, reason. Mend them in the file
    and bring it in again: what is there already is left as it is.

    An interrupted run goes on where it stopped when the same file is given again.

    Exit codes: 0 every row is in, 1 some rows are refused, 3 settings or registry not usable.

    \b
    Examples:
      verifier import --dry-run filings.csv
      verifier import filings.csv
      verifier import --encoding cp932 filings.csv
      verifier import filings.jsonl --report refused.csv
    """
    handed = FilingsFile(file, encoding)
    path = report or file.with_name(f"{file.name}.refused.csv")
    with one_line_errors():
        settings = settings_at(config)
        with registry_of(settings) as sessions, _told_of(file), _progress(file) as told:
            run = Run(
                sessions=sessions,
                file=handed,
                cost=settings.bcrypt_cost,
                clock=utc_now,
                told=told,
            )
            sha256 = handed.sha256()
            after = 0 if dry_run or from_start else resumes_after(sessions, sha256)
            if after:
                click.echo(f"An earlier run stopped: going on behind line {after}.", err=True)
            with open_report(path, after) as refused:
                done = try_out(run, refused) if dry_run else bring_in(run, refused, sha256, after)
    would = "would be: " if dry_run else ""
    click.echo(f"{file}: {would}{done}")
    if refused.rows:
        rows = "row is" if refused.rows == 1 else "rows are"
        raise click.ClickException(f"{refused.rows} {rows} not in order: see {path}")


@contextmanager
def _progress(file: Path) -> Iterator[Told]:
    """How much of the file is read: a bar for people, nothing for a file."""
    with click.progressbar(
        length=file.stat().st_size, label="Filings", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        yield lambda position: bar.update(position - bar.pos)


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    try:
        yield
    except FileRefused as error:
        for problem in error.problems:
            click.echo(f"{file}: {problem}", err=True)
        raise click.ClickException("this is no file of filings; nothing was written") from error
