"""Real sheets of every kind and name length, as grey pages; the same seed gives the same paper.

Only the sealed part is drawn by lot: a real seal never comes out twice the same, and no reader
looks into it.
"""

import random
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pypdfium2

from hardware.scan import Grey
from issuer import a4
from issuer import geometry as g
from issuer.layout import SheetFacts, lay_out
from issuer.marks import Symbol
from shared.domain import FilingClaim, Purpose, ReceiverClaim, SearchKey, Sheet
from shared.search_key import canonical, printed
from tests.builders import START, filing_sheet, receiver_sheet, text_of

DOTS_PER_MM = 300 / 25.4
_NAMES = (
    "見本屋",
    "試験行政書士法人　架空　次郎",
    "見本行政書士事務所　見本　花子（００００００３４）",
    "架空" * 14 + "（００００００５６）",
    "架空" * 25 + "（００００００７８）",
)
"""3 to 60 characters: version 9 to version 13."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed page, and what its code says."""

    page: Grey
    text: str
    search_key: str
    """Without blanks."""
    module: float
    """Side of a module in millimetres."""
    symbol: g.Box = g.SYMBOL
    """Where the symbol lies, in millimetres."""

    def with_page(self, page: Grey) -> "Paper":
        """The same sheet, after something happened to it."""
        return replace(self, page=page)


@cache
def papers() -> tuple[Paper, ...]:
    """Every kind; names from three to sixty characters."""
    lot = random.Random(20261123)
    kinds = (Purpose.AUTHENTICATION, Purpose.REGISTRATION, Purpose.PASSWORD_CHANGE)
    sheets = [_named(kinds[i % 3], name, lot) for i, name in enumerate(_NAMES)]
    key = SearchKey(Purpose.INDIVIDUAL, lot.randrange(10**13))
    sheets.append(filing_sheet("12345678901234567", key=key))
    return tuple(_printed(sheet) for sheet in sheets)


def _named(purpose: Purpose, name: str, lot: random.Random) -> Sheet:
    key = SearchKey(purpose, lot.randrange(10**13))
    sheet = receiver_sheet(purpose, name=name, issued_at=START, key=key)
    return replace(sheet, claim=ReceiverClaim(name, lot.randbytes(80)))


def _printed(sheet: Sheet) -> Paper:
    facts = SheetFacts(
        purpose=sheet.purpose,
        payload=text_of(sheet),
        search_key=printed(sheet.search_key),
        issued_at=sheet.issued_at,
        procedure="継続検査" if sheet.procedure else None,
        receiver_name=None if isinstance(sheet.claim, FilingClaim) else sheet.claim.name,
        filing_number=sheet.claim.number if isinstance(sheet.claim, FilingClaim) else None,
    )
    (symbol,) = (mark for mark in lay_out(facts) if isinstance(mark, Symbol))
    return Paper(
        _rendered(a4.as_pdf(facts)), facts.payload, canonical(sheet.search_key), symbol.module
    )


def _rendered(pdf: bytes) -> Grey:
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0].render(scale=DOTS_PER_MM * 25.4 / 72, grayscale=True).to_numpy()
        return np.array(page.squeeze(), np.uint8)
    finally:
        document.close()
