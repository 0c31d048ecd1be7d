"""The portal's settings, and the portal they describe."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from issuer.limits import Limits
from issuer.portal import Portal
from issuer.sheets import Press
from shared.db.session import open_registry
from shared.key_files import LOOKUP, read_pinned_key_set, signing_key_in_use
from shared.keys import InvalidKeys
from shared.settings import InvalidSettings, Settings, read_secret
from shared.web.crowds import Crowd

PUBLIC = Crowd(connections=500, each=40, in_hand=28, a_second=1)
"""Anybody may ask. A page is about ten requests, an office of many people one address."""
NEAR = Crowd(connections=500, each=500, in_hand=28)
"""A proxy asks for everybody, and counts addresses itself."""


class IssuerSettings(Settings):
    """One portal."""

    registry: str
    """SQLAlchemy URL of the registry database."""
    system_id: str = Field(pattern=r"^[!-~]{1,40}$")
    """The verifier's, letter by letter: it is in every signature."""
    keys: Path
    """The issuer's folder of keys (`shared.key_files`)."""
    authentication_days: int = Field(default=30, ge=1, le=3650)
    paperwork_days: int = Field(default=90, ge=1, le=3650)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    threads: int = Field(default=16, ge=2, le=64)
    trusted_proxies: int = Field(default=0, ge=0, le=3)
    """How many proxies in front write X-Forwarded-For."""
    limits: Limits = Limits()
    hide_procedure_until_login: bool = False
    """Name the procedure only to who has signed in; the manual names it one step before."""


def open_press(settings: IssuerSettings) -> Press:
    """Read the keys. Raises InvalidSettings."""
    try:
        now = datetime.now(UTC)
        key_set = read_pinned_key_set(settings.keys, now)
        return Press(
            signing=signing_key_in_use(settings.keys, key_set, now),
            sealing=key_set.sealing_key(now),
            key_set=key_set,
            lookup_key=read_secret(settings.keys / LOOKUP),
            system_id=settings.system_id,
            authentication_days=settings.authentication_days,
            paperwork_days=settings.paperwork_days,
        )
    except InvalidKeys as error:
        raise InvalidSettings(str(error)) from error


def open_portal(settings: IssuerSettings) -> Portal:
    """The registry, the keys and the server's clock. Raises InvalidSettings."""
    return Portal(
        open_registry(settings.registry),
        open_press(settings),
        lambda: datetime.now(UTC),
        hide_procedure_until_login=settings.hide_procedure_until_login,
    )
