"""Papers are handed over exactly once: small editions of `./run proofs once`."""

from pathlib import Path

import pytest

from shared.db.session import Sessions
from tests.once import machine
from tests.once.killing import Plan
from tests.once.office import killed_kiosk
from tests.once.racing import race

FILINGS = 30


def test_processes_that_race_in_every_way_hand_everything_over_once(
    registry: Sessions, registry_url: str, tmp_path: Path
) -> None:
    """Retries, give-ups, holds, undos and the portal's switch, looked at all along."""
    registry.kw["bind"].dispose()
    raced = race(registry_url, tmp_path, 2, FILINGS)
    assert raced.end.released - raced.end.undone == FILINGS
    assert raced.end.entries > raced.end.released
    assert raced.done["confirm"] > 0
    assert raced.done["switch"] + raced.done["switch refused"] > 0


def test_whatever_order_the_verbs_come_in_the_registry_is_as_a_model_says(
    registry: Sessions,
) -> None:
    machine.walk(registry, 5)


@pytest.mark.slow
def test_a_counter_that_is_killed_at_its_work_loses_nothing(tmp_path: Path) -> None:
    killed = killed_kiosk(tmp_path, Plan(rounds=2))
    assert killed.kills["kiosk"] == 2
    assert killed.done["sign in"] > 1
