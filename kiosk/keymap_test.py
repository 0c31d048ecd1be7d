"""Tells from one test code whether a scanner's keyboard is the one the settings name."""

from dataclasses import dataclass

from hardware.keymaps import Layout, as_read
from shared.texts import Text

TEST_TEXT = "0123456789 UKETORI test @[]^_:;+*&()='"
"""Digits, both cases, and the signs whose keys differ between the layouts."""


@dataclass(frozen=True, slots=True)
class KeymapResult:
    """What came of the test code."""

    right: bool
    """Every character came as it is."""
    digits: bool
    """The digits did: sheets of ours are read, codes of others are not shown as they are."""
    sentence: str


def compare(heard: str, layout: Layout) -> KeymapResult:
    """Judge what a scanner sent for TEST_TEXT while the settings name `layout`."""
    if heard == TEST_TEXT:
        return KeymapResult(right=True, digits=True, sentence="すべての文字が正しく届きました。")
    digits = heard.startswith(TEST_TEXT[:10])
    return KeymapResult(right=False, digits=digits, sentence=_advice(heard, layout, digits))


def _advice(heard: str, layout: Layout, digits: bool) -> str:  # noqa: FBT001 - a fact, no switch
    for other in Layout:
        if other is not layout and heard == as_read(TEST_TEXT, other, layout).strip():
            return Text(
                "スキャナーは %(layout)s 配列です。"
                "kiosk.toml の scanner_layout を %(layout)s にしてください。",
                layout=other.value,
            )
    if heard == TEST_TEXT.swapcase():
        return "大文字と小文字が逆です。スキャナーの Caps Lock の設定を確かめてください。"
    if digits:
        return (
            "数字は正しく届きましたが、ほかの文字が違います。"
            "スキャナーの国別設定を確かめてください。"
        )
    return "数字が正しく届きません。スキャナーの国別設定を確かめてください。"
