"""`verifier journal verify`: from the registry or an export, against witnesses from outside."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from shared.db.session import Sessions, reading
from shared.key_files import read_checkpoint_public, read_checkpoint_publics
from verifier import checkpoints, journal_check
from verifier.checkpoints import InvalidCheckpoints, Publics
from verifier.command import CONFIG, one_line_errors, registry_of, settings_at
from verifier.journal_export import check_export
from verifier.journal_walk import Findings, How, Progress, Witnesses
from verifier.state_check import check_everything

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _heads(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[str]:
    heads = [re.sub(r"\s", "", head).lower() for head in given]
    if not all(re.fullmatch(r"[0-9a-f]{12,64}", head) for head in heads):
        raise click.BadParameter("a head has 12 to 64 digits from 0 to f")
    return heads


@click.command("verify")
@click.option(
    "--file",
    type=_FILE,
    help="An export to check instead of the registry; needs neither settings nor registry.",
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    callback=_heads,
    help="A hash that must be in the journal: 12 digits or more, as printed on a receipt.",
)
@click.option(
    "--checkpoints", "copy", type=_FILE, help="A copy of the signed checkpoints from elsewhere."
)
@click.option(
    "--key",
    type=_FILE,
    help="checkpoint-001.pub.pem, kept outside; the registry's own key folder when left out.",
)
@CONFIG
def verify(
    file: Path | None, heads: list[str], copy: Path | None, key: Path | None, config: Path
) -> None:
    """Check the journal's chain, and name the entry where it breaks, and why.

    An edit, a deletion, an insertion and a swap show by themselves; the registry's own signed
    checkpoints show that it was written anew. That its end was cut off, or that the checkpoints
    went with it, shows only against a witness from outside: the copy of the checkpoints on another
    machine, or a receipt.

    What the journal says was handed over is compared with the filings and hand-overs of the
    registry, and every filing that differs is named. An export has nothing to compare with.

    \b
    Examples:
      verifier journal verify
      verifier journal verify --head 1f3a90c2b7de
      verifier journal verify --checkpoints /mnt/elsewhere/checkpoints.jsonl
      verifier journal verify --file journal-2026-11-23.jsonl --checkpoints checkpoints.jsonl \\
             --key checkpoint-001.pub.pem
    """
    with one_line_errors():
        publics = _publics(key, config) if copy or not file else {}
        outside = Witnesses(frozenset(heads), _sizes(copy, publics))
        found = _check_file(file, outside) if file else _check_registry(config, outside, publics)
    _tell(found, outside)


def _check_file(file: Path, outside: Witnesses) -> Findings:
    with file.open("rb") as raw:
        total = sum(1 for _line in raw)
    with file.open(encoding="utf-8", errors="replace", newline="\n") as text, _bar(total) as told:
        return check_export(text, outside, told)


def _check_registry(config: Path, outside: Witnesses, publics: Publics) -> Findings:
    with registry_of(settings_at(config)) as sessions, _bar(_count(sessions)) as told:
        return check_everything(sessions, outside, publics, told)


def _count(sessions: Sessions) -> int:
    with reading(sessions) as session:
        return journal_check.count(session)


def _publics(key: Path | None, config: Path) -> Publics:
    """One key from outside counts for every checkpoint: it is what the asker trusts."""
    if key is None:
        return read_checkpoint_publics(settings_at(config).keys)
    public = read_checkpoint_public(key)
    return {key_id: public for key_id in range(1, 256)}


def _sizes(copy: Path | None, publics: Publics) -> dict[int, str]:
    if copy is None:
        return {}
    try:
        with copy.open(encoding="ascii", errors="replace") as lines:
            return checkpoints.sizes(checkpoints.read_lines(lines, publics))
    except InvalidCheckpoints as error:
        raise click.ClickException(f"{copy}: {error}") from error


@contextmanager
def _bar(total: int) -> Iterator[Progress]:
    """How far the walk has come: a bar for people, nothing for a file."""
    with click.progressbar(
        length=total, label="Entries", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        yield lambda done: bar.update(done - bar.pos)


def _tell(found: Findings, outside: Witnesses) -> None:
    if not found.holds:
        for flaw in found.breaks:
            click.echo(str(flaw), err=True)
        chain = [flaw.seq for flaw in found.breaks if flaw.how is not How.STATE_DIFFERS]
        if not chain:
            raise click.ClickException("the chain holds, but the registry disagrees with it")
        first = min(chain)
        raise click.ClickException(f"the journal does not hold, first at entry {first}")
    click.echo(f"The journal holds: {found.entries} entries, head {found.head}")
    click.echo(f"Agreed: {found.agreed} checkpoints and receipts")
    if not (outside.heads or outside.sizes):
        click.echo(
            "No witness from outside was given: that its newest entries were cut off would not "
            "show (--head, --checkpoints)."
        )
