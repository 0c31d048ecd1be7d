"""A search key that a camera or scanner read off a sheet, waiting for the clerk to confirm it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.domain import SearchKey
from shared.search_key import printed

OFFERED_SECONDS = 30.0
"""After the sheet was last seen; by then another one may lie there."""


@dataclass(slots=True)
class OfferedKey:
    """At most one key. Threads may share it: each act is one assignment."""

    monotonic: Callable[[], float]
    _offer: tuple[str, float] | None = field(default=None, repr=False)

    def put(self, key: SearchKey) -> None:
        """Offer it, or offer it still."""
        self._offer = printed(key), self.monotonic()

    def withdraw(self) -> None:
        """Another sheet was judged, or nobody works here any more."""
        self._offer = None

    @property
    def text(self) -> str:
        """The key in fours; empty when there is none."""
        offer = self._offer
        return offer[0] if offer and self.monotonic() - offer[1] <= OFFERED_SECONDS else ""
