"""受取者名: the form people see, the key equality is decided on, and names that only look alike.

Never show a compare key: NFKC turns ＜script＞ into live ASCII.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

MOST_CHARACTERS = 60
MOST_UNITS = 165
"""UTF-16 units; with more, the text on paper would be longer than any reader looks at."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_HYPHENS = re.compile("[-‐‑‒–—―−－﹣]")
_BLANKS = re.compile(r"\s+")
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]+")
_WIDENED = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\u20e3\ufe0f]")
_NUMBER_AT_END = re.compile(r"\(([0-9]{8})\)$")
_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class InvalidName(ValueError):
    """No receiver name; the message is a sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class ReceiverName:
    """受取者名（証明書等管理業者名）."""

    display: str
    """As stored, printed and shown: full width."""
    key: str
    """Two names are the same when their keys are."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Widen what was typed and check it: 1 to 60 characters, nothing invisible, no emoji.

        Raises InvalidName.
        """
        display = _widen(text.strip())
        refused = [char for char in dict.fromkeys(display) if _is_refused(char)]
        if refused:
            named = "".join(f"「{_naming(char)}」" for char in refused[:5])
            raise InvalidName(f"受取者名に使えない文字があります：{named}")
        key = compare_key(display)
        if not key:
            raise InvalidName("受取者名（証明書等管理業者名）を入力してください")
        if len(_SELECTORS.sub("", display)) > MOST_CHARACTERS:
            raise InvalidName(f"受取者名は{MOST_CHARACTERS}文字以内で入力してください")
        if _units(display) > MOST_UNITS:
            raise InvalidName("受取者名の字体の指定が多すぎます。指定のない漢字で入力してください")
        return cls(display, key)

    def lacks_registration_number(self) -> bool:
        """The name says 行政書士 but no （8-digit registration number） ends it."""
        return says_scrivener(self.display) and registration_number(self.display) is None


def compare_key(name: str) -> str:
    """What equality is decided on: width, blanks, hyphens and glyph variants do not matter.

    The long vowel mark ー and the kanji 一 stay what they are.
    """
    folded = unicodedata.normalize("NFKC", _SELECTORS.sub("", name))
    return _BLANKS.sub(" ", _HYPHENS.sub("-", folded)).strip()


def as_compared(name: str) -> str:
    """The compare key for people to look at: full width again, so that no letter is markup."""
    return _widen(compare_key(name))


def registration_number(name: str) -> str | None:
    """The （8-digit registration number） at the end of a name, in ASCII digits."""
    found = _NUMBER_AT_END.search(compare_key(name))
    return found[1] if found else None


def says_scrivener(name: str) -> bool:
    """The name calls its bearer a 行政書士 or 行政書士法人."""
    return "行政書士" in compare_key(name)


def _widen(text: str) -> str:
    """Half-width kana (with their voicing marks) and ASCII become full width."""
    kana = _HALF_WIDTH_KANA.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    return kana.translate(_WIDENED)


def _is_refused(char: str) -> bool:
    if _SELECTORS.fullmatch(char) and char != "\ufe0f":
        return False
    return unicodedata.category(char) in _FORBIDDEN_CATEGORIES or bool(_EMOJI.match(char))


def _naming(char: str) -> str:
    """The character itself where it can be seen, its number and name where it cannot."""
    if unicodedata.category(char).startswith(("C", "Z", "M")):
        return f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()
    return char


def _units(text: str) -> int:
    return len(text.encode("utf-16-be", "surrogatepass")) // 2
