"""The portal's irreversible switch, alone and against a counter that wants the same filing."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from shared.db.filings import SwitchRefused, find_filing, switch_to_individual
from shared.db.session import Sessions
from shared.db.tables import Filing, Office, Procedure
from shared.domain import FilingNumber, FilingStatus, PickupMethod

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def add(registry: Sessions, count: int = 1, status: FilingStatus = FilingStatus.READY) -> None:
    with registry.begin() as session:
        session.add(Office(code="MIHON", name="見本事務所"))
        session.add(Procedure(code=1, name="継続検査"))
        session.flush()
        session.add_all(
            Filing(number=f"{n:016}", procedure_code=1, office_code="MIHON", status=status,
                   received_at=NOW, updated_at=NOW)
            for n in range(count)
        )  # fmt: skip


def number(n: int = 0) -> FilingNumber:
    return FilingNumber(f"{n:016}")


def test_the_switch_sets_the_method_and_only_the_latest_code_counts(registry: Sessions) -> None:
    add(registry)
    for digest in ("a" * 64, "b" * 64):
        with registry.begin() as session:
            switch_to_individual(session, number(), digest, NOW)
    with registry() as session:
        filing = find_filing(session, number())
        assert filing is not None
        assert filing.pickup_method is PickupMethod.INDIVIDUAL
        assert filing.individual_digest == "b" * 64


@pytest.mark.parametrize(
    "status", [FilingStatus.HANDING, FilingStatus.RELEASED, FilingStatus.WITHDRAWN]
)
def test_papers_on_the_counter_or_gone_are_not_switched(
    registry: Sessions, status: FilingStatus
) -> None:
    add(registry, status=status)
    with registry.begin() as session, pytest.raises(SwitchRefused) as refused:
        switch_to_individual(session, number(), "a" * 64, NOW)
    assert refused.value.status is status
    with registry() as session:
        filing = find_filing(session, number())
        assert filing is not None
        assert filing.pickup_method is PickupMethod.AUTHENTICATION


def test_portal_and_counter_never_both_win(registry: Sessions) -> None:
    """The counter takes 認証用 filings in hand while the portal switches them."""
    count = 60
    add(registry, count)
    switched: set[int] = set()
    taken: set[int] = set()

    def portal() -> None:
        for n in range(count):
            with registry.begin() as session:
                try:
                    switch_to_individual(session, number(n), "a" * 64, NOW)
                except SwitchRefused:
                    continue
            switched.add(n)

    def counter() -> None:
        for n in reversed(range(count)):
            with registry.begin() as session:
                row = session.scalar(
                    update(Filing)
                    .where(
                        Filing.number == number(n).digits,
                        Filing.status == FilingStatus.READY,
                        Filing.pickup_method == PickupMethod.AUTHENTICATION,
                    )
                    .values(status=FilingStatus.HANDING)
                    .returning(Filing.id)
                )
            if row is not None:
                taken.add(n)

    racers = [threading.Thread(target=portal), threading.Thread(target=counter)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert switched.isdisjoint(taken)
    assert switched | taken == set(range(count))
    with registry() as session:
        both = select(Filing.id).where(
            Filing.status == FilingStatus.HANDING, Filing.pickup_method == PickupMethod.INDIVIDUAL
        )
        assert session.scalars(both).all() == []
