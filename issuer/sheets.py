"""Issues sheets: draws the search key, signs and seals, stores the text under the key's digest.

Names and passwords are not stored; the text that is holds the password's tag only as ciphertext
that the registry alone can open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from issuer.filing_view import why_not
from issuer.forms import SheetRequest
from issuer.layout import SheetFacts
from shared.db.filings import find_filing, switch_to_individual
from shared.db.session import Sessions, reading
from shared.db.sheets import text_by_digest
from shared.db.tables import Filing, IssuedSheet, Procedure
from shared.domain import FilingClaim, FilingNumber, Purpose, ReceiverClaim, Sheet
from shared.keys import KeySet, SealingPublicKey, SigningKey
from shared.lookup import lookup_digest
from shared.passwords import password_tag
from shared.payload import PayloadError, decode, encode, seal
from shared.search_key import draw, printed

_INSERT = insert(IssuedSheet)


@dataclass(frozen=True, slots=True)
class Press:
    """What it takes to make a sheet that counters believe. Never logged."""

    signing: SigningKey
    sealing: SealingPublicKey
    key_set: KeySet
    """Public keys: reads back what was issued before."""
    lookup_key: bytes
    system_id: str
    authentication_days: int = 30
    paperwork_days: int = 90
    """For registration and password change."""

    def valid_days(self, purpose: Purpose) -> int:
        """How long a public sheet of that kind counts."""
        if purpose is Purpose.AUTHENTICATION:
            return self.authentication_days
        return self.paperwork_days


def open_procedures(sessions: Sessions) -> dict[int, str]:
    """手続種別 that can be chosen now, in the order of their codes."""
    with reading(sessions) as session:
        rows = session.execute(
            select(Procedure.code, Procedure.name).where(Procedure.is_open).order_by(Procedure.code)
        )
        return {code: name for code, name in rows}


def issue_public(
    sessions: Sessions,
    press: Press,
    wish: SheetRequest,
    procedures: Mapping[int, str],
    now: datetime,
) -> SheetFacts:
    """Issue one of the three kinds anybody may have; nothing about the receiver is looked up."""
    sheet = _sealed(press, wish, now)
    text = encode(sheet, press.signing, press.system_id)
    with sessions.begin() as session:
        _store(session, press, sheet, text)
    return SheetFacts(
        purpose=wish.purpose,
        payload=text,
        search_key=printed(sheet.search_key),
        issued_at=sheet.issued_at,
        procedure=procedures.get(wish.procedure),
        receiver_name=wish.receiver.display,
    )


def issue_individual(
    sessions: Sessions, press: Press, number: FilingNumber, now: datetime
) -> SheetFacts:
    """Switch a filing to its individual code and issue that code, both or neither.

    Raises SwitchRefused when its papers are on the counter, gone, or never to come.
    """
    with sessions.begin() as session:
        filing = _filing(session, number)
        sheet = Sheet(
            search_key=draw(Purpose.INDIVIDUAL),
            signing_key_id=press.signing.key_id,
            sealing_key_id=0,
            issued_at=now.replace(microsecond=0),
            valid_days=0,
            procedure=filing.procedure_code,
            claim=FilingClaim(number),
        )
        text = encode(sheet, press.signing, press.system_id)
        _store(session, press, sheet, text)
        switch_to_individual(
            session, number, lookup_digest(sheet.search_key, press.lookup_key), now
        )
        return _individual_facts(sheet, text, filing)


def show_individual_again(
    sessions: Sessions, press: Press, number: FilingNumber, now: datetime
) -> SheetFacts:
    """The individual code issued last, unchanged: the paper printed before goes on counting.

    A text that is no longer there, or that today's keys no longer verify, is issued anew.
    """
    with reading(sessions) as session:
        filing = _filing(session, number)
        text = text_by_digest(session, filing.individual_digest or "")
        sheet = _decoded(press, text, now) if text is not None else None
        if text is not None and sheet is not None and why_not(filing) is None:
            return _individual_facts(sheet, text, filing)
    return issue_individual(sessions, press, number, now)


def _sealed(press: Press, wish: SheetRequest, now: datetime) -> Sheet:
    """The sheet as it will be signed, the password's tag sealed to all that stands before it."""
    unsealed = Sheet(
        search_key=draw(wish.purpose),
        signing_key_id=press.signing.key_id,
        sealing_key_id=press.sealing.key_id,
        issued_at=now.replace(microsecond=0),
        valid_days=press.valid_days(wish.purpose),
        procedure=wish.procedure,
        claim=ReceiverClaim(wish.receiver.display, b""),
    )
    tag = password_tag(wish.receiver.key, wish.password)
    sealed = seal(unsealed, tag, press.sealing, press.system_id)
    return replace(unsealed, claim=ReceiverClaim(wish.receiver.display, sealed))


def _decoded(press: Press, text: str, now: datetime) -> Sheet | None:
    """A text of our own, read back; None when today's keys do not verify it any more."""
    try:
        return decode(text, press.key_set, press.system_id, now)
    except PayloadError:
        return None


def _store(session: Session, press: Press, sheet: Sheet, text: str) -> None:
    """A plain INSERT: the unit of work of the ORM would cost more than signing and sealing."""
    row = {
        "lookup_digest": lookup_digest(sheet.search_key, press.lookup_key),
        "text": text,
        "purpose": sheet.purpose,
        "issued_at": sheet.issued_at,
        "expires_at": sheet.expires_at,
    }
    session.connection().execute(_INSERT, row)


def _filing(session: Session, number: FilingNumber) -> Filing:
    filing = find_filing(session, number)
    if filing is None:
        raise LookupError("a signed-in filing is gone from the registry")
    return filing


def _individual_facts(sheet: Sheet, text: str, filing: Filing) -> SheetFacts:
    return SheetFacts(
        purpose=Purpose.INDIVIDUAL,
        payload=text,
        search_key=printed(sheet.search_key),
        issued_at=sheet.issued_at,
        procedure=filing.procedure.name,
        filing_number=FilingNumber(filing.number),
    )
