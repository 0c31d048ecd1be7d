"""What can be said of a sheet without a registry: whether it is genuine, and what it claims.

Needs public keys only. Says nothing about the receiver, the password, or what there is to collect,
and so releases nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain import Sheet
from shared.keys import KeySet, TestKeys
from shared.payload import PayloadError, decode
from verifier.acts import Claim
from verifier.decision.reasons import Reason
from verifier.opening import claim_of, reason_of


@dataclass(frozen=True, slots=True)
class SealSeen:
    """A sheet as far as its seal goes."""

    claim: Claim | None
    """None: no sheet of ours, or a forged one."""
    reason: Reason | None
    """Why it would be refused whatever the registry says; None: it is genuine and in its time."""


@dataclass(frozen=True, slots=True)
class SealCheck:
    """The public keys of an installation, and how it names its procedures."""

    key_set: KeySet
    system_id: str
    test_keys: TestKeys = TestKeys.REFUSED
    procedures: Mapping[int, str] = field(default_factory=dict)

    def look(self, text: str, now: datetime) -> SealSeen:
        """Look at a text that was read."""
        try:
            sheet = decode(text, self.key_set, self.system_id, now, self.test_keys)
        except PayloadError as error:
            genuine: Sheet | None = getattr(error, "sheet", None)
            return SealSeen(self._claim(genuine) if genuine else None, reason_of(error))
        return SealSeen(self._claim(sheet), None)

    def _claim(self, sheet: Sheet) -> Claim:
        return claim_of(sheet, self.procedures.get(sheet.procedure))
