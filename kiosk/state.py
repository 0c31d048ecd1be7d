"""What the counter screen is in the middle of: one frozen value, kept by the server.

A reload, a second look or a crashed browser always shows the truth, because it is nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from verifier.acts import (
    Basket,
    Enrolled,
    HoldReason,
    Presented,
    Presenting,
    Receipt,
    SignInRefused,
)


@dataclass(frozen=True, slots=True)
class SignedOut:
    """担当者サインイン: nothing is read until somebody answers for it."""

    refused: SignInRefused | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    """待機: the camera looks, nothing is open."""

    notice: str | None = None
    """One sentence on what just ended without a screen of its own."""


@dataclass(frozen=True, slots=True)
class Judging:
    """照合中."""


@dataclass(frozen=True, slots=True)
class HandingOver:
    """交付: an open basket, with the clerk's ticks so far."""

    basket: Basket
    presented: Presented | None
    """None when the basket was left open by a power cut."""
    idempotency_key: str
    ticked: frozenset[int] = frozenset()
    held: Mapping[int, HoldReason] = field(default_factory=dict)
    collector: str = ""
    asking: bool = False
    """The confirmation is on the screen: one more key releases."""
    problem: str | None = None
    hidden: bool = False
    """Names are covered after a while without a touch."""
    shown_text: str = field(default="", repr=False)
    """The sheet that opened it: seen again while it is open, it is no other sheet."""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """登録受付 or パスワード変更受付: the clerk compares paper evidence with the sheet."""

    presented: Presented
    shown: Presenting
    idempotency_key: str
    problem: str | None = None

    @property
    def shown_text(self) -> str:
        """The sheet the evidence is compared with."""
        return self.shown.text


@dataclass(frozen=True, slots=True)
class Refused:
    """受け渡しできません, with what to do next."""

    presented: Presented
    shown: Presenting


class Deed(StrEnum):
    """What was done."""

    RELEASED = "released"
    HELD = "held"
    REGISTERED = "registered"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a deed


@dataclass(frozen=True, slots=True)
class Done:
    """完了."""

    deed: Deed
    receipt: Receipt | None = None
    basket: Basket | None = None
    """The rows that were in hand, for the receipt."""
    released: frozenset[int] = frozenset()
    collector: str = ""
    enrolled: Enrolled | None = None


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """端末を使えません: the registry does not answer; tried again by itself."""


State = SignedOut | Idle | Judging | HandingOver | Enrolling | Refused | Done | OutOfOrder
