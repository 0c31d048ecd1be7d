"""Texts that are no sheet of this installation: forged ones by kind, and random ones by kind.

A number gives the same text on every machine. The genuine codes that are mutated are the released
vectors; whoever forges here holds everything but the keys of the installation, and in the kinds
named STOLEN its signing key too.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from shared.digits import bytes_of, checked, digits_of
from shared.payload import normalised
from tests.builders import KEYS, SYSTEM, Keys, keys

VECTORS = json.loads((Path(__file__).parent / "vectors/payload_v1.json").read_text("utf-8"))
NOW = datetime.fromisoformat(VECTORS["now"])
"""When the counter is asked first."""
NEVER_WRONG = timedelta(days=29)
"""The genuine ones are good for as long after NOW."""
TEXTS: list[str] = [vector["text"] for vector in VECTORS["valid"]]
GENUINE = frozenset(TEXTS)
RECEIVER = VECTORS["valid"][1]
"""Whose authentication sheet is among the genuine ones."""
FILING: str = VECTORS["valid"][3]["filing_number"]
BODIES = [bytes_of(text[4:-2]) for text in TEXTS]
"""What is signed, then 64 bytes of signature."""
RECEIVERS = [body for body in BODIES if body[0] != 4]
STRANGER, RETIRED, PRACTICE = keys(40), keys(2, key_id=2), keys(3, key_id=129)
"""A forger's own key under our id; one that has left the key set; one of a rehearsal."""
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group of Ed25519: a signature whose number is moved by it must not hold."""
Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Strange:
    """A text and how it was made."""

    kind: str
    text: str

    @property
    def is_genuine(self) -> bool:
        """The mutation gave a code that this installation did issue."""
        return normalised(self.text) in GENUINE


def forged(number: int) -> Strange:
    """One of the endless forged codes."""
    return _made(FORGED, number)


def random_text(number: int) -> Strange:
    """One of the endless random texts."""
    return _made(RANDOM, number)


def _made(kinds: dict[str, Make], number: int) -> Strange:
    names = list(kinds)
    kind = names[number % len(names)]
    return Strange(kind, kinds[kind](random.Random(f"{kind} {number}")))


# --- what a forger writes ----------------------------------------------------------------------


def written(data: bytes) -> str:
    """Bytes as a code with check digits that fit."""
    return checked("9101" + digits_of(data))


def _signed(body: bytes, by: Keys = KEYS, system_id: str = SYSTEM) -> str:
    message = b"oss2d/v1/sig\0" + system_id.encode("ascii") + b"\0" + body
    return written(body + by.signing.private.sign(message))


def _digits_changed(rng: random.Random) -> str:
    digits = list(rng.choice(TEXTS))
    for at in rng.sample(range(len(digits)), rng.randint(1, 4)):
        digits[at] = rng.choice("0123456789")
    return "".join(digits)


def _digits_repaired(rng: random.Random) -> str:
    digits = list(rng.choice(TEXTS)[:-2])
    for at in rng.sample(range(4, len(digits)), rng.randint(1, 12)):
        digits[at] = rng.choice("0123456789")
    return checked("".join(digits))


def _digits_moved(rng: random.Random) -> str:
    """Dropped, doubled, swapped, or a stretch turned round, as a hand or a scanner may."""
    text = rng.choice(TEXTS)
    at, to = sorted(rng.sample(range(len(text)), 2))
    return rng.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[to] + text[at + 1 : to] + text[at] + text[to + 1 :],
            text[:at] + text[at:to][::-1] + text[to:],
        )
    )


def _bits(rng: random.Random) -> str:
    data = bytearray(rng.choice(BODIES))
    for bit in rng.sample(range(8 * len(data)), rng.randint(1, 8)):
        data[bit // 8] ^= 1 << bit % 8
    return written(bytes(data))


def _bytes_overwritten(rng: random.Random) -> str:
    data = bytearray(rng.choice(BODIES))
    at = rng.randrange(len(data))
    data[at : at + rng.randint(1, 16)] = rng.randbytes(rng.randint(1, 16))
    return written(bytes(data))


def _wrong_length(rng: random.Random) -> str:
    """Cut, lengthened, or two codes in one; the check digits fit."""
    data = rng.choice(BODIES)
    at = rng.randrange(len(data))
    return written(
        rng.choice(
            (
                data[:at],
                data[at:],
                data[:at] + data[at + rng.randint(1, 9) :],
                data + rng.randbytes(rng.randint(1, 200)),
                data[:at] + rng.randbytes(rng.randint(1, 9)) + data[at:],
                data + rng.choice(BODIES),
            )
        )
    )


_FIELDS = tuple(pairwise((0, 1, 2, 3, 7, 9, 15, 16)))
"""Where the header's seven fields begin and end."""


