"""Looks after a registry while a process serves it: checkpoints, alerts, the chain itself."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from shared.db.session import reading
from verifier import checkpoints, journal_check, lookout, notary
from verifier.installation import Installation
from verifier.own_load import OwnLoad

_log = logging.getLogger(__name__)

ROUND = 1.0
"""Seconds from one round to the next."""
ROUNDS_TO_LOOK_AROUND = 10
STRETCH, LITTLE = 500, 25
"""Entries of the old journal checked again in each round: all of it, over and over. Little while
windows keep this process busy."""
BUSY = 0.25
"""Of one core."""


class Watch:
    """One watch a process; several on one registry do no harm. Ends with its block."""

    def __init__(
        self, installation: Installation, free_bytes: Callable[[], int | None] | None = None
    ) -> None:
        self._installation = installation
        self._free_bytes = free_bytes or (lambda: lookout.free_beside(installation.sessions))
        self._stop = Event()
        self._thread = Thread(target=self._keep_looking, name="watch", daemon=True)
        self._rounds = 0
        self.checked = 0
        """The last entry that was checked again; 0 when it begins anew."""
        self._trouble: dict[str, str] = {}
        self._load = OwnLoad()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(5)

    def join(self) -> None:
        """Wait until somebody ends it."""
        self._thread.join()

    def look(self) -> None:
        """One round. What fails is logged when it begins to fail; the other parts go on."""
        house = self._installation
        self._try("checkpoints", lambda: notary.sign_due(house))
        self._try("copy of the checkpoints", self._copy_out)
        self._try("news", lambda: lookout.read_news(house))
        if self._rounds % ROUNDS_TO_LOOK_AROUND == 0:
            self._try("surroundings", lambda: lookout.look_around(house, self._free_bytes))
        self._try("chain", self._check_stretch)
        self._rounds += 1

    def _keep_looking(self) -> None:
        while not self._stop.is_set():
            self.look()
            self._stop.wait(ROUND)

    def _try(self, part: str, act: Callable[[], object]) -> None:
        try:
            act()
        except (SQLAlchemyError, OSError) as error:
            trouble = type(error).__name__
            if self._trouble.get(part) != trouble:
                _log.error("watch: %s: %s", part, trouble)
            self._trouble[part] = trouble
        else:
            if self._trouble.pop(part, None):
                _log.info("watch: %s: works again", part)

    def _copy_out(self) -> None:
        path = self._installation.policy.checkpoint_copy
        if path is not None:
            with reading(self._installation.sessions) as session:
                checkpoints.copy_out(session, path)

    def _check_stretch(self) -> None:
        """Check the next stretch of the journal, and begin anew at its end."""
        until = self.checked + (LITTLE if self._load.since_last() > BUSY else STRETCH)
        with reading(self._installation.sessions) as session:
            found = journal_check.check_part(session, self.checked or 1, until)
        if not found.holds:
            with self._installation.sessions.begin() as session:
                notary.call_for(session, found, self._installation)
        reached = found.last if found.entries else 0
        self.checked = 0 if reached <= self.checked else reached
