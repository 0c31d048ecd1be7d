"""Who asks: a device by its credential, a person by the pass their sign-in there gave.

The window, its office and what it serves are the registry's word on the credential; a kiosk names
none of them. A pass is sealed by the registry and counts at one window, for the length of a day
and until the person gets a new PIN.
"""

import hashlib

from flask import Request, g, request
from sqlalchemy import select
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from shared.db.session import glancing
from shared.db.tables import Staff
from verifier.acts import Desk
from verifier.administration.windows import device_and_person
from verifier.installation import Installation
from verifier.own_secrets import NotOurs, seal, unseal

STAFF_HEADER = "Uketori-Staff"
PASS_LASTS = 16 * 60
"""Minutes: longer than any day at a counter."""
_KIND = "staff-pass"


class UnknownDevice(Unauthorized):
    """No window in use has this credential."""

    problem = "device-unknown"

    def __init__(self) -> None:
        super().__init__(www_authenticate=WWWAuthenticate("bearer"))


class NotSignedIn(Unauthorized):
    """The pass is missing, too old, or of another window."""

    problem = "not-signed-in"

    def __init__(self) -> None:
        super().__init__(www_authenticate=WWWAuthenticate("bearer"))


def staff_pass(house: Installation, desk: Desk) -> str:
    """What a person who signed in at a window shows with every act."""
    with glancing(house.sessions) as session:
        pin_hash = session.scalar(select(Staff.pin_hash).where(Staff.number == desk.staff))
    proof = _proof(pin_hash)
    return seal(f"{_KIND} {desk.kiosk} {desk.staff} {proof}", house.keys.console)


def window(house: Installation) -> str:
    """The window that the asking device is. Raises UnknownDevice."""
    if "window" not in g:
        g.window, _ = _known(house, "")
    code: str = g.window
    return code


def desk(house: Installation) -> Desk:
    """The window and the person signed in there. Raises UnknownDevice, NotSignedIn."""
    kind, kiosk, staff, proof = [*_words(house), "", "", "", ""][:4]
    g.window, own_proof = _known(house, staff)
    if kind != _KIND or kiosk != g.window or proof != own_proof:
        raise NotSignedIn
    return Desk(kiosk, staff)


def credential() -> str:
    """What the asking device proves itself with. Raises UnknownDevice."""
    return _credential(request)


def _words(house: Installation) -> list[str]:
    """Of the pass that came with the request; none when it is missing, too old or not ours."""
    try:
        return unseal(request.headers.get(STAFF_HEADER, ""), house.keys.console, PASS_LASTS).split()
    except NotOurs:
        return []


def _known(house: Installation, staff: str) -> tuple[str, str]:
    """The window that the device is, and the proof of a person, in one round.

    Raises UnknownDevice.
    """
    with glancing(house.sessions) as session:
        found = device_and_person(session, _credential(request), staff)
    if found is None:
        raise UnknownDevice
    code, pin_hash = found
    return code, _proof(pin_hash)


def _proof(pin_hash: str | None) -> str:
    """What a pass was given for: with a new PIN it counts no longer."""
    return hashlib.sha256((pin_hash or "").encode()).hexdigest()[:16]


def _credential(asked: Request) -> str:
    given = asked.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise UnknownDevice
    return given.token
