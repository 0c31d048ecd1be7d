"""Our own model of a QR symbol, against another maker's: every version, mask and level."""

from contextlib import suppress

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.reading import known, symbol
from kiosk.reading.blocks import dealing
from kiosk.reading.content import Unreadable, text_of
from kiosk.reading.modules import Modules, decode
from kiosk.reading.reed_solomon import repair, syndromes
from shared.digits import checked
from tests.media import OURS

TEXTS = {
    "numeric": "9101234567890123",
    "alphanumeric": "HTTP://EXAMPLE.ORG/$%*",
    "latin": "Grüße",
    "kanji": "検査証",
    "mixed": "受取 uketori 2026",
    "long": "0123456789" * 9,
}


def matrix_of(code: segno.QRCode) -> np.ndarray:
    return np.array(code.matrix, bool)


def modules_of(code: segno.QRCode) -> Modules:
    return Modules(np.where(matrix_of(code), 1, -1).astype(np.float32))


@pytest.mark.parametrize("version", symbol.VERSIONS)
def test_fixed_patterns_and_information_stand_where_another_maker_puts_them(version: int) -> None:
    dark, fixed = symbol.patterns(version)
    size = symbol.size_of(version)
    for mask in range(8):
        level = (version + mask) % 4
        name = symbol.LEVELS[level]
        code = segno.make_qr("1", version=version, mask=mask, error=name, boost_error=False)
        drawn = matrix_of(code)
        assert (drawn == dark)[fixed].all()
        for places in symbol.format_places(size):
            assert (drawn[places] == symbol.format_words()[level * 8 + mask]).all()
        for places in symbol.version_places(size) if version >= 7 else ():
            assert (drawn[places] == symbol.version_words()[version - 7]).all()


@pytest.mark.parametrize("version", known.VERSIONS)
@pytest.mark.parametrize("mask", range(8))
def test_every_module_of_a_symbol_is_read_back(version: int, mask: int) -> None:
    text = OURS[: {6: 254, 7: 292, 8: 364, 9: 432, 10: 512}.get(version, len(OURS))]
    code = segno.make_qr(text, version=version, mask=mask, error="m", boost_error=False)
    assert decode(modules_of(code)) == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("level", symbol.LEVELS)
@pytest.mark.parametrize("version", [5, 9, 10, 27])
def test_general_content_is_read(text: str, level: str, version: int) -> None:
    code = segno.make_qr(text, version=version, error=level, boost_error=False)
    assert decode(modules_of(code)) == text


def test_a_mirrored_symbol_is_read() -> None:
    modules = modules_of(segno.make_qr(OURS, error="m"))
    assert decode(Modules(modules.dark.T)) == OURS


@pytest.mark.parametrize("version", symbol.VERSIONS)
@pytest.mark.parametrize("level", symbol.LEVELS)
def test_every_block_of_a_real_symbol_is_a_codeword(version: int, level: str) -> None:
    code = segno.make_qr("7", version=version, error=level, mask=3, boost_error=False)
    drawn = matrix_of(code) ^ symbol.mask(symbol.size_of(version), 3)
    words = np.packbits(drawn[symbol.data_places(version)])
    deal = dealing(version, level)
    blocks = np.where(deal.order >= 0, words[deal.order], 0).astype(np.uint8)
    assert not syndromes(blocks, deal.checks).any()