def _field(rng: random.Random) -> str:
    """One field of the header, or of the tail of a filing, made another one."""
    data = bytearray(rng.choice(BODIES))
    fields = (*_FIELDS, (16, 17), (17, 25))
    begin, end = rng.choice(fields if data[0] == 4 else _FIELDS)
    data[begin:end] = rng.randbytes(end - begin)
    return written(bytes(data))


def _another_name(rng: random.Random) -> bytes:
    """The body of a sheet, sealed part and all, under a name of the forger's choice."""
    body = rng.choice(RECEIVERS)[:-64]
    name = "".join(rng.choices("見本試験架空行政書士太郎花子", k=rng.randint(1, 60)))
    return body[:16] + bytes([len(name)]) + name.encode("utf-16-be") + body[-80:]


def _name(rng: random.Random) -> str:
    return written(_another_name(rng) + rng.choice(BODIES)[-64:])


def _pasted(rng: random.Random) -> bytes:
    """The body of a sheet with the sealed part of another one, or with a random one."""
    body, other = (data[:-64] for data in rng.sample(RECEIVERS, 2))
    return body[:-80] + rng.choice((other[-80:], rng.randbytes(80)))


def _seal(rng: random.Random) -> str:
    return written(_pasted(rng) + rng.choice(RECEIVERS)[-64:])


def _kind_swapped(rng: random.Random) -> str:
    """Another kind, with the procedure and sealing key that it would have."""
    data = bytearray(rng.choice(BODIES))
    data[0] = rng.choice([kind for kind in (1, 2, 3, 4) if kind != data[0]])
    data[15] = rng.randint(1, 2) if data[0] in (2, 4) else 0
    data[2] = 0 if data[0] == 4 else 1
    return written(bytes(data))


def _signature(rng: random.Random) -> str:
    """The signature of another sheet, a trivial one, or the same one moved by the group's order."""
    body, signature = (part := rng.choice(BODIES))[:-64], part[-64:]
    moved = int.from_bytes(signature[32:], "little") + ORDER * rng.randint(1, 3)
    return written(
        body
        + rng.choice(
            (
                rng.choice([data for data in BODIES if data is not part])[-64:],
                bytes(64),
                b"\1" + bytes(63),
                signature[:32] + (moved % 2**256).to_bytes(32, "little"),
                signature[:32] + bytes(32),
                rng.randbytes(64),
            )
        )
    )


def _mutated_body(rng: random.Random) -> bytes:
    body = rng.choice(RECEIVERS)[:-64]
    days = (rng.randint(30, 90)).to_bytes(2)
    key = rng.randrange(10**13).to_bytes(6)
    return body[:7] + days + key + body[15:]


def _stranger(rng: random.Random) -> str:
    return _signed(_mutated_body(rng), STRANGER)


def _elsewhere(rng: random.Random) -> str:
    """A sheet that the same keys signed for another installation, or for none."""
    system = rng.choice(("elsewhere", "", "test", "tests ", "Tests", "tests\0", f"{rng.random()}"))
    return _signed(rng.choice((_mutated_body(rng), rng.choice(BODIES)[:-64])), KEYS, system)


def _retired(rng: random.Random) -> str:
    body = bytearray(_mutated_body(rng))
    body[1] = RETIRED.signing.key_id
    return _signed(bytes(body), RETIRED)


def _other_key(rng: random.Random) -> str:
    """Under any key id that is not in the key set, signed by a key that is."""
    body = bytearray(_mutated_body(rng))
    body[1] = rng.choice([key_id for key_id in range(256) if key_id != KEYS.signing.key_id])
    return _signed(bytes(body))


def _practice(rng: random.Random) -> str:
    body = bytearray(_mutated_body(rng))
    body[1] = PRACTICE.signing.key_id
    return _signed(bytes(body), PRACTICE)


def _other_version(rng: random.Random) -> str:
    text = rng.choice(TEXTS)
    prefix = f"{rng.randrange(100):02d}{rng.randrange(100):02d}"
    return checked(prefix + text[4:-2])


def _parted(rng: random.Random) -> str:
    """A damaged code with what scanners and people add: it is folded, and damaged still."""
    text = _digits_changed(rng)
    wide = text.translate({0x30 + d: 0xFF10 + d for d in range(10)})
    return "-".join(wide[i : i + 4] for i in range(0, len(wide), 4)) + "\r\n"


