"""What every page of the portal stands on, stored once in the application."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app, session

from issuer.attempts import Gate
from issuer.drawer import Drawer
from issuer.sheets import Press
from shared.db.session import Sessions

EXTENSION = "oss"


@dataclass(frozen=True, slots=True)
class Portal:
    """The public portal's registry, keys and clock, and what it remembers for a while."""

    sessions: Sessions
    press: Press
    clock: Callable[[], datetime]
    drawer: Drawer = field(default_factory=Drawer)
    gate: Gate = field(default_factory=Gate)


def portal() -> Portal:
    """The portal of the present request."""
    return cast(Portal, current_app.extensions[EXTENSION])


def visitor() -> str:
    """Names this browser, for as long as it stays open: its sheets are shown to nobody else."""
    if "visitor" not in session:
        session["visitor"] = secrets.token_urlsafe(18)
    return str(session["visitor"])


def new_form_token() -> str:
    """Goes into a form, so that sending it twice issues one code."""
    return secrets.token_urlsafe(18)
