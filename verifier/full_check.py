"""A check of the whole record in the background: started by a person, seen by everybody.

It is the journal, and what it says was handed over.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread

from sqlalchemy.exc import SQLAlchemyError

from shared.db.session import reading
from verifier import journal_check, notary
from verifier.installation import Installation
from verifier.journal_walk import Findings
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json
from verifier.state_check import check_everything


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the newest check has come, and what it found once it has ended."""

    began_at: datetime
    by: str
    total: int
    done: int = 0
    ended_at: datetime | None = None
    found: Findings | None = None
    """None while it runs, and when the registry went away meanwhile."""

    @property
    def percent(self) -> int:
        """0 to 100."""
        return 100 if not self.total else min(100, self.done * 100 // self.total)


class FullCheck:
    """At most one check at a time in this process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._turn = Lock()
        self._thread: Thread | None = None
        self.newest: Progress | None = None

    @property
    def is_running(self) -> bool:
        """Whether a check is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, by: str) -> bool:
        """Begin a check; False when one is under way, whose end can be waited for instead."""
        with self._turn:
            if self.is_running:
                return False
            with reading(self._installation.sessions) as session:
                total = journal_check.count(session)
            self.newest = Progress(self._installation.clock(), by, total)
            self._thread = Thread(target=self._check, args=(self.newest,), name="full-check")
            self._thread.daemon = True
            self._thread.start()
            return True

    def wait(self, seconds: float) -> None:
        """Wait for the check under way."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _check(self, begun: Progress) -> None:
        house = self._installation

        def told(done: int) -> None:
            self.newest = Progress(begun.began_at, begun.by, begun.total, done)

        try:
            publics = house.keys.checkpoint_publics
            found = check_everything(house.sessions, publics=publics, progress=told)
            self._note(found, begun.by)
        except SQLAlchemyError:
            found = None
        self.newest = Progress(
            begun.began_at, begun.by, begun.total, begun.total, house.clock(), found
        )

    def _note(self, found: Findings, by: str) -> None:
        body: dict[str, Json] = {"entries": found.entries, "broken": found.broken}
        if found.breaks:
            body |= {"entry": found.breaks[0].seq, "how": found.breaks[0].how.value}
        with self._installation.sessions.begin() as session:
            if not found.holds:
                notary.call_for(session, found, self._installation)
            now = self._installation.clock()
            journal.append(session, Act.VERIFIED, Author(None, by), body, now)