CASES = [
    (checks, erasures, errors)
    for checks in sorted({dealing(v, level).checks for v in symbol.VERSIONS for level in "LMQH"})
    for erasures in range(checks + 1)
    for errors in range((checks - erasures) // 2 + 1)
]


def codeword(checks: int, length: int, random: np.random.Generator) -> np.ndarray:
    """A random codeword: its checks are what repairing them as erased gives."""
    word = random.integers(0, 256, (1, length), dtype=np.uint8)
    last = np.arange(length)[None] >= length - checks
    fixed = repair(word, checks, last)
    assert fixed.good.all()
    assert not syndromes(fixed.words, checks).any()
    return fixed.words[0]


def spoilt(
    word: np.ndarray, erasures: int, errors: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    places = random.permutation(len(word))[: erasures + errors]
    bad, erased = word.copy(), np.zeros(len(word), bool)
    bad[places] ^= random.integers(1, 256, len(places), dtype=np.uint8)
    erased[places[:erasures]] = True
    return bad, erased


def test_every_number_of_errors_and_erasures_within_reach_is_repaired() -> None:
    random = np.random.default_rng(1)
    for checks in sorted({case[0] for case in CASES}):
        words = [codeword(checks, 60, random) for case in CASES if case[0] == checks]
        counts = [case[1:] for case in CASES if case[0] == checks]
        pairs = [spoilt(word, *n, random) for word, n in zip(words, counts, strict=True)]
        repaired = repair(
            np.array([bad for bad, _ in pairs]), checks, np.array([gone for _, gone in pairs])
        )
        assert repaired.good.all()
        assert (repaired.words == np.array(words)).all()
        assert repaired.errors.tolist() == [errors for _, errors in counts]


def test_one_error_too_many_is_refused() -> None:
    """Where chance cannot repair it to something else: with 12 checks or more left."""
    random = np.random.default_rng(2)
    for checks in sorted({case[0] for case in CASES if case[0] >= 16}):
        for erasures in range(checks - 11):
            word = codeword(checks, 60, random)
            errors = (checks - erasures) // 2 + 1
            bad, gone = spoilt(word, erasures, errors, random)
            repaired = repair(bad[None], checks, gone[None])
            assert not repaired.good.any()
            assert (repaired.words[0] == bad).all()


@pytest.mark.parametrize("share", [0.1, 0.2, 0.25])
@pytest.mark.parametrize("side", range(4))
def test_modules_of_which_nothing_is_known_are_repaired(share: float, side: int) -> None:
    """A strip at any side, finder patterns included: twice what wrong modules may be."""
    dark = np.rot90(modules_of(segno.make_qr(OURS, error="m")).dark, side).copy()
    dark[: round(share * len(dark))] = 0
    assert decode(Modules(np.rot90(dark, -side))) == OURS


def test_what_error_correction_cannot_prove_is_no_text() -> None:
    modules = modules_of(segno.make_qr(OURS, error="m"))
    half = modules.dark.copy()
    half[: len(half) // 2] = 0
    assert decode(Modules(half)) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_noise_is_no_text(version: int, seed: int) -> None:
    size = symbol.size_of(version)
    noise = np.random.default_rng(seed).uniform(-1, 1, (size, size)).astype(np.float32)
    assert decode(Modules(noise)) is None


@given(st.binary(max_size=60), st.integers(1, 40))
def test_any_codewords_are_a_text_or_unreadable(data: bytes, version: int) -> None:
    with suppress(Unreadable):
        assert text_of(data, version)


def data_of(code: segno.QRCode, mask: int) -> bytes:
    """The data codewords that another maker wrote."""
    dark = matrix_of(code)
    places = symbol.data_places(symbol.version_of(len(dark)))
    bits = dark[places] ^ symbol.mask(len(dark), mask)[places]
    words = np.packbits(bits.reshape(-1, 8), axis=1)[:, 0]
    return words[dealing(symbol.version_of(len(dark)), "M").data].tobytes()


@pytest.mark.parametrize("spare", [0, 1, 2, 20])
@pytest.mark.parametrize("version", known.VERSIONS)
def test_what_is_known_of_a_sheet_s_codewords_is_so(version: int, spare: int) -> None:
    longest = (255, 293, 365, 432, 513, 604, 691, 796)[version - 6]
    text = ("9101" + "7" * longest)[: longest - spare]
    code = segno.make_qr(text, error="m", boost_error=False, mask=3)
    data = data_of(code, 3)
    words = known.first_words(version) | known.filling(version, data)
    assert code.version == version
    assert {2} <= set(words)
    assert {number: data[number] for number in words} == words
    assert spare < 20 or len(words) > 6


def test_what_fills_a_symbol_up_need_not_be_seen() -> None:
    """Behind an ordinary sheet's text: more of the last block than can be repaired."""
    text = checked("9101" + "0" * 17 * 30)
    code = segno.make_qr(text, version=11, error="m", boost_error=False, mask=3)
    filling = known.filling(11, data_of(code, 3))
    rows, columns = symbol.data_places(11)
    dark = modules_of(code).dark.copy()
    for number in dealing(11, "M").data[list(filling)]:
        part = slice(8 * number, 8 * number + 8)
        dark[rows[part], columns[part]] *= -1
    assert len(filling) > dealing(11, "M").checks
    assert decode(Modules(dark)) == text
