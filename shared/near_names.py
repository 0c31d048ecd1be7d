"""Names that look alike but are not the same: never accepted, always explained to staff."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from shared.names import compare_key

_GROUPS = (
    "高髙", "崎﨑碕嵜", "斉齊斎齋", "辺邊邉", "浜濱濵", "徳德", "柳栁", "広廣", "桜櫻", "沢澤",
    "渡渉", "吉𠮷", "島嶋嶌", "国國", "関關", "黒黑", "富冨", "峰峯", "竜龍", "恵惠", "真眞",
    "静靜", "瀬瀨", "条條", "学學", "円圓", "与與", "児兒", "寿壽", "礼禮", "-ー一ｰ",
    "口ロ囗", "二ニ", "力カ", "夕タ", "八ハ", "卜ト", "工エ", "へヘ", "りリ", "べベ", "ぺペ",
    "0OoО", "1lI|", "ツッっ", "ヤャ", "ユュ", "ヨョ", "アァ", "イィ", "ウゥ", "エェ", "オォ",
)  # fmt: skip
_BONES = {ord(char): group[0] for group in _GROUPS for char in compare_key(group) + group}
_USUAL = {char: group[0] for group in _GROUPS for char in group}
_SHORTEST_FOR_ONE_LETTER = 4
"""In shorter names one letter more or less is another name altogether."""


class Change(StrEnum):
    """How a run of characters differs between two names."""

    SAME = "same"
    REPLACED = "replaced"
    ONLY_LEFT = "only_left"
    ONLY_RIGHT = "only_right"


@dataclass(frozen=True, slots=True)
class Difference:
    """One run of characters in two names."""

    kind: Change
    left: str
    right: str


def skeleton(name: str) -> str:
    """A name with look-alike characters folded and blanks dropped: finds, never decides."""
    folded = compare_key(name).translate(_BONES).casefold()
    return re.sub(r"\s", "", folded)


def usual_form(char: str) -> str:
    """The commonest of the characters that look like this one; the character itself, if none."""
    return _USUAL.get(char, char)


def near_miss(left: str, right: str) -> bool:
    """The names differ, but so little that a person may not see it."""
    if compare_key(left) == compare_key(right):
        return False
    bones, others = skeleton(left), skeleton(right)
    if bones == others:
        return True
    return min(len(bones), len(others)) >= _SHORTEST_FOR_ONE_LETTER and _one_letter(bones, others)


def differences(left: str, right: str) -> tuple[Difference, ...]:
    """Two names side by side, run by run, in display form."""
    kinds = {
        "equal": Change.SAME,
        "replace": Change.REPLACED,
        "delete": Change.ONLY_LEFT,
        "insert": Change.ONLY_RIGHT,
    }
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return tuple(
        Difference(kinds[tag], left[a:b], right[c:d]) for tag, a, b, c, d in matcher.get_opcodes()
    )


def _one_letter(left: str, right: str) -> bool:
    """One letter more, less, or other."""
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) > 1:
        return False
    head = 0
    while head < len(short) and short[head] == long[head]:
        head += 1
    return short[head + (len(short) == len(long)) :] == long[head + 1 :]
