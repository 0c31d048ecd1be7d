"""Lays a sheet out: facts in, marks on the page out. The same marks become PDF, SVG and PNG.

From top to bottom: band with the letter that stacks are sorted by, title, date and search key on
the left and the symbol on the right; the facts; what to do next; the office's box; scale and rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

import segno

from issuer import geometry as g
from issuer.geometry import Box
from issuer.glyphs import Face, UndrawableCharacters, undrawable, width, wrap
from issuer.kinds import KINDS, Kind
from issuer.marks import Bar, Fixed, Frame, Mark, Part, Role, Symbol, Text
from shared.domain import FilingNumber, Purpose
from shared.payload import is_for_practice
from shared.sheet_places import KEY_POINTS

TOKYO = ZoneInfo("Asia/Tokyo")
LETTER_SIDE = 18.0
FACTS_TOP = 80.0
VALUE_LEFT = 64.0
OFFICE = Box(g.LEFT, 205.0, g.RIGHT - g.LEFT, 46.0)
FOOT = 264.0
PRACTICE = Box(118.0, 278.0, g.RIGHT - 118.0, 9.0)
PRACTICE_WORDS = "練習用　窓口では使えません"
SCALE_NOTE = (
    "等倍（100％）で印刷してください。",
    "「用紙に合わせる」「小さめ」は選ばないでください。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFacts:
    """Everything that is printed on a sheet. Holds a name and a code: never logged."""

    purpose: Purpose
    payload: str
    """The text in the two-dimensional code."""
    search_key: str
    """As printed, in fours."""
    issued_at: datetime
    procedure: str | None = None
    """Name of the procedure; None for registration and password change."""
    receiver_name: str | None = None
    """Display form; None on an individual sheet."""
    filing_number: FilingNumber | None = None
    """Only on an individual sheet."""


def issued_label(facts: SheetFacts) -> str:
    """What the manual calls the moment of issue: a date, for the individual code date and time."""
    return "発行日時" if facts.purpose is Purpose.INDIVIDUAL else "発行年月日"


def issued_text(facts: SheetFacts) -> str:
    """The moment of issue as the manual prints it, in Japanese time."""
    local = facts.issued_at.astimezone(TOKYO)
    day = f"{local.year}年 {local.month:02}月 {local.day:02}日"
    if facts.purpose is not Purpose.INDIVIDUAL:
        return day
    return f"{day} {local.hour:02}時 {local.minute:02}分 {local.second:02}秒"


def lay_out(facts: SheetFacts) -> tuple[Mark, ...]:
    """Put everything in its place.

    Raises UndrawableCharacters or SymbolTooDense before anything is drawn.
    """
    each = (part.marks if isinstance(part, Fixed) else part for part in parts(facts))
    return tuple(chain.from_iterable(each))


def parts(facts: SheetFacts) -> tuple[Part, ...]:
    """What `lay_out` gives, told apart by whether it is the same on every sheet. Raises as it."""
    lacking = undrawable(f"{facts.receiver_name or ''}{facts.procedure or ''}")
    if lacking:
        raise UndrawableCharacters(lacking)
    rows, bottom = _facts(facts)
    return (
        _head(facts.purpose),
        (*_issue(facts), symbol(facts.payload), *rows, *_practice(facts.payload)),
        _body(facts.purpose, bottom + 10),
    )


@cache
def _head(purpose: Purpose) -> Fixed:
    return Fixed(tuple(_band(KINDS[purpose])))


@lru_cache(maxsize=64)
def _body(purpose: Purpose, top: float) -> Fixed:
    kind = KINDS[purpose]
    return Fixed((*_next_steps(kind, top), *_office_box(kind), *_foot()))


def _practice(payload: str) -> Iterator[Mark]:
    """A sheet that only a rehearsal takes says so, whoever prints it."""
    if is_for_practice(payload):
        yield Frame(PRACTICE, 0.8)
        yield Text(PRACTICE.left + 3, PRACTICE.top + 6.2, PRACTICE_WORDS, 14, Face.BOLD)


def symbol(payload: str) -> Symbol:
    """The two-dimensional code: digits only, error correction M, ISO/IEC 18004."""
    code = segno.make(payload, mode="numeric", error="m", micro=False, boost_error=False)
    return Symbol(g.SYMBOL, tuple(bytes(row) for row in code.matrix))


def _band(kind: Kind) -> Iterator[Mark]:
    top = g.SYMBOL_TOP
    yield Bar(Box(g.LEFT, top, LETTER_SIDE, LETTER_SIDE))
    letter = g.LEFT + (LETTER_SIDE - width(kind.letter, Face.BOLD, 38)) / 2
    yield Text(letter, top + 13.9, kind.letter, 38, Face.BOLD, white=True)
    yield Frame(Box(g.LEFT + 0.25, top + 0.25, 105, LETTER_SIDE - 0.5), 0.5)
    yield Text(g.LEFT + LETTER_SIDE + 5, top + 12, kind.short, 26, Face.BOLD)
    for line, text in enumerate(kind.title):
        yield Text(g.LEFT, top + 27 + 8 * line, text, 18, Face.BOLD, Role.TITLE)


def _issue(facts: SheetFacts) -> Iterator[Mark]:
    label, day = issued_label(facts), issued_text(facts)
    top = g.SYMBOL_TOP
    yield Text(g.LEFT, top + 44, label, 10)
    yield Text(g.LEFT + 24, top + 44, day, 12)
    yield Text(g.LEFT, top + 51, "検索キー", 10)
    left, key = g.SEARCH_KEY.left, facts.search_key
    yield Text(left, g.SEARCH_KEY_BASELINE, key, KEY_POINTS, Face.DIGITS)


def _facts(facts: SheetFacts) -> tuple[list[Mark], float]:
    """The table of facts, and where it ends."""
    marks: list[Mark] = [_rule(FACTS_TOP, 0.5)]
    top = FACTS_TOP
    for label, value in _fact_rows(facts):
        lines = wrap(value, Face.TEXT, 16, g.RIGHT - VALUE_LEFT)
        first = top + 11 - 2 * len(label)
        marks += [Text(g.LEFT, first + 4.6 * i, part, 10) for i, part in enumerate(label)]
        marks += [Text(VALUE_LEFT, top + 9 + 8 * i, line, 16) for i, line in enumerate(lines)]
        top += max(7 + 8 * len(lines), 8 + 5 * len(label))
        marks.append(_rule(top, 0.3))
    return marks, top


def _fact_rows(facts: SheetFacts) -> Iterator[tuple[tuple[str, ...], str]]:
    if facts.procedure is not None:
        yield ("手続種別",), facts.procedure
    if facts.receiver_name is not None:
        yield ("受取者名", "（証明書等管理業者名）"), facts.receiver_name
    if facts.filing_number is not None:
        yield ("受付番号",), facts.filing_number.grouped()


def _next_steps(kind: Kind, top: float) -> Iterator[Mark]:
    y = top + 4
    yield Text(g.LEFT, y, "次にすること", 13, Face.BOLD, Role.HEADING)
    y += 8.5
    for number, step in enumerate(kind.steps, start=1):
        yield Text(g.LEFT, y, f"{number}", 11, Face.BOLD)
        for line in wrap(step, Face.TEXT, 11, g.RIGHT - g.LEFT - 7):
            yield Text(g.LEFT + 7, y, line, 11)
            y += 6
        y += 1.2
    for paper in kind.papers:
        yield Text(g.LEFT + 7, y, f"・{paper}", 10)
        y += 6


def _office_box(kind: Kind) -> Iterator[Mark]:
    if not kind.papers:
        return
    left, top = OFFICE.left + 5, OFFICE.top
    yield Frame(OFFICE, 0.5)
    yield Text(left, top + 8, "窓口使用欄", 12, Face.BOLD, Role.HEADING)
    yield Text(left + 27, top + 8, "（記入しないでください）", 10)
    yield Bar(Box(OFFICE.left, top + 12.5, OFFICE.width, 0.3))
    yield Text(left, top + 22, "確認書面", 11)
    yield from _tick_box(left + 27, top + 22, "行政書士証票")
    yield from _tick_box(left + 75, top + 22, "団体の身分証明書")
    yield Text(left, top + 38, "受付者", 11)
    yield Bar(Box(left + 27, top + 39.5, 58, 0.3))
    yield Text(left + 92, top + 38, "日付", 11)
    yield Bar(Box(left + 104, top + 39.5, 60, 0.3))
    for offset, unit in ((121, "年"), (139, "月"), (157, "日")):
        yield Text(left + offset, top + 38, unit, 11)


def _tick_box(x: float, baseline: float, label: str) -> Iterator[Mark]:
    yield Frame(Box(x, baseline - 4.4, 5, 5), 0.4)
    yield Text(x + 7.5, baseline, label, 12)


def _foot() -> Iterator[Mark]:
    """Scale note, and a rule that tells on paper whether the printer kept to the scale."""
    yield _rule(FOOT - 6, 0.3)
    for line, text in enumerate(SCALE_NOTE):
        yield Text(g.LEFT, FOOT + 2 + 6 * line, text, 10.5, Face.BOLD)
    left, y = g.RIGHT - g.RULE_LENGTH, FOOT + 9
    yield Text(left, FOOT + 2, "この線が50mmなら等倍です", 9.5)
    yield Bar(Box(left, y - 0.15, g.RULE_LENGTH, 0.3))
    for tenth in range(6):
        height = 4.0 if tenth in (0, 5) else 2.4
        x = left + 10 * tenth
        yield Bar(Box(min(max(x - 0.15, left), g.RIGHT - 0.3), y - height / 2, 0.3, height))
    yield Text(g.LEFT, FOOT + 18, "軽自動車保有関係手続のワンストップサービス", 9)


def _rule(y: float, thickness: float) -> Bar:
    return Bar(Box(g.LEFT, y, g.RIGHT - g.LEFT, thickness))
