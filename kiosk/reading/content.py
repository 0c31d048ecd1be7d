"""From the data codewords of a QR symbol to its text (ISO/IEC 18004, 7.4)."""

from collections.abc import Callable

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_ECI = {3: "iso8859-1", 7: "iso8859-5", 20: "cp932", 26: "utf-8", 27: "ascii", 170: "ascii"}
_LATIN = {number: f"iso8859-{number - 2}" for number in range(4, 19) if number != 14}
_GUESSES = ("utf-8", "cp932", "iso8859-1")


class Unreadable(ValueError):
    """These bits are no text: error correction went wrong, or a mode we do not know."""


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self.left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self.left:
            raise Unreadable("the text is longer than the symbol")
        self.left -= count
        return self._value >> self.left & ((1 << count) - 1)


class _Text:
    """What was read so far, and the encoding that bytes are in."""

    def __init__(self, bits: _Bits, version: int) -> None:
        self.bits = bits
        self.wide = 0 if version < 10 else 1 if version < 27 else 2
        self.parts: list[str] = []
        self._bytes = b""
        self._encoding: str | None = None

    def add(self, text: str) -> None:
        self.end_bytes()
        self.parts.append(text)

    def add_bytes(self, data: bytes) -> None:
        self._bytes += data

    def use(self, encoding: str) -> None:
        self.end_bytes()
        self._encoding = encoding

    def end_bytes(self) -> None:
        """Bytes of neighbouring segments are one text: a character may be cut between them."""
        if self._bytes:
            self.parts.append(_decoded(self._bytes, self._encoding))
        self._bytes = b""


def text_of(data: bytes, version: int) -> str:
    """The text. Raises Unreadable."""
    text = _Text(_Bits(data), version)
    while text.bits.left >= 4:
        mode = text.bits.take(4)
        if mode == 0:
            break
        if mode not in _MODES:
            raise Unreadable(f"mode {mode}")
        _MODES[mode](text)
    text.end_bytes()
    if not text.parts:
        raise Unreadable("no text")
    return "".join(text.parts)


def _decoded(data: bytes, encoding: str | None) -> str:
    for name in (encoding,) if encoding else _GUESSES:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise Unreadable("bytes that are not in their encoding")


def _numeric(text: _Text) -> None:
    count = text.bits.take((10, 12, 14)[text.wide])
    digits = []
    for start in range(0, count, 3):
        size = min(3, count - start)
        value = text.bits.take((0, 4, 7, 10)[size])
        if value >= 10**size:
            raise Unreadable("a group of digits out of range")
        digits.append(f"{value:0{size}}")
    text.add("".join(digits))


def _alphanumeric(text: _Text) -> None:
    count = text.bits.take((9, 11, 13)[text.wide])
    characters = []
    for start in range(0, count, 2):
        pair = start + 1 < count
        value = text.bits.take(11 if pair else 6)
        if value >= (45 * 45 if pair else 45):
            raise Unreadable("a pair of characters out of range")
        characters += [_ALPHANUMERIC[value // 45]] * pair + [_ALPHANUMERIC[value % 45]]
    text.add("".join(characters))


def _bytes(text: _Text) -> None:
    count = text.bits.take((8, 16, 16)[text.wide])
    text.add_bytes(bytes(text.bits.take(8) for _ in range(count)))


def _kanji(text: _Text) -> None:
    count = text.bits.take((8, 10, 12)[text.wide])
    pairs = bytearray()
    for _ in range(count):
        high, low = divmod(text.bits.take(13), 0xC0)
        value = (high << 8) + low
        pairs += (value + (0x8140 if value < 0x1F00 else 0xC140)).to_bytes(2)
    text.add(_decoded(bytes(pairs), "cp932"))


def _eci(text: _Text) -> None:
    number = text.bits.take(8)
    if number & 0xC0 == 0x80:
        number = (number & 0x3F) << 8 | text.bits.take(8)
    elif number & 0x80:
        number = (number & 0x1F) << 16 | text.bits.take(16)
    encoding = _ECI.get(number) or _LATIN.get(number)
    if encoding is None:
        raise Unreadable(f"character set {number}")
    text.use(encoding)


def _skip(count: int) -> Callable[[_Text], None]:
    def skip(text: _Text) -> None:
        text.bits.take(count)

    return skip


_MODES: dict[int, Callable[[_Text], None]] = {
    1: _numeric,
    2: _alphanumeric,
    3: _skip(16),  # one of several symbols that belong together: reported as it is
    4: _bytes,
    5: _skip(0),  # FNC1: what the text is for, not what it says
    7: _eci,
    8: _kanji,
    9: _skip(8),
}
