"""`verifier backup` and `verifier restore`: the whole registry in one signed file, and back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from shared.db.session import reading
from shared.key_files import read_checkpoint_key, read_checkpoint_publics
from verifier.backup import restoring, writing
from verifier.backup.form import Heading, InvalidBackup
from verifier.command import CONFIG, closing_registry, one_line_errors, registry_of, settings_at
from verifier.first_steps import open_or_create
from verifier.installation import utc_now
from verifier.state_check import check_everything


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@CONFIG
def backup(file: Path, config: Path) -> None:
    """Write the whole registry into a new FILE while everybody goes on working.

    Readable by its owner only, and signed with the registry's own key: it holds names, plates and
    password hashes, but no key. The key folders are not in it; keep copies of these apart, in a
    safe. What is written is read back and checked. So are the journal's chain, and
    the registry against what its journal says was handed over.

    Exit codes: 0 written and checked, 1 the file is written but the journal does not hold.

    \b
    Example:
      verifier backup /var/backups/uketori/2026-11-24.backup
    """
    with one_line_errors():
        settings = settings_at(config)
        key, publics = read_checkpoint_key(settings.keys), read_checkpoint_publics(settings.keys)
        with registry_of(settings) as sessions:
            with reading(sessions) as session:
                rows = writing.count(session)
            with _progress(rows) as told:
                made = writing.back_up(sessions, file, key, utc_now(), told)
            restoring.check(file, publics)
            found = check_everything(sessions, publics=publics)
    click.echo(f"{file}: {_told(made)}, {file.stat().st_size:,} bytes")
    if not found.holds:
        raise click.ClickException(f"the journal does not hold: {found.breaks[0]}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Only read it from end to end.")
@CONFIG
def restore(*, file: Path, only_check: bool, config: Path) -> None:
    """Bring a backup FILE into the empty database that the settings name, SQLite or PostgreSQL.

    Before anything is written the file is read to its end and its signature checked; before
    anything is kept the journal's chain is verified. Acts after the backup are lost: papers handed
    over since then are ready again here, so compare with receipts and the copy of the checkpoints
    (`verifier journal verify --checkpoints`) before a window opens. What windows did on day plans
    comes in when they return them, also from plans made after the backup; new plans are made once
    every old one is over, a day after the restore.

    \b
    Examples:
      verifier restore --check 2026-11-24.backup
      verifier restore 2026-11-24.backup --config new.toml
    """
    with one_line_errors():
        settings = settings_at(config)
        publics = read_checkpoint_publics(settings.keys)
        try:
            if only_check:
                made = restoring.check(file, publics)
            else:
                with closing_registry(open_or_create(settings)) as sessions:
                    made = restoring.restore(sessions, file, publics, utc_now(), _say)
        except InvalidBackup as error:
            raise click.ClickException(f"{file}: {error}") from error
    done = "whole and signed by this registry" if only_check else "restored, the journal holds"
    click.echo(f"{file}: {_told(made)}: {done}")


def _told(made: Heading) -> str:
    return f"made {made.made_at}, {made.entries} journal entries, head {made.head[:12]}"


@contextmanager
def _progress(rows: int) -> Iterator[writing.Told]:
    """How many rows are written: a bar for people, nothing for a file."""
    with click.progressbar(
        length=rows, label="Rows", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        yield lambda done: bar.update(done - bar.pos)


def _say(done: int) -> None:
    """Nobody knows of how many rows: the file is packed."""
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} rows", err=True, nl=False)
