"""Who asks, from which window, and how that window is."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime

from shared.domain import Role
from verifier.acts.queueing import Rush
from verifier.bounds import EIGHT_FAULTS, FaultCode


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks: a kiosk and the member of staff signed in at it."""

    kiosk: str
    staff: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person whose number and PIN were right."""

    number: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """One answer for every cause, a lock-out too: it tells nobody which numbers there are."""


@dataclass(frozen=True, slots=True)
class KioskFacts:
    """The header strip: where we are and how the day goes."""

    kiosk: str
    kiosk_name: str
    office: str
    locked: bool
    presented: int
    released: int
    held: int
    paused: bool = False
    """一時停止: the window is shut until somebody opens it again."""
    rush: Rush | None = None
    """混雑時の受付; None when it is off and nobody waits with a number."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a window is, said by its own device every half minute and when something changes."""

    clock: AwareDatetime
    """The device's own time: it is compared with the registry's."""
    faults: Annotated[frozenset[FaultCode], EIGHT_FAULTS] = frozenset()
    """Codes of what is wrong, as the window shows them: ``ERR-CAM-FROZEN``."""
