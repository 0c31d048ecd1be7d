"""What the counter would stumble over, told while the name can still be put right.

Looks at nothing but the name: the words are the same whoever is registered.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from shared.names import ReceiverName, as_compared, compare_key, registration_number
from shared.near_names import usual_form

_HALF_WIDTH = re.compile("[!-~\uff61-\uff9f]+")
_NUMBER = re.compile(r"\(([0-9]+)\)$")
_SCRIPTS = {
    "CJK UNIFIED": "漢字",
    "CJK COMPATIBILITY IDEOGRAPH": "漢字",
    "IDEOGRAPHIC NUMBER ZERO": "漢字",
    "HIRAGANA": "ひらがな",
    "KATAKANA": "カタカナ",
    "FULLWIDTH LATIN": "英字",
    "LATIN": "英字",
    "FULLWIDTH DIGIT": "数字",
    "IDEOGRAPHIC SPACE": "空白",
}
_OTHER = "記号"
_KANA = ("ひらがな", "カタカナ")
_LONG_VOWEL = "ー"
_LOOK_ALIKES = (
    (r"(?<![ぁ-ゖァ-ヺー])ー", "のばす音の記号", "「－」（横線の記号）や「一」（漢数字）"),
    (r"[－‐‑‒–—―−﹣](?=[ぁ-ゖァ-ヺ])|(?<=[ぁ-ゖァ-ヺ])[－‐‑‒–—―−﹣]", "横線の記号",
     "「ー」（のばす音の記号）"),
    (r"(?<=[ァ-ヺ])一", "漢数字", "「ー」（のばす音の記号）"),
    (r"(?<=[ァ-ヺー]{2})[二力夕八卜工口](?![一-鿿])", "漢字", "よく似たカタカナ"),
    (r"(?<=[一-鿿])[ニカタハトエロ](?=[一-鿿])", "カタカナ", "よく似た漢字"),
)  # fmt: skip
"""Where a character stands among others that make another one likely: pattern, name, other."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of one kind in a name."""

    text: str
    kind: str
    """漢字, ひらがな, カタカナ, 英字, 数字, 空白 or 記号."""


def compared_runs(name: str) -> tuple[Run, ...]:
    """The name as it will be compared, cut where the kind of character changes; full width."""
    cut = groupby(_with_kinds(as_compared(name)), key=lambda pair: pair[1])
    return tuple(Run("".join(char for char, _ in pairs), kind) for kind, pairs in cut)


def notices(typed: str) -> tuple[str, ...]:
    """What to look at before printing, a sentence each; `typed` as it came from the form.

    Raises InvalidName.
    """
    name = ReceiverName.parse(typed)
    found = (
        _about_ends(typed),
        _about_width(typed),
        _about_blanks(name.display),
        _about_number(name),
        *_about_look_alikes(name.display),
    )
    return tuple(dict.fromkeys(sentence for sentence in found if sentence))


def _about_ends(typed: str) -> str | None:
    return "名前の前後の空白を取り除きました。" if typed != typed.strip() else None


def _about_width(typed: str) -> str | None:
    runs = dict.fromkeys(_HALF_WIDTH.findall(typed))
    if not runs and " " not in typed.strip():
        return None
    changed = "、".join(f"「{run}」→「{ReceiverName.parse(run).display}」" for run in runs)
    return f"半角の文字を全角に直しました：{changed or '空白'}"


def _about_blanks(display: str) -> str | None:
    if not re.search(r"\s\s", display):
        return None
    return "空白が続いています。空白は、いくつ続いても1つとして比べます。"


def _about_number(name: ReceiverName) -> str | None:
    found = _NUMBER.search(compare_key(name.display))
    if found and registration_number(name.display) is None:
        return (
            f"名前の最後の（ ）の中の番号が{len(found[1])}けたです。"
            "行政書士の登録番号は8けたです。けた数を確かめてください。"
        )
    if name.lacks_registration_number():
        return (
            "受取者名に行政書士の登録番号（8けた）がありません。行政書士または行政書士法人の方は、"
            "名前の直後に（登録番号8けた）を付けてください。適用除外団体の方は、このままで構いません。"
        )
    return None


def _about_look_alikes(display: str) -> Iterator[str]:
    for pattern, name, other in _LOOK_ALIKES:
        for found in re.finditer(pattern, display):
            asked = f"{other}の間違いでないか確かめてください。"
            yield f"「{found[0]}」（{name}）があります。{asked}"
    for char in display:
        usual = usual_form(char)
        if usual != char and {_kind(char, ""), _kind(usual, "")} == {"漢字"}:
            yield (
                f"「{char}」と「{usual}」は別の文字として比べます。"
                "登録したときや申請データと同じ字か確かめてください。"
            )


def _with_kinds(name: str) -> Iterator[tuple[str, str]]:
    """Each character with its kind; what belongs to the character before has that one's kind."""
    kind = _OTHER
    for char in name:
        if not unicodedata.category(char).startswith("M") and char != "々":
            kind = _kind(char, kind)
        yield char, kind


def _kind(char: str, before: str) -> str:
    if char == _LONG_VOWEL:
        return before if before in _KANA else "カタカナ"
    named = unicodedata.name(char, "")
    kinds = (kind for start, kind in _SCRIPTS.items() if named.startswith(start))
    return next(kinds, _OTHER)
