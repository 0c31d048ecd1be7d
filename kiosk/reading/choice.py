"""Which of several codes in a picture counts."""

from collections.abc import Iterable, Sequence

from kiosk.reading.engines import Code
from kiosk.reading.places import same
from shared.payload import looks_like_ours


def has_ours(codes: Sequence[Code]) -> bool:
    """Whether a code of ours, right or damaged, is among them."""
    return any(looks_like_ours(code.text) for code in codes)


def each_once(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Every code with its corners, ours first; a text that two readers saw at one place once."""
    kept: list[Code] = []
    for code in codes:
        if not any(code.text == one.text and same(code.corners, one.corners) for one in kept):
            kept.append(code)
    return ours_first(kept)


def ours_first(codes: Iterable[Code]) -> tuple[Code, ...]:
    """The same codes, ours before foreign ones."""
    return tuple(sorted(codes, key=lambda code: not looks_like_ours(code.text)))


def chosen(codes: Sequence[Code]) -> tuple[Code, ...]:
    """Each text once; ours alone when there is one of ours.

    A vehicle certificate beside the sheet carries codes of its own: they are no second sheet.
    """
    different: dict[str, Code] = {}
    for code in codes:
        different.setdefault(code.text, code)
    ours = tuple(code for text, code in different.items() if looks_like_ours(text))
    return ours or tuple(different.values())
