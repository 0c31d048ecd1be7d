"""The first steps of an installation: tables, keys, the first administrator; nothing twice."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from shared.db.schema import is_empty, upgrade
from shared.db.session import Sessions, open_registry, reading
from shared.db.tables import Staff
from shared.domain import Role
from shared.key_files import (
    ISSUER_FOLDER,
    REGISTRY_FOLDER,
    ROOT_FOLDER,
    complete_registry_keys,
    make_keys,
    read_pinned_key_set,
    read_sealing_keys,
)
from shared.passwords import hash_secret
from shared.settings import InvalidSettings
from verifier.administration.why import NotDone, Why
from verifier.furnishing import NewStaff, staff_row
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json
from verifier.settings import VerifierSettings


@dataclass(frozen=True, slots=True)
class Step:
    """One thing an installation needs."""

    text: str
    made: bool
    """False: it was there already, and is as it was."""


def registry_file(url: str) -> Path | None:
    """The file of a SQLite registry; None for a server or a registry in memory."""
    parsed = make_url(url)
    named = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if named else None


def open_or_create(settings: VerifierSettings) -> Sessions:
    """The registry's database, with a folder for a SQLite file that only its owner enters."""
    if file := registry_file(settings.registry):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open_registry(settings.registry)


def needs_administrator(sessions: Sessions) -> bool:
    """Whether nobody could let anybody in yet."""
    if is_empty(sessions):
        return True
    with reading(sessions) as session:
        return _administrator(session) is None


def ready_keys(settings: VerifierSettings, now: datetime) -> Step:
    """Make the keys of a new installation, or see that those there can be used.

    Raises InvalidKeys for keys that are damaged, incomplete or out of date, InvalidSettings for a
    folder that `make_keys` does not make.
    """
    folder = settings.keys
    if folder.exists():
        read_pinned_key_set(folder, now)
        read_sealing_keys(folder)
        made = complete_registry_keys(folder)
        return Step(f"Keys: {folder}", made)
    if folder.name != REGISTRY_FOLDER:
        raise InvalidSettings(f'keys: {folder}: the folder is called "{REGISTRY_FOLDER}"')
    make_keys(folder.parent, now)
    names = ", ".join((ROOT_FOLDER, ISSUER_FOLDER, REGISTRY_FOLDER))
    return Step(f"Keys: {folder.parent} ({names})", made=True)


def ready_tables(sessions: Sessions) -> Step:
    """Create the tables, or bring those of an earlier version up to date. Raises TablesInUse."""
    new = is_empty(sessions)
    upgrade(sessions)
    return Step("Tables of the registry", made=new)


def ready_administrator(
    sessions: Sessions, person: NewStaff | None, cost: int, now: datetime
) -> Step:
    """Add the first administrator and journal the installation; nobody when there is one.

    Raises NotDone.
    """
    with reading(sessions) as session:
        there = _administrator(session)
    if there is not None or person is None:
        return Step(f"Administrator: {there}", made=False)
    row = staff_row(person, hash_secret(person.pin, cost), now)
    body: dict[str, Json] = {"administrator": person.number}
    with sessions.begin() as session:
        if session.get(Staff, person.number) is not None:
            raise NotDone(
                Why.EXISTS, f"staff {person.number} is there already, as no administrator"
            )
        session.add(row)
        session.flush()
        journal.append(session, Act.INSTALLED, Author(), body, now)
    return Step(f"Administrator: {person.number}", made=True)


def _administrator(session: Session) -> str | None:
    """The staff number of an administrator who is at work."""
    at_work = select(Staff.number).where(Staff.disabled_at.is_(None))
    found = at_work.where(Staff.role == Role.ADMINISTRATOR).order_by(Staff.number).limit(1)
    return session.scalar(found)
