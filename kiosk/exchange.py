"""引換の照合: which vehicle of the basket a paper belongs to. This is what stops swapped papers.

An old certificate is scanned (its own codes: records of plain text, parted by strokes) or its
plate or last digits are typed. No clock, no state: rows and a text in, what it is out.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from shared.db.tables import Compared
from verifier.acts import BasketRow

FEWEST_TYPED = 3
"""Characters; fewer would fit by accident."""
_FEWEST_INSIDE = 6
"""A shorter number may stand in the midst of another one."""
_NEAR = 0.8
_PARTING = re.compile(r"[/,;|\t\r\n]")
_CHASSIS = re.compile(r"[A-Z0-9]{2,10}[- ][0-9]{3,8}(?![A-Z0-9])")
_PLATE = re.compile(r"[0-9]{2,3}[A-Z]{0,2} ?[ぁ-んA-Z] ?[0-9・.\- ]{1,7}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A vehicle whose paper was found by machine."""

    filing_id: int
    compared: Compared


class Finding(StrEnum):
    """What a paper turned out to be."""

    FOUND = "found"
    AGAIN = "again"
    """Its vehicle was found before."""
    AMBIGUOUS = "ambiguous"
    NOT_HERE = "not_here"


@dataclass(frozen=True, slots=True)
class Heard:
    """One paper offered in exchange, and the rows it may belong to."""

    finding: Finding
    compared: Compared
    rows: tuple[int, ...] = ()
    """Filing ids: the one, the several, or the nearest one that it is not."""
    looked_for: int | None = None
    """The row the clerk was at, when it is another one."""


def listen(rows: Sequence[BasketRow], text: str, compared: Compared) -> Heard:
    """Find the row of a paper: the whole of a code's text, or what was typed from the paper."""
    find = _typed if compared is Compared.TYPED else _scanned
    found = find(rows, text)
    if not found:
        return Heard(Finding.NOT_HERE, compared, _nearest(rows, text))
    finding = Finding.FOUND if len(found) == 1 else Finding.AMBIGUOUS
    return Heard(finding, compared, tuple(row.filing_id for row in found))


def names_a_vehicle(text: str) -> bool:
    """Whether a foreign code carries a vehicle's numbers at all; most codes on paper do not."""
    if "://" in text:
        return False
    plain = _plain(text)
    return bool(_CHASSIS.search(plain) or _PLATE.search(plain))


def folded(text: str | None) -> str:
    """Letters and digits alone: width, case, blanks, dots and hyphens do not matter."""
    return "".join(_letters(_plain(text or "")).values())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:1200]).upper()


def _letters(plain: str) -> dict[int, str]:
    """The letters and digits of a text, by their places."""
    return {place: char for place, char in enumerate(plain) if char.isalnum()}


def _names(row: BasketRow) -> tuple[str, ...]:
    return tuple(name for name in (folded(row.chassis), folded(row.plate)) if name)


def _scanned(rows: Sequence[BasketRow], text: str) -> list[BasketRow]:
    """A field of the record that is the number; else the longest number that stands inside."""
    fields = {folded(part) for part in _PARTING.split(text)} - {""}
    exact = [row for row in rows if fields & set(_names(row))]
    if exact:
        return exact
    inside = {row.filing_id: _longest_inside(row, text) for row in rows}
    longest = max(inside.values(), default=0)
    return [row for row in rows if longest and inside[row.filing_id] == longest]


def _longest_inside(row: BasketRow, text: str) -> int:
    return max((len(name) for name in _names(row) if _stands_in(name, text)), default=0)


def _stands_in(name: str, text: str) -> bool:
    """As a number of its own: not as the beginning or the end of a longer one."""
    plain = _plain(text)
    letters = _letters(plain)
    places, whole = list(letters), "".join(letters.values())
    start = whole.find(name) if len(name) >= _FEWEST_INSIDE else -1
    while start >= 0:
        first, last = places[start], places[start + len(name) - 1]
        if not (_goes_on(plain[first - 1 : first]) or _goes_on(plain[last + 1 : last + 2])):
            return True
        start = whole.find(name, start + 1)
    return False


def _goes_on(neighbour: str) -> bool:
    return neighbour.isascii() and neighbour.isalnum()


def _typed(rows: Sequence[BasketRow], text: str) -> list[BasketRow]:
    """A plate or chassis number, or how one of them ends."""
    typed = folded(text)
    if len(typed) < FEWEST_TYPED:
        return []
    whole = [row for row in rows if typed in _names(row)]
    return whole or [row for row in rows if any(name.endswith(typed) for name in _names(row))]


def _nearest(rows: Sequence[BasketRow], text: str) -> tuple[int, ...]:
    """The one row that a digit or two tell from this paper: a misread, or a swap to look at."""
    parts = [part for part in map(folded, _PARTING.split(text)) if len(part) > FEWEST_TYPED]
    likeness = {
        row.filing_id: max((_like(p, name) for p in parts for name in _names(row)), default=0.0)
        for row in rows
    }
    best = max(likeness, key=lambda filing_id: likeness[filing_id], default=None)
    return (best,) if best is not None and likeness[best] >= _NEAR else ()


def _like(part: str, name: str) -> float:
    return SequenceMatcher(None, part, name[-len(part) :], autojunk=False).ratio()
