"""A registry on a socket, and the same `Counter` for several windows over HTTP."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from shared.db.tables import Kiosk, Staff
from shared.key_files import Pinned
from tests.builders import KEYS, House
from tests.served import served
from verifier.acts import Desk
from verifier.api.passes import staff_pass
from verifier.client import Line, Patience, RemoteCounter
from verifier.serving import Rooms, create_app

SECRET = b"a key for tests only, 32 bytes.."
PATIENT = Patience(act=60, look=60)
"""For tests that are not about time: this machine may be busy."""


class Slot:
    """One server for many tests: serves the application of whichever is running."""

    def __init__(self) -> None:
        self.app: Any = None
        self.address = ""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        answer: Iterable[bytes] = self.app(environ, start)
        return answer

    @contextmanager
    def serves(self, house: House, keys: Pinned | None = None) -> Iterator[None]:
        """A house's registry, for as long as the block."""
        rooms = Rooms(house.installation, house.installation)
        self.app = create_app(rooms, keys or KEYS.pinned, SECRET)
        yield
        self.app = None

    @contextmanager
    def serving(self, house: House) -> Iterator["Windows"]:
        """The counter of a house for all its windows, each with a credential of its own."""
        with self.serves(house), Line(self.address, PATIENT) as line:
            yield windows_on(house, line)


@contextmanager
def slot() -> Iterator[Slot]:
    """A server for as long as the block."""
    empty = Slot()
    with served(empty) as empty.address:  # type: ignore[arg-type]
        yield empty


class Windows:
    """The `Counter` of every window in one: each verb goes to the window that it names."""

    def __init__(self, counters: dict[str, RemoteCounter]) -> None:
        self._counters = counters

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def ask(*said: Any) -> Any:
            asker = said[0] if said else next(iter(self._counters))
            code = asker.kiosk if isinstance(asker, Desk) else asker
            return getattr(self._counters[code], verb)(*said)

        return ask


def give_credential(house: House, window: str) -> str:
    """Enrol a window's device; gives what it proves itself with."""
    credential = f"credential of {window}, {threading.get_ident()}"
    with house.sessions.begin() as session:
        kiosk = session.get_one(Kiosk, window)
        kiosk.credential_digest = hashlib.sha256(credential.encode()).hexdigest()
    return credential


def windows_on(house: House, line: Line) -> Windows:
    """Every window of a house, with everybody signed in at each."""
    with house.sessions() as session:
        codes = list(session.scalars(select(Kiosk.code)))
        people = list(session.scalars(select(Staff.number)))
    counters = {}
    for code in codes:
        counter = counters[code] = RemoteCounter(line, code, give_credential(house, code))
        for number in people:
            counter.hold_pass(number, staff_pass(house.installation, Desk(code, number)))
    return Windows(counters)
