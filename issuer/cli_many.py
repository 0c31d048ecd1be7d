"""`issuer issue-many`: sheets by the list, for offices that issue them every morning."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from issuer.command import (
    CONFIG,
    FORMATS,
    first_line,
    portal_of,
    settings_at,
)
from issuer.lists import MOST_BYTES, Refusal, UnusableList, read_rows
from issuer.many import REPORT, Folder, Issued, Kept, Outcome, issue_rows, write_report
from issuer.sheets import open_procedures
from shared.command import one_line_errors

_EVERY = 100
"""Rows between two lines of progress where nobody watches a terminal."""


@click.command("issue-many")
@click.argument(
    "file", metavar="LIST", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--out-dir",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the sheets and for refused.csv; made when it is not there.",
)
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), default="pdf", show_default=True,
    help="What each sheet becomes.",
)  # fmt: skip
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For rows that name no file of their own: its first line is the receiver's password.",
)
@click.option("--with-names", is_flag=True, help="End file names with the receiver's name.")
@click.option("--overwrite", is_flag=True, help="Issue anew what is in the folder already.")
@CONFIG
def issue_many(  # noqa: PLR0913 - click gives one argument an option
    *, file: Path, out_dir: Path, kind: str, password_file: Path | None, with_names: bool,
    overwrite: bool, config: Path,
) -> None:  # fmt: skip
    """Issue every good row of a CSV file LIST into a folder.

    The list is UTF-8 (with or without a byte order mark) or cp932. Its first line names the
    columns, in any order, in English or Japanese:

    \b
      purpose        使用目的   registration, authentication or password_change;
                                or 新規登録用, 認証用, パスワード変更用
      procedure      手続種別   code or name; for authentication only
      receiver_name  受取者名   as in the filings, with （登録番号）
      password_file  パスワードファイル   file whose first line is the password;
                                relative paths start at the list

    \b
    Example:
      issuer issue-many today.csv --out-dir today
      使用目的,手続種別,受取者名,パスワードファイル
      認証用,継続検査,見本行政書士事務所　試験　太郎（00000001）,taro.txt

    Each sheet's path goes to standard output, the progress to standard error. Rows that cannot be
    issued stand in OUT_DIR/refused.csv: line, field, reason; it is written anew each time. Files
    that are there already are kept, so that a run can be taken up again; they are called after
    line, kind and a digest of the row.

    Exit codes: 0 every row is issued or kept, 1 some rows are refused, 2 wrong usage or no list,
    3 settings, keys, registry or folder not usable.
    """
    try:
        with file.open("rb") as opened:
            rows = read_rows(opened.read(MOST_BYTES + 1))
    except UnusableList as error:
        raise click.BadParameter(str(error), param_hint="LIST") from error
    folder = Folder(path=out_dir, kind=kind, shows_names=with_names, replaces=overwrite)
    settings = settings_at(config)
    with one_line_errors(), portal_of(settings) as portal:
        out_dir.mkdir(parents=True, exist_ok=True)
        procedures = open_procedures(portal.sessions)
        password_in = _passwords(file.parent, password_file)
        outcomes = issue_rows(portal, rows, procedures, folder, password_in)
        count = _told(_with_progress(outcomes, len(rows)), out_dir / REPORT)
    if count["refused"]:
        raise SystemExit(1)


def _passwords(beside: Path, default: Path | None) -> Callable[[str], str]:
    """Looks into a row's password file, or into the one for all; without either it is empty."""

    def password_in(named: str) -> str:
        if named:
            return first_line(beside / named)
        return first_line(default) if default else ""

    return password_in


def _told(outcomes: Iterable[Outcome], report: Path) -> Counter[str]:
    """Tell each file as it is there; the report is written however the run ends."""
    count: Counter[str] = Counter()
    refusals: list[Refusal] = []
    try:
        for outcome in outcomes:
            match outcome:
                case Issued(path):
                    count["issued"] += 1
                    click.echo(path)
                case Kept():
                    count["kept"] += 1
                case list():
                    count["refused"] += 1
                    refusals += outcome
    finally:
        write_report(report, refusals)
        click.echo(
            f"{count['issued']} issued, {count['kept']} kept as they were, "
            f"{count['refused']} refused: see {report}",
            err=True,
        )
    return count


def _with_progress(outcomes: Iterable[Outcome], rows: int) -> Iterator[Outcome]:
    watched = sys.stderr.isatty()
    for number, outcome in enumerate(outcomes, start=1):
        yield outcome
        if watched:
            click.echo(f"\r{number} of {rows} rows", err=True, nl=number == rows)
        elif number % _EVERY == 0 or number == rows:
            click.echo(f"{number} of {rows} rows", err=True)
