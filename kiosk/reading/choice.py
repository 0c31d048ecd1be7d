"""Which of several codes in a picture counts."""

from collections.abc import Sequence

from kiosk.reading.engines import Code
from shared.payload import looks_like_ours


def has_ours(codes: Sequence[Code]) -> bool:
    """Whether a code of ours, right or damaged, is among them."""
    return any(looks_like_ours(code.text) for code in codes)


def chosen(codes: Sequence[Code]) -> tuple[Code, ...]:
    """Each text once; ours alone when there is one of ours.

    A vehicle certificate beside the sheet carries codes of its own: they are no second sheet.
    """
    different: dict[str, Code] = {}
    for code in codes:
        different.setdefault(code.text, code)
    ours = tuple(code for text, code in different.items() if looks_like_ours(text))
    return ours or tuple(different.values())
