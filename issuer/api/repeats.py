"""Idempotency keys: an order sent again gets the sheet it got before, and no second one."""

import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from issuer.drawer import CAPACITY, SHOWN_FOR
from shared.web.problems import KeyReused


@dataclass(frozen=True, slots=True)
class _Claim:
    digest: bytes
    until: datetime
    token: str


class Repeats:
    """Which order each key was first sent with: a keyed digest, for as long as a sheet is shown.

    In memory, as sheets are: a restart forgets both. Safe among threads.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._claims: OrderedDict[tuple[str, str], _Claim] = OrderedDict()

    def claim(self, owner: str, key: str, content: str, now: datetime) -> str:
        """A token that is the same for the same key and order, and another once it is forgotten.

        Raises KeyReused when the key belongs to another order.
        """
        digest = hmac.digest(self._secret, content.encode("utf-8", "surrogatepass"), "sha256")
        with self._lock:
            claim = self._claims.get((owner, key))
            if claim is None or claim.until <= now:
                claim = _Claim(digest, now + SHOWN_FOR, secrets.token_urlsafe(18))
                self._claims[owner, key] = claim
                self._claims.move_to_end((owner, key))
                self._make_room(now)
            if not hmac.compare_digest(claim.digest, digest):
                raise KeyReused
            return claim.token

    def _make_room(self, now: datetime) -> None:
        while self._claims:
            key, oldest = next(iter(self._claims.items()))
            if oldest.until > now and len(self._claims) <= self._capacity:
                return
            del self._claims[key]
