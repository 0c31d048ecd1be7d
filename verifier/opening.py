"""From the text on paper to a sheet, and from its sealed part to how its password compares."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain import FilingClaim, ReceiverClaim, Sheet
from shared.keys import KeySet, SealingKey, TestKeys
from shared.lookup import fingerprint, lookup_digest
from shared.passwords import check_tag
from shared.payload import CannotOpen, PayloadError, decode, open_tag
from shared.payload_errors import UnknownKey
from shared.search_key import canonical
from verifier.acts import Claim
from verifier.decision.evidence import PasswordMatch
from verifier.decision.reasons import Reason

_REASONS = {
    "NOT_OURS": Reason.NOT_OURS,
    "MISREAD": Reason.MISREAD,
    "NEWER_VERSION": Reason.NEWER_VERSION,
    "UNKNOWN_KEY": Reason.UNKNOWN_KEY,
    "BAD_SIGNATURE": Reason.FORGED,
    "MALFORMED": Reason.MALFORMED,
    "NOT_YET_VALID": Reason.NOT_YET_VALID,
    "EXPIRED": Reason.EXPIRED,
    "CANNOT_OPEN": Reason.CANNOT_OPEN,
}


@dataclass(frozen=True, slots=True)
class Opener:
    """The registry's keys and what may be done with them."""

    key_set: KeySet
    sealing_keys: tuple[SealingKey, ...]
    lookup_key: bytes
    system_id: str
    test_keys: TestKeys

    @property
    def is_rehearsal(self) -> bool:
        """Practice keys alone: nothing here is real."""
        return self.test_keys is TestKeys.ONLY

    def read(self, text: str, now: datetime) -> Sheet | PayloadError:
        """The sheet a text is, or why it is none; the error is a value, to be recorded."""
        try:
            return decode(text, self.key_set, self.system_id, now, self.test_keys)
        except PayloadError as error:
            return error

    def tag(self, sheet: Sheet) -> bytes | None:
        """The sealed password tag; None on an individual sheet or when no key opens it."""
        if not isinstance(sheet.claim, ReceiverClaim):
            return None
        try:
            return open_tag(sheet, self.sealing_keys, self.system_id)
        except CannotOpen:
            return None

    def fingerprint(self, text: str) -> str:
        """Tells the same sheet again without keeping its text."""
        return fingerprint(text, self.lookup_key)

    def digest(self, sheet: Sheet) -> str:
        """Under which the portal stored this sheet."""
        return lookup_digest(sheet.search_key, self.lookup_key)


def reason_of(error: PayloadError) -> Reason:
    """The one place where an unreadable text becomes a refusal."""
    if isinstance(error, UnknownKey) and error.practice is not None:
        return Reason.TEST_KEY if error.practice else Reason.REAL_KEY
    return _REASONS[error.code]


def claim_of(sheet: Sheet, procedure: str | None) -> Claim:
    """What a sheet with a good signature says of itself; `procedure` is the name of its own."""
    receiver = sheet.claim.name if isinstance(sheet.claim, ReceiverClaim) else None
    filing = sheet.claim.number.grouped() if isinstance(sheet.claim, FilingClaim) else None
    return Claim(
        purpose=sheet.purpose,
        issued_at=sheet.issued_at,
        key_tail=canonical(sheet.search_key)[-4:],
        receiver_name=receiver,
        procedure=procedure,
        filing_number=filing,
        expires_at=sheet.expires_at,
    )


def compare(
    tag: bytes | None, present: str | None, former: Callable[[], Iterable[str]]
) -> PasswordMatch | None:
    """How a tag compares with the stored hashes; slow on purpose (bcrypt), so never in a lock.

    `former`: the replaced passwords' hashes, asked for when the present one is another.
    """
    if tag is None:
        return PasswordMatch.SHUT
    if present is None:
        return None
    if check_tag(tag, present):
        return PasswordMatch.MATCHES
    if any(check_tag(tag, old) for old in former()):
        return PasswordMatch.FORMER
    return PasswordMatch.WRONG
