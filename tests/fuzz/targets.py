"""What is fuzzed: each target takes any bytes, and raises when a promise is broken.

`tests/unit/test_fuzz_corpus.py` replays the kept inputs on every run of the tests; `tests.fuzz`
looks for new ones.
"""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from hardware import picture_child, pictures
from issuer.lists import UnusableList, Wanted, judge, read_rows
from shared import search_key
from shared.digits import checked, digits_of
from shared.domain import FilingNumber, InvalidFilingNumber, ReceiverClaim
from shared.names import InvalidName, ReceiverName, compare_key
from shared.payload import decode, encode, is_for_practice, normalised, open_tag
from shared.payload_errors import PayloadError
from tests.builders import KEYS, START, SYSTEM
from tests.forgeries import GENUINE
from tests.issuer_world import World, a_press, make_world
from verifier.filings.records import FileRefused, Refused, read_records, undecoded
from verifier.filings.rows import FilingRow, Known, read_row

CORPUS = Path(__file__).parent / "corpus"
KNOWN = Known({"1": 1, "継続検査": 1}, frozenset({"S1"}))
FEW_PIXELS = picture_child.Limits(file=1_000_000, pixels=60_000, pages=3, memory=0, seconds=0)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def decoder(data: bytes) -> None:
    """Any text is a sheet, exactly as an encoder writes it, or one of the nine.

    The first byte chooses: a text, bytes with good check digits, or bytes well signed.
    """
    how, rest = data[:1], data[1:]
    text = rest.decode("utf-8", "surrogateescape")
    if how == b"c":
        text = checked("9101" + digits_of(rest))
    elif how == b"s":
        message = b"oss2d/v1/sig\0" + SYSTEM.encode() + b"\0" + rest
        text = checked("9101" + digits_of(rest + KEYS.signing.private.sign(message)))
    is_for_practice(text)
    try:
        sheet = decode(text, KEYS.key_set, SYSTEM, START)
        assert how == b"s" or normalised(text) in GENUINE, "a forged text was taken for a sheet"
        assert encode(sheet, KEYS.signing, SYSTEM) == normalised(text)
        if isinstance(sheet.claim, ReceiverClaim):
            open_tag(sheet, [KEYS.sealing], SYSTEM)
    except PayloadError:
        return


def keys_typed(data: bytes) -> None:
    """A typed search key or filing number comes back as it is printed, or is refused."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        key = search_key.parse(text)
        assert search_key.looks_like(text)
        assert search_key.parse(search_key.printed(key)) == key
    except search_key.InvalidSearchKey:
        pass
    try:
        number = FilingNumber.parse(text)
        assert FilingNumber.parse(number.grouped()) == number
    except InvalidFilingNumber:
        pass


def names(data: bytes) -> None:
    """A name is refused with a sentence, or comes back the same from its own display form."""
    try:
        name = ReceiverName.parse(data.decode("utf-8", "surrogateescape"))
    except InvalidName as refused:
        _require(str(refused).isprintable())
        return
    assert ReceiverName.parse(name.display) == name
    assert compare_key(name.display) == name.key
    assert all(char.isprintable() or char.isspace() for char in name.display)
    assert not set(name.display) & set("\t\n\v\f\r\x85\u2028\u2029")
    assert not set(name.display) & set("<>&\"'=+-@")


def filings(data: bytes) -> None:
    """A file of filings is refused, or each of its rows is one to write or says why not."""
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", "surrogateescape", newline="")
    try:
        records = list(read_records(text))
    except FileRefused as refused:
        _require(bool(refused.problems))
        return
    for record in records:
        assert record.line >= 1
        if isinstance(record, Refused) or undecoded([*record.values.values()]):
            continue
        row = read_row(record, KNOWN)
        assert isinstance(row, FilingRow) or row.problems


def lists(data: bytes) -> None:
    """A list of wanted sheets is refused, or each of its rows is a wish or says why not."""
    try:
        rows = read_rows(data)
    except UnusableList as refused:
        _require(bool(str(refused)))
        return
    for row in rows:
        judged = judge(row, {1: "継続検査"}, lambda _named: "mihon-no-himitsu")
        assert isinstance(judged, Wanted) or judged


def files(data: bytes) -> None:
    """What the child that decodes pictures and PDFs does with a file: pages within its limits, or
    an exception, which its parent tells as damaged. Never a page that is larger, nor a crash."""
    kind = "pdf" if data.startswith(b"%PDF-") else "picture"
    try:
        for page in picture_child._pages(kind, data, FEW_PIXELS):
            assert page.mode == "L"
            assert page.width * page.height <= FEW_PIXELS.pixels
    except AssertionError:
        raise
    except Exception:  # noqa: BLE001 - it ends the child
        return


def pipe(data: bytes) -> None:
    """What a child that was taken over may write to its parent: a page, the end, or a fault."""
    limits = pictures.Limits(pixels=FEW_PIXELS.pixels)
    stream = io.BufferedReader(io.BytesIO(data))  # type: ignore[arg-type]
    try:
        for _ in range(limits.pages):
            page = pictures._page(stream, limits)
            if page is None:
                return
            assert page.dtype == np.uint8
            assert page.size <= limits.pixels
    except pictures.UnreadablePicture:
        return


def orders(data: bytes) -> None:
    """A body sent to the portal, as an order or as its form: no server error, nothing repeated."""
    client = _portal().app.test_client()
    json_answer = client.post("/api/v1/sheets", data=data, content_type="application/json")
    assert json_answer.status_code < 500, json_answer.status
    if json_answer.status_code >= 400:
        assert json_answer.mimetype == "application/problem+json"
        assert json.loads(json_answer.data)["code"]
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        assert client.post("/codes/new", data=data, content_type=kind).status_code < 500


def _require(kept: bool) -> None:
    assert kept


@cache
def _portal() -> World:
    """One for all inputs; ordered sheets are kept in a file, as always."""
    return make_world(Path(mkdtemp(prefix="uketori-fuzz-")), a_press())


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (decoder, keys_typed, names, filings, lists, files, pipe, orders)
}
