"""`verifier keys`: the life of a key pair, each step journalled, none that is final unasked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy.orm import Session

from shared.key_files import KEY_SET_LIVES, read_pinned_key_set
from shared.keys import TestKeys
from shared.web.times import jst_log
from verifier import key_rotation
from verifier.command import CONFIG, one_line_errors, registry_of, settings_at
from verifier.installation import utc_now
from verifier.key_rotation import PUBLISHED_BEFORE_USE, Folders, KeyPair, NotRotated
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

_KEY = click.argument("key_id", metavar="ID", type=click.IntRange(1, 255))
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group()
def keys() -> None:
    """Keys of the sheets: make a new pair, and end an old one.

    \b
    Once a year, with the folders root/ and issuer/ beside the registry's:
      verifier keys create
      verifier keys publish 2         now: in use in 30 days
      (copy issuer/ to the portal's machine; restart the portal and counters with a registry of
      their own within these days)
      (restart the portal once the day has come; `verifier keys list` says which)
      verifier keys retire 1          when the last sheets of the old key have expired
      verifier keys destroy 1

    `verifier serve` takes other keys within seconds, or at once on SIGHUP. Portal and counters read
    theirs when they start; a counter elsewhere fetches the public ones every ten minutes.
    """


@keys.command("list")
@CONFIG
def list_(config: Path) -> None:
    """Every pair, what it does today, and until when the key set holds.

    \b
    Example:
      verifier keys list
    """
    with one_line_errors():
        folders, now = Folders(settings_at(config).keys), utc_now()
        key_set = read_pinned_key_set(folders.registry, now - KEY_SET_LIVES)
        for pair in key_rotation.pairs(folders, key_set, now):
            click.echo(_line(pair))
    days = (key_set.expires_at - now).days
    held = "holds for" if days >= 0 else "EXPIRED:"
    click.echo(
        f"Key set {key_set.version}: {held} {days} days, until {jst_log(key_set.expires_at)}"
    )


def _line(pair: KeyPair) -> str:
    since = f" from {jst_log(pair.starts)}" if pair.starts else ""
    opens = "" if pair.opens else ", cannot open what it sealed"
    return f"{pair.key_id:3}  {pair.state}{since}{opens}{', practice' if pair.is_test else ''}"


@keys.command()
@click.option("--test", "practice", is_flag=True, help="A practice pair: refused in production.")
@CONFIG
def create(*, practice: bool, config: Path) -> None:
    """Make the next pair; nothing uses it before it is published.

    \b
    Example:
      verifier keys create
    """
    kind = TestKeys.ACCEPTED if practice else TestKeys.REFUSED
    with _rotating(config) as (session, folders, now):
        key_set = read_pinned_key_set(folders.registry, now - KEY_SET_LIVES)
        key_id = key_rotation.create(folders, key_set, kind)
        _note(session, "created", {"key": key_id}, now)
    click.echo(f"Key {key_id}: created. Next: verifier keys publish {key_id}")


@keys.command()
@_KEY
@click.option(
    "--in-use-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day (UTC) from which new sheets use it; 30 days from now when left out.",
)
@CONFIG
def publish(key_id: int, in_use_from: datetime | None, config: Path) -> None:
    """Sign a key set with this pair in it, with the root key out of the safe.

    \b
    Example:
      verifier keys publish 2
    """
    with _rotating(config) as (session, folders, now):
        starts = now + PUBLISHED_BEFORE_USE
        if in_use_from is not None:
            starts = in_use_from.replace(tzinfo=now.tzinfo)
        key_set = key_rotation.publish(folders, key_id, starts, now)
        _note(session, "published", {"key": key_id, "version": key_set.version}, now)
    click.echo(f"Key {key_id}: published in key set {key_set.version}, in use from {starts:%F}.")
    click.echo("Copy issuer/ to the portal's machine; put root/ back into the safe.")


@keys.command()
@_KEY
@click.option(
    "--longest-valid",
    type=click.IntRange(1, 3650),
    default=90,
    show_default=True,
    help="Days for which the portal's sheets are valid at most.",
)
@click.option("--stolen", is_flag=True, help="At once: its sheets are refused from now on.")
@_YES
@CONFIG
def retire(*, key_id: int, longest_valid: int, stolen: bool, yes: bool, config: Path) -> None:
    """Sign a key set without this pair: sheets made with it are refused.

    Refused itself while such sheets may be about, except for a stolen key. Individual codes hold
    until their filing is handed over: those still open must be issued anew.

    \b
    Examples:
      verifier keys retire 1
      verifier keys retire 1 --stolen
    """
    if stolen and not yes:
        _ask(f"Every sheet made with key {key_id} will be refused.", key_id)
    with _rotating(config) as (session, folders, now):
        if stolen:
            key_set = key_rotation.revoke(folders, key_id, now)
        else:
            key_set = key_rotation.retire(folders, key_id, timedelta(days=longest_valid), now)
        change = "revoked" if stolen else "retired"
        _note(session, change, {"key": key_id, "version": key_set.version}, now)
    click.echo(
        f"Key {key_id}: {change}, key set {key_set.version}. Restart portal and counters; "
        "verifier serve follows within seconds."
    )


@keys.command()
@_KEY
@_YES
@CONFIG
def destroy(*, key_id: int, yes: bool, config: Path) -> None:
    """Remove both private halves of a retired pair: what it sealed stays shut for good.

    Backups of the key folder keep it alive: destroy those as well.

    \b
    Example:
      verifier keys destroy 1
    """
    if not yes:
        _ask(f"What key {key_id} sealed can never be opened again.", key_id)
    with _rotating(config) as (session, folders, now):
        _note(session, "destroyed", {"key": key_id}, now)
        for file in key_rotation.destroy(folders, key_id, now):
            click.echo(f"{file}: destroyed")


@contextmanager
def _rotating(config: Path) -> Iterator[tuple[Session, Folders, datetime]]:
    """A step and its journal entry: the one is not kept without the other."""
    with one_line_errors():
        settings = settings_at(config)
        with registry_of(settings) as sessions, sessions.begin() as session:
            try:
                yield session, Folders(settings.keys), utc_now()
            except NotRotated as error:
                raise click.ClickException(str(error)) from error


def _note(session: Session, change: str, body: dict[str, Json], now: datetime) -> None:
    journal.append(session, Act.KEY_CHANGED, Author(), {"change": change, **body}, now)


def _ask(consequence: str, key_id: int) -> None:
    typed = click.prompt(
        f"{consequence} Type the key's id to go on", default="", show_default=False
    )
    if typed.strip() != str(key_id):
        raise click.ClickException("nothing was changed")
