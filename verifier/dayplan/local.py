"""A window at work on its plan: the same `Counter`, on the plan's own small registry.

The registry is in memory; after every act all of it is written to disk, encrypted, before the act
is answered. What cannot be written did not happen.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Never
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import JournalEntry
from shared.keys import CheckpointKey, KeySet, SealingKey
from verifier import sign_in
from verifier.acts import (
    Confirming,
    Desk,
    NotOnPlan,
    Receipt,
    RegistryLost,
    SignedIn,
    SignInRefused,
)
from verifier.counter import Counter
from verifier.dayplan.envelope import CLOCKS_DIFFER, Content, Head
from verifier.dayplan.image import Image, open_image
from verifier.installation import Installation, OnPlan, OwnKeys, Policy
from verifier.opening import Opener
from verifier.registry import journal, plan_marks, staff
from verifier.registry.journal import Act, Author, Json

WAITS = frozenset(
    {
        "queue_up", "queue", "call", "call_again", "put_back", "strike", "begin_rush", "end_rush",
        "hold", "take_up", "take_over", "resume", "undo", "lift", "enrol", "change_password",
        "decline", "unlock", "pause", "reopen", "day", "close_day", "present_typed_key",
    }
)  # fmt: skip
"""Verbs that wait for the registry."""
_CLOCK_JUMPS = timedelta(minutes=1)


class PlanOver(RegistryLost):
    """The plan's time is over, the clock ran back, or what happened cannot be written down."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A plan as its window opened it."""

    head: Head
    content: Content
    key_set: KeySet
    """What this window checks seals with: the root it was enrolled with signed it."""


class PlanCounter(Counter):
    """The counter of one window on one plan. Each verb raises what `Counter`'s does.

    Besides, NotOnPlan for what waits for the registry, PlanFull, and PlanOver.
    """

    def __init__(
        self,
        opened: Opened,
        clock: Callable[[], datetime],
        keep: Callable[[bytes], None],
        image: bytes | None = None,
    ) -> None:
        """`keep` writes an image to disk and raises OSError; `image`: the last that it wrote.

        Raises InvalidPlan, sqlite3.DatabaseError, UnknownRevision.
        """
        self.head = opened.head
        self._clock, self._keep = clock, keep
        self._kept = image or base64.b64decode(opened.content.image)
        self._image = open_image(self._kept)
        self._changes = self._image.connection.total_changes
        self._writing = Lock()
        self._latest = opened.head.made_at - CLOCKS_DIFFER
        self._plan = _installation(opened, self._image, self._now)
        super().__init__(self._plan)
        self._latest = max(self._latest, self._last_entry_at())
        event.listen(self._image.sessions, "after_commit", self._write_down)

    def close(self) -> None:
        """Forget what is in memory."""
        self._image.close()

    @property
    def is_begun(self) -> bool:
        """Somebody in charge has switched the window to it."""
        with reading(self._plan.sessions) as session:
            begun = select(JournalEntry.seq).where(JournalEntry.act == Act.PLAN_BEGUN)
            return session.scalar(begun) is not None

    @property
    def left(self) -> int:
        """How many filings may still be released on it."""
        with reading(self._plan.sessions) as session:
            return self.head.most - plan_marks.released_on(session, self.head.id)

    @property
    def sessions(self) -> Any:
        """Of the plan's registry."""
        return self._plan.sessions

    def confirm(self, desk: Desk, confirming: Confirming) -> Receipt:
        """Release the ticked rows; holds wait for the registry."""
        if confirming.held:
            raise NotOnPlan
        return super().confirm(desk, confirming)

    def begin(self, number: str, pin: str) -> SignedIn | SignInRefused:
        """Switch the window to this plan: a supervisor or administrator who worked here lately."""
        at = Author(self.head.kiosk)
        asked = sign_in.SigningIn(number, pin, uuid4().hex)
        answer = sign_in.sign_in(self._plan, asked, at, staff.SUPERVISING_ROLES)
        if isinstance(answer, SignedIn) and not self.is_begun:
            with self._plan.sessions.begin() as session:
                body: dict[str, Json] = {
                    "plan": self.head.id,
                    "number": self.head.number,
                    "drill": self.head.is_drill,
                }
                author = Author(self.head.kiosk, answer.number)
                journal.append(session, Act.PLAN_BEGUN, author, body, self._now())
        return answer

    def _now(self) -> datetime:
        """The window's clock, as long as the plan lasts and the clock runs forward."""
        now = self._clock()
        if not self.head.holds_at(now) or now < self._latest - _CLOCK_JUMPS:
            raise PlanOver("the plan's time is over, or the clock ran back")
        self._latest = max(self._latest, now)
        return now

    def _last_entry_at(self) -> datetime:
        with reading(self._plan.sessions) as session:
            newest = select(JournalEntry.at).order_by(JournalEntry.seq.desc()).limit(1)
            return session.scalar(newest) or self._latest

    def _write_down(self, _session: Session) -> None:
        """Keep what was just done; if that fails, it was not done."""
        connection = self._image.connection
        with self._writing:
            if connection.total_changes == self._changes:
                return
            content = connection.serialize()
            try:
                self._keep(content)
            except OSError as error:
                connection.deserialize(self._kept)
                self._changes = connection.total_changes
                raise PlanOver("what was done cannot be written down") from error
            self._kept, self._changes = content, connection.total_changes


def _installation(opened: Opened, image: Image, clock: Callable[[], datetime]) -> Installation:
    content, head = opened.content, opened.head
    sealing = tuple(
        SealingKey(key_id, X25519PrivateKey.from_private_bytes(base64.b64decode(raw)))
        for key_id, raw in sorted(content.sealing.items())
    )
    lookup = bytes.fromhex(content.lookup)
    own = Ed25519PrivateKey.generate()  # signs nothing: the registry checks this journal
    return Installation(
        sessions=image.sessions,
        opener=Opener(opened.key_set, sealing, lookup, content.system_id, content.test_keys),
        policy=Policy(
            bcrypt_cost=content.bcrypt_cost,
            single_use_authentication=content.single_use,
            plan=OnPlan(head.id, head.number, head.most, head.is_drill),
        ),
        clock=clock,
        keys=OwnKeys(CheckpointKey(1, own), {1: own.public_key()}, lookup),
    )


def _waits(_self: PlanCounter, *_said: Any) -> Never:
    raise NotOnPlan


for _name in WAITS:
    setattr(PlanCounter, _name, _waits)
