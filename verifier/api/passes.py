"""Who asks: a device by its credential, a person by the pass their sign-in there gave.

The window, its office and what it serves are the registry's word on the credential; a kiosk names
none of them. A pass is sealed by the registry and counts at one window, for the length of a day
and until the person gets a new PIN.
"""

import hashlib

from flask import Request, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from shared.db.session import reading
from shared.db.tables import Staff
from verifier.acts import Desk
from verifier.administration.windows import window_of_device
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
    proof = _proof(house, desk.staff)
    return seal(f"{_KIND} {desk.kiosk} {desk.staff} {proof}", house.keys.console)


def window(house: Installation) -> str:
    """The window that the asking device is. Raises UnknownDevice."""
    if "window" not in g:
        with reading(house.sessions) as session:
            kiosk = window_of_device(session, _credential(request))
            if kiosk is None:
                raise UnknownDevice
            g.window = kiosk.code
    code: str = g.window
    return code


def desk(house: Installation) -> Desk:
    """The window and the person signed in there. Raises UnknownDevice, NotSignedIn."""
    code = window(house)
    try:
        words = unseal(request.headers.get(STAFF_HEADER, ""), house.keys.console, PASS_LASTS)
    except NotOurs as error:
        raise NotSignedIn from error
    kind, kiosk, staff, proof = [*words.split(" "), "", "", ""][:4]
    if kind != _KIND or kiosk != code or proof != _proof(house, staff):
        raise NotSignedIn
    return Desk(code, staff)


def credential() -> str:
    """What the asking device proves itself with. Raises UnknownDevice."""
    return _credential(request)


def _proof(house: Installation, staff: str) -> str:
    """What a pass was given for: with a new PIN it counts no longer."""
    with reading(house.sessions) as session:
        person = session.get(Staff, staff)
    pin = (person.pin_hash or "") if person else ""
    return hashlib.sha256(pin.encode()).hexdigest()[:16]


def _credential(asked: Request) -> str:
    given = asked.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise UnknownDevice
    return given.token