def _stolen_seal(rng: random.Random) -> str:
    """Well signed, but the sealed part stands under another name, kind or key."""
    return _signed(rng.choice((_pasted, _another_name))(rng))


def _stolen_bytes(rng: random.Random) -> str:
    """Well signed, but not what an encoder would write."""
    body = bytearray(rng.choice(BODIES)[:-64])
    body[rng.choice((0, 2, 15, 16))] = rng.choice((0, rng.randint(61, 255)))
    if body[0] > 4 or rng.random() < 0.5:
        return _signed(bytes([body[0], 1, *body[2:]]))
    return _signed(bytes(body) + rng.randbytes(rng.randint(1, 9)))


def _stolen_time(rng: random.Random) -> str:
    """Well signed, but expired, or issued in a year to come."""
    body = _mutated_body(rng)
    far = timedelta(days=rng.randint(100, 4000))
    issued = int((NOW + rng.choice((far, -far))).timestamp())
    return _signed(body[:3] + issued.to_bytes(4) + body[7:])


def _stolen_filing(rng: random.Random) -> str:
    """Well signed for a filing that waits, but not its latest sheet, or for another number."""
    body = BODIES[3][:-64]
    number = rng.choice((FILING, f"{rng.randrange(10**16):016d}"))
    key = rng.randrange(10**13).to_bytes(6)
    return _signed(body[:9] + key + body[15:17] + int(number).to_bytes(8))


FORGED: dict[str, Make] = {
    "digits changed": _digits_changed,
    "digits dropped, doubled, swapped, turned": _digits_moved,
    "digits changed, check digits repaired": _digits_repaired,
    "bits": _bits,
    "bytes": _bytes_overwritten,
    "wrong length": _wrong_length,
    "a field of the header": _field,
    "another name": _name,
    "pasted seal": _seal,
    "swapped kind": _kind_swapped,
    "pasted, trivial or moved signature": _signature,
    "signed by a stranger": _stranger,
    "another installation's": _elsewhere,
    "retired key": _retired,
    "key id of nobody": _other_key,
    "practice key": _practice,
    "other prefix or version": _other_version,
    "damaged and parted": _parted,
    "STOLEN signing key: pasted seal, other name": _stolen_seal,
    "STOLEN signing key: impossible bytes": _stolen_bytes,
    "STOLEN signing key: out of time": _stolen_time,
    "STOLEN signing key: individual sheet": _stolen_filing,
}


# --- random texts ------------------------------------------------------------------------------


def _some(alphabet: str, most: int) -> Make:
    return lambda rng: "".join(rng.choices(alphabet, k=rng.randint(0, most)))


def _any_bytes(rng: random.Random) -> str:
    """Any bytes as a whole code: what a program that knows the format draws."""
    return written(rng.randbytes(rng.randint(0, 480)))


def _any_body(rng: random.Random) -> str:
    """As before, under the id of a key that is known."""
    return written(rng.randbytes(1) + b"\1" + rng.randbytes(rng.randint(62, 300)))


def _prefixed(rng: random.Random) -> str:
    return "9101" + "".join(rng.choices("0123456789", k=rng.randint(0, 1300)))


def _any_characters(rng: random.Random) -> str:
    """From all of Unicode: unassigned, private, lone surrogates, controls."""
    return "".join(map(chr, rng.choices(range(0x110000), k=rng.randint(0, 300))))


def _key_like(rng: random.Random) -> str:
    """The shape of a search key: the counter looks for the sheet it stands for."""
    head = rng.choice("0123456789KkＫ")
    return head + "".join(rng.choices("0123456789", k=15))


ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_TRICKS = "\0\t\n\r\x1b\x7f\u200b\u200e\u202e\u2066\ufeff=+-@<>&'\"％；９１０１"
RANDOM: dict[str, Make] = {
    "digits": _some("0123456789", 1300),
    "digits of other scripts": _some("0123456789０１２３４５６７８９९१०٠١۰", 700),
    "digits after our prefix": _prefixed,
    "random bytes, check digits fit": _any_bytes,
    "random bytes under a known key": _any_body,
    "the 45 characters of a QR code": _some(ALPHANUMERIC, 4296),
    "any characters": _any_characters,
    "control, bidi and markup characters": _some(_TRICKS, 300),
    "letters of certificates": _some("0123456789/ .-ABCDEFGHあいうえお見本車検証", 300),
    "search keys": _key_like,
}
