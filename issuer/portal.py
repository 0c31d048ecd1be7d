"""What every page of the portal stands on, stored once in the application."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app, request, session

from issuer.attempts import Gate
from issuer.drawer import Drawer
from issuer.sheets import Press
from issuer.turns import Turns
from issuer.visits import Visits
from shared.db import readiness
from shared.db.session import Sessions

EXTENSION = "oss"
DRAWINGS_AT_ONCE, DRAWINGS_WAITING, DRAWING_PATIENCE = 3, 5, 4.0
"""A drawing takes a core for a few hundredths of a second; the rest of the threads stay free."""


@dataclass(frozen=True, slots=True)
class Portal:
    """The public portal's registry, keys and clock, and what it remembers for a while."""

    sessions: Sessions
    press: Press
    clock: Callable[[], datetime]
    drawer: Drawer = field(default_factory=Drawer)
    gate: Gate = field(default_factory=Gate)
    visits: Visits = field(default_factory=Visits)
    drawing: Turns = field(
        default_factory=lambda: Turns(DRAWINGS_AT_ONCE, DRAWINGS_WAITING, DRAWING_PATIENCE)
    )
    hide_procedure_until_login: bool = False
    """The second step of 状況照会 is the same for every number, known or not."""

    def lacking(self) -> Iterator[str]:
        """The parts without which no sheet can be issued: `registry`, `revision`, `keys`."""
        yield from readiness.lacking(self.sessions)
        if self.press.key_set.expires_at <= self.clock():
            yield "keys"


def portal() -> Portal:
    """The portal of the present request."""
    return cast(Portal, current_app.extensions[EXTENSION])


def visitor() -> str:
    """Names this browser, for as long as it stays open: its sheets are shown to nobody else."""
    if "visitor" not in session:
        session["visitor"] = secrets.token_urlsafe(18)
    return str(session["visitor"])


def came_from_here() -> bool:
    """Tell whether a page of ours sent this form, as far as the browser says (Fetch Metadata)."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def new_form_token() -> str:
    """Goes into a form, so that sending it twice issues one code."""
    return secrets.token_urlsafe(18)
