"""One window that does whatever a day brings, in no order, and keeps what it was told.

It asks like a program that trusts nobody: what was answered is written down before it goes on,
what was not answered is asked again with the same ids, and now and then also what was answered.
"""

import json
import random
import uuid
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.builders import SUPERVISOR, seen_to, showing
from tests.insisting import insist
from verifier.acts import (
    Basket,
    Confirming,
    Conflict,
    Desk,
    GiveUpReason,
    HandOverOpen,
    Holding,
    HoldReason,
    IdempotencyMismatch,
    Presented,
    Receipt,
    Undoing,
)
from verifier.counter import Counter

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Told:
    """What a window was told was done; kept in a file, one JSON object a line."""

    act: str
    numbers: tuple[str, ...]
    """Empty when the page was not asked which."""
    receipt: str = ""
    head: str = ""
    at: float = 0.0


class Diary:
    """What one window was told, on disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, told: Told) -> None:
        """Add a line."""
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(told)) + "\n")

    @staticmethod
    def read(folder: Path) -> list[Told]:
        """What everybody was told, in no order."""
        lines = [line for file in folder.glob("*.diary") for line in file.read_text().splitlines()]
        told = [json.loads(line) for line in lines]
        return [Told(**one | {"numbers": tuple(one["numbers"])}) for one in told]


@dataclass
class Window:
    """A desk with its chance, its diary, and how often it did what."""

    counter: Counter
    desk: Desk
    diary: Diary
    chance: random.Random
    done: Tally[str] = field(default_factory=Tally)

    def day(self, texts: Sequence[str]) -> None:
        """Show every sheet, and do something with whatever opens."""
        for text in texts:
            self.visit(text)

    def visit(self, text: str) -> None:
        """One visitor with one sheet."""
        shown = showing(text)
        presented = self._ask("present", lambda: self.counter.present(self.desk, shown))
        if isinstance(presented, HandOverOpen):
            self.empty_hands()
        elif isinstance(presented, Presented):
            if presented.basket is not None:
                self._handle(presented.basket)
            elif presented.facts.held and self.chance.random() < 0.5:
                self._resume(text)

    def empty_hands(self) -> None:
        """What is left open at this window goes back: nothing is stuck."""
        left = self.insist(lambda: self.counter.unfinished(self.desk))
        if left is not None:
            self._give_up(left)
            self.done["found open"] += 1

    def release_all(self, text: str) -> None:
        """The end of the day: everything that a sheet still opens is handed over."""
        for ask in (self.counter.present, self.counter.resume):
            shown = showing(text)
            presented = self.insist(lambda: ask(self.desk, shown))  # noqa: B023 - asked at once
            if presented.basket is not None:
                self._confirm(presented.basket, 1.0)

    def _handle(self, basket: Basket) -> None:
        what = self.chance.random()
        if what < 0.1:
            self._give_up(basket)
        elif what < 0.2:
            self._hold_one(basket)
        else:
            released = self._confirm(basket, 0.85)
            if what > 0.9:
                self._undo(*released)

    def _resume(self, text: str) -> None:
        shown = showing(text)
        presented = self._ask("resume", lambda: self.counter.resume(self.desk, shown))
        if isinstance(presented, Presented) and presented.basket is not None:
            self._handle(presented.basket)

    def _give_up(self, basket: Basket) -> None:
        id_, why = basket.hand_over_id, GiveUpReason.CLERK
        self._ask("give up", lambda: self.counter.give_up(self.desk, id_, why))

    def _hold_one(self, basket: Basket) -> None:
        wish = Holding(basket.rows[0].filing_id, HoldReason.NOT_FOUND)
        id_ = basket.hand_over_id
        left = self._ask("hold", lambda: self.counter.hold(self.desk, id_, wish))
        if isinstance(left, Conflict):  # its answer was lost, and it was done
            self.empty_hands()
        elif left.rows:
            self._confirm(left, 0.85)

    def _confirm(self, basket: Basket, share: float) -> tuple[int, str]:
        """Tick this share of the rows, at least one; gives the first."""
        ticked = [row for row in basket.rows if self.chance.random() < share] or basket.rows[:1]
        rows = tuple(row.filing_id for row in ticked)
        key = str(uuid.uuid4())
        wish = Confirming(basket.hand_over_id, rows, (), None, key, **seen_to(basket, rows))
        receipt = self._ask("confirm", lambda: self.counter.confirm(self.desk, wish))
        assert isinstance(receipt, Receipt), f"a basket in hand was not confirmed: {receipt!r}"
        numbers = tuple(row.number.replace(" ", "") for row in ticked)
        self.diary.write(Told("released", numbers, receipt.number, receipt.journal_head))
        return rows[0], numbers[0]

    def _undo(self, filing_id: int, number: str) -> None:
        wish = Undoing(filing_id, "見本の取消し", str(uuid.uuid4()))
        supervisor = Desk(self.desk.kiosk, SUPERVISOR)
        answer = self._ask("undo", lambda: self.counter.undo(supervisor, wish))
        if not isinstance(answer, Conflict):
            self.diary.write(Told("undone", (number,)))

    def _ask(self, act: str, ask: Callable[[], Answer]) -> Answer | Conflict:
        """Once or twice: with the same ids the answer must be the same, and the act one."""
        self.done[act] += 1
        try:
            answer = self.insist(ask)
            if act in _KEYED and self.chance.random() < 0.2:
                self.done["asked twice"] += 1
                assert _same(self.insist(ask), answer), f"{act}: another answer to the same request"
        except Conflict as conflict:
            if isinstance(conflict, IdempotencyMismatch):
                raise
            self.done["overtaken"] += 1
            return conflict
        return answer

    def insist(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until the registry answers."""
        return insist(ask, self.counter, self.desk.kiosk, partial(self.done.update, ["lost"]))


_KEYED = frozenset({"present", "resume", "confirm", "undo"})
"""Acts whose request carries its own key, here too."""


def _same(again: object, first: object) -> bool:
    if isinstance(again, Presented) and isinstance(first, Presented):
        return _opened(again) == _opened(first)
    return again == first


def _opened(presented: Presented) -> tuple[str, tuple[int, ...]] | None:
    basket = presented.basket
    return basket and (basket.hand_over_id, tuple(row.filing_id for row in basket.rows))
