"""What happened on a plan, as it goes back to the registry: its journal, entry by entry."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import select

from shared.db.session import Sessions, reading
from shared.db.tables import HandOver, JournalEntry, Presentation
from verifier.bounds import Identifier, PersonName
from verifier.dayplan.envelope import Stamp
from verifier.registry.journal import Act, Link, link_of

PART = 40_000
"""Bytes of entries that are sent at once, unless one alone is larger."""
_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Code = Annotated[str, Field(max_length=24)]


@dataclass(frozen=True, slots=True)
class SentEntry:
    """One entry, with what the registry's own tables keep beside it."""

    seq: Annotated[int, Field(ge=1, le=2**31)]
    prev: _Hex
    hash: _Hex
    at: AwareDatetime
    act: _Code
    kiosk_code: _Code | None
    kiosk_seq: int | None
    staff_number: _Code | None
    body: Annotated[str, Field(max_length=60_000, repr=False)]
    fingerprint: _Hex | None = None
    """Of the sheet that was shown."""
    collector: PersonName | None = field(default=None, repr=False)
    """Who took the papers."""

    @property
    def link(self) -> Link:
        """As the hash covers it."""
        return Link(
            self.seq, self.prev, self.at, self.act, self.kiosk_code, self.kiosk_seq,
            self.staff_number, self.body,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole journal of a plan that is over."""

    plan: Identifier
    entries: tuple[SentEntry, ...]
    stamp: Stamp | None = None
    """As it stood on the plan."""


class PlanReturn(BaseModel):
    """A part of it on its way. Sent again, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    plan: Identifier
    entries: Annotated[tuple[SentEntry, ...], Field(max_length=2000)]
    is_last: bool
    stamp: Stamp | None = None
    """By which a registry that was restored since knows its own plan."""


@dataclass(frozen=True, slots=True)
class PlanReturned:
    """How far the registry has it, and what it found when it had all."""

    entries: int
    is_done: bool
    released: int
    conflicts: int


LEDGER: TypeAdapter[Ledger] = TypeAdapter(Ledger)
RETURNED: TypeAdapter[PlanReturned] = TypeAdapter(PlanReturned)
_ENTRY: TypeAdapter[SentEntry] = TypeAdapter(SentEntry)


def ledger_of(sessions: Sessions, plan_id: str) -> Ledger:
    """The journal of a plan's registry."""
    with reading(sessions) as session:
        prints = dict(session.execute(select(Presentation.id, Presentation.fingerprint)).all())
        takers = dict(session.execute(select(HandOver.id, HandOver.collector)).all())
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq))
        return Ledger(plan_id, tuple(_sent(entry, prints, takers) for entry in entries))


def parts_of(ledger: Ledger) -> Iterator[PlanReturn]:
    """The journal in parts that a registry takes; at least one."""
    part: list[SentEntry] = []
    size = 0
    for entry in ledger.entries:
        length = len(_ENTRY.dump_json(entry))
        if part and size + length > PART:
            yield _part(ledger, part, is_last=False)
            part, size = [], 0
        part.append(entry)
        size += length
    yield _part(ledger, part, is_last=True)


def _part(ledger: Ledger, entries: list[SentEntry], *, is_last: bool) -> PlanReturn:
    return PlanReturn(plan=ledger.plan, entries=tuple(entries), is_last=is_last, stamp=ledger.stamp)


def _sent(entry: JournalEntry, prints: dict[str, str], takers: dict[str, str | None]) -> SentEntry:
    body = json.loads(entry.body)
    shown = body.get("presentation") if entry.act == Act.PRESENTED else None
    handed = body.get("hand_over") if entry.act == Act.CONFIRMED else None
    return SentEntry(
        **asdict(link_of(entry)),
        hash=entry.hash,
        fingerprint=prints.get(shown) if shown else None,
        collector=takers.get(handed) if handed else None,
    )
