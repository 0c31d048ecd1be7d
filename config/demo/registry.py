"""The demo's registry: tables, keys, people, filings, and what happened so far."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from config.demo.filings import Invention
from config.demo.history import Past, play, switch_some_to_individual
from config.demo.people import BCRYPT_COST, people
from config.demo.places import places
from config.demo.sign_ins import SignIns
from issuer.settings import IssuerSettings, open_press
from shared.db.schema import upgrade
from shared.db.session import Sessions, open_registry, reading
from shared.db.tables import Filing, Receiver
from shared.domain import FilingStatus
from shared.key_files import REGISTRY_FOLDER, complete_registry_keys, make_keys
from shared.passwords import hash_secret
from shared.settings import read_settings
from verifier.registry import journal
from verifier.registry.journal import Act, Author
from verifier.settings import VerifierSettings, open_installation

_AGE = timedelta(days=60)
_INDIVIDUAL = 12


def furnish(var: Path, sign_ins: SignIns, now: datetime, say: Callable[[str], None]) -> None:
    """Make keys and registry below `var`, whose settings files exist already."""
    say("keys")
    make_keys(var / "keys", now)
    installation = open_installation(read_settings(VerifierSettings, var / "verifier.toml"))
    press = open_press(read_settings(IssuerSettings, var / "issuer.toml"))
    sessions = installation.sessions
    say("offices, staff and receivers")
    upgrade(sessions)
    with sessions.begin() as session:
        session.add_all([*places(now - _AGE), *people(sign_ins, now - _AGE, now)])
        session.flush()
        journal.append(session, Act.INSTALLED, Author(), {"demo": True}, now - _AGE)
    say("past days at the counter")
    # One hash for all filings keeps preparing quick; its cost is the portal's own, or the time of
    # an answer would tell which filings exist.
    invention = Invention(hash_secret(sign_ins.inquiry_password, BCRYPT_COST))
    past = Past(installation, press, invention, sign_ins.receiver_password)
    for _ in play(past, now):
        pass
    say("filings")
    _add_waiting(sessions, invention, now)
    switch_some_to_individual(past, _some_ready(sessions), now - timedelta(hours=2))


def bring_up_to_date(var: Path) -> None:
    """Migrate the registry of an earlier start to today's tables and keys."""
    complete_registry_keys(var / "keys" / REGISTRY_FOLDER)
    sessions = open_registry(read_settings(VerifierSettings, var / "verifier.toml").registry)
    upgrade(sessions)
    sessions.kw["bind"].dispose()


def _add_waiting(sessions: Sessions, invention: Invention, now: datetime) -> None:
    with sessions.begin() as session:
        session.add_all(invention.waiting(now))
        session.flush()
        counts = {
            "filings": session.scalar(select(func.count()).select_from(Filing)),
            "receivers": session.scalar(select(func.count()).select_from(Receiver)),
        }
        journal.append(session, Act.IMPORTED, Author(), counts, now)


def _some_ready(sessions: Sessions) -> list[str]:
    with reading(sessions) as session:
        ready = select(Filing.number).where(Filing.status == FilingStatus.READY)
        return list(session.scalars(ready.order_by(Filing.number.desc()).limit(_INDIVIDUAL)))
