"""Who sits at this counter: one person, in one browser, at a time."""

import secrets
from dataclasses import dataclass, field

from shared.texts import Language
from verifier.acts import SignedIn


@dataclass(frozen=True, slots=True)
class Seat:
    """A signed-in clerk; the browser that signed in knows the token."""

    clerk: SignedIn
    language: Language = Language.JAPANESE
    """What this clerk reads."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def belongs_to(self, token: object) -> bool:
        """Whether this browser is the one that signed in."""
        return isinstance(token, str) and secrets.compare_digest(token, self.token)
