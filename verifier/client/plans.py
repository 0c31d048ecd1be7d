"""A window's day plans: fetched while the registry answers, worked on while it does not, returned.

Everything lies on disk encrypted with a key from the window's credential: the plan as it came, the
registry of a plan that is worked on, and the journal of one that is over until the registry has it.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any

from pydantic import TypeAdapter, ValidationError

from shared.db.schema import UnknownRevision
from verifier.acts import PlanBroken, SignedIn, SignInRefused
from verifier.api.document import PREFIX
from verifier.client.device import Device
from verifier.client.line import Call, Line
from verifier.client.remote import answer_in
from verifier.client.sealed_files import SUFFIX, SealedFiles
from verifier.client.trusted import Trusted
from verifier.dayplan.envelope import SEALED, Head, InvalidPlan, SealedPlan, key_from, open_plan
from verifier.dayplan.ledger import LEDGER, RETURNED, ledger_of, parts_of
from verifier.dayplan.local import Opened, PlanCounter, PlanOver

_log = logging.getLogger(__name__)

_PLAN, _WORK, _LEDGER, _STANDING = "plan", "work", "ledger", "standing"
_OPTIONAL: TypeAdapter[SealedPlan | None] = TypeAdapter(SealedPlan | None)


@dataclass(frozen=True, slots=True)
class Standing:
    """What this window knows of its plans, whatever files are there."""

    newest: int = 0
    """The number of the newest plan seen: an older one is not taken."""
    closed: int = 0
    """The number of the last plan that is over: it is not worked on again."""
    begun: int = 0
    """The number of the last plan that was worked on: without that work it is not used."""


def is_unreturned(folder: Path) -> bool:
    """Whether work on a plan, or the journal of one, lies in a folder of plans for the registry."""
    return any((folder / f"{name}{SUFFIX}").exists() for name in (_WORK, _LEDGER))


_STANDS: TypeAdapter[Standing] = TypeAdapter(Standing)


class Plans:
    """The plans of one window. Safe to share between threads."""

    def __init__(
        self,
        line: Line,
        device: Device,
        folder: Path,
        trusted: Trusted,
        clock: Callable[[], datetime],
    ) -> None:
        """`line`: of its own, so that a plan that takes long holds up no window.

        `folder`: where its files lie; made when it is needed.
        """
        self._line = line
        self._device = device
        self._files = SealedFiles(folder, key_from(device.credential, "lies here"))
        self._trusted = trusted
        self._clock = clock
        self._opened: PlanCounter | None = None
        self._turn = RLock()

    def fetch(self) -> Head | None:
        """Take the registry's newest plan; None where plans are off, or one is to be returned.

        Raises InvalidPlan for one that is not used, RegistryLost, NotPermitted, OSError.
        """
        with self._turn:
            if self.owes or self.at_work() is not None:
                return None
        given: SealedPlan | None = answer_in(self._ask("/plans", b"{}"), _OPTIONAL)
        with self._turn:
            return self._take(given) if self.at_work() is None else None

    def _take(self, given: SealedPlan | None) -> Head | None:
        if given is None:
            self._wipe()
            return None
        standing = self._standing()
        if given.head.number <= standing.newest:
            raise InvalidPlan("it is older than one this window has seen")
        self._open(given)
        self._wipe()
        self._stand(replace(standing, newest=given.head.number))
        self._files.keep(_PLAN, SEALED.dump_json(given))
        return given.head

    @property
    def owes(self) -> bool:
        """The journal of a plan waits for the registry."""
        return self._files.has(_LEDGER)

    def offered(self) -> Head | None:
        """The plan that this window could be switched to now, or works on."""
        with self._turn:
            counter = self._counter()
            return counter.head if counter else None

    def at_work(self) -> PlanCounter | None:
        """The counter of the plan this window was switched to, also after a restart."""
        with self._turn:
            if self._opened is None and not self._files.has(_WORK):
                return None
            counter = self._counter()
            return counter if counter is not None and counter.is_begun else None

    def begin(self, number: str, pin: str) -> PlanCounter | SignInRefused:
        """Switch to the plan, by the PIN of somebody in charge. Raises PlanOver."""
        with self._turn:
            counter = self._counter()
            if counter is None:
                raise PlanOver("there is no plan")
            answer = counter.begin(number, pin)
            return counter if isinstance(answer, SignedIn) else answer

    def close(self) -> None:
        """The plan is over: its journal is put aside for the registry, the rest is wiped.

        Raises OSError.
        """
        with self._turn:
            counter = self._read_work()
            if counter is not None and counter.is_begun:
                plan = self._stored()
                ledger = replace(
                    ledger_of(counter.sessions, counter.head.id),
                    stamp=plan.stamp if plan else None,
                )
                self._files.keep(_LEDGER, LEDGER.dump_json(ledger))
            self._end()

    def _end(self) -> None:
        standing = self._standing()
        self._stand(replace(standing, closed=standing.newest))
        self._files.put_aside(_WORK)
        self._wipe()

    def give_back(self) -> None:
        """Return the journal of a plan that is over.

        Raises RegistryLost, NotPermitted, PlanBroken (the journal stays here), OSError.
        """
        with self._turn:
            if (content := self._files.read(_LEDGER)) is None:
                self._files.put_aside(_LEDGER)
                return
            self._end()
        for part in parts_of(LEDGER.validate_json(content)):
            answer = self._ask("/plans/returns", part.model_dump_json().encode())
            told = answer_in(answer, RETURNED)
        if not told.is_done:
            raise PlanBroken
        _log.info("plan returned: %d released, %d conflicts", told.released, told.conflicts)
        self._files.forget(_LEDGER)

    def forget(self) -> None:
        """Close what is open in memory; the disk keeps all of it."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def end_if_over(self) -> bool:
        """Wipe a plan whose time is over, worked on or not. Raises OSError."""
        with self._turn:
            plan = self._stored()
            if plan is None or self._clock() < plan.head.expires_at:
                return False
            self.close()
            return True

    def _counter(self) -> PlanCounter | None:
        """The plan, opened once; None when there is none that holds now."""
        if self._opened is None:
            self._opened = self._read_work()
        counter = self._opened
        if counter is None or not counter.head.holds_at(self._clock()):
            return None
        return counter

    def _read_work(self) -> PlanCounter | None:
        if self._opened is not None:
            return self._opened
        plan, standing = self._stored(), self._standing()
        if plan is None or not standing.closed < plan.head.number == standing.newest:
            return None
        work = self._files.read(_WORK)
        if self.owes or (work is None and standing.begun == plan.head.number):
            return None
        try:
            return PlanCounter(self._open(plan), self._clock, self._keep_work, work)
        except (InvalidPlan, UnknownRevision, sqlite3.DatabaseError) as error:
            _log.error("the day plan is not used: %s", error)
            return None

    def _open(self, plan: SealedPlan) -> Opened:
        """Raises InvalidPlan."""
        if plan.head.kiosk != self._device.window:
            raise InvalidPlan("it is another window's")
        content = open_plan(plan, self._device.credential, self._trusted.plan_keys)
        return Opened(plan.head, content, self._trusted.key_set)

    def _stored(self) -> SealedPlan | None:
        content = self._files.read(_PLAN)
        try:
            return SEALED.validate_json(content) if content else None
        except ValidationError:
            return None

    def _standing(self) -> Standing:
        content = self._files.read(_STANDING)
        return _STANDS.validate_json(content) if content else Standing()

    def _stand(self, standing: Standing) -> None:
        self._files.keep(_STANDING, _STANDS.dump_json(standing))

    def _keep_work(self, image: bytes) -> None:
        standing = self._standing()
        if standing.begun != standing.newest:
            self._stand(replace(standing, begun=standing.newest))
        self._files.keep(_WORK, image)

    def _ask(self, path: str, body: bytes) -> Any:
        """Asks a question first: only a question tries whether a lost registry is back."""
        headers = {"Authorization": f"Bearer {self._device.credential}"}
        self._line.ask(Call("GET", f"{PREFIX}/trust", headers))
        said = headers | {"Content-Type": "application/json"}
        return self._line.ask(Call("POST", PREFIX + path, said, body))

    def _wipe(self) -> None:
        """Nothing that names anybody stays. Raises OSError."""
        self.forget()
        for name in (_WORK, _PLAN):
            self._files.forget(name)
