"""A registry on PostgreSQL with too few connections, and one whose statements take too long."""

import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from kiosk.state import Done, InHand, OutOfOrder, Trouble
from kiosk.station import Station
from shared.db.session import Hurry, Sessions, open_registry
from shared.db.tables import Kiosk
from shared.domain import FilingStatus
from tests.builders import (
    INSPECTION,
    KEYS,
    START,
    SYSTEM,
    WINDOW,
    House,
    filing_sheet,
    house,
    text_of,
)
from tests.cut_line import CutLine
from tests.elsewhere import Elsewhere
from tests.kiosk_world import Seconds
from tests.registry_process import assert_each_released_once, at_once, window
from tests.served import served
from tests.served_registry import SECRET, give_credential
from verifier.client import Line, Patience, RemoteCounter
from verifier.seals import SealCheck
from verifier.serving import Rooms, create_app

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize("registry", ["postgresql"], indirect=True),
]
WINDOWS, SHEETS = 6, 3
INSISTING = Patience(act=60, look=60, rest=0)
SOON = Patience(act=3.0, pause=0.05, rest=0.0)


@contextmanager
def hurried(at: House, url: str, hurry: Hurry) -> Iterator[tuple[str, Sessions, Tally[str]]]:
    """Serve a house on connections of its own; gives address, connections and what was told."""
    sessions, told = open_registry(url, hurry), Tally[str]()
    rooms = Rooms(replace(at.installation, sessions=sessions), at.installation, threads=64)
    app = create_app(rooms, KEYS.pinned, SECRET)

    @app.after_request
    def _count(answer):  # type: ignore[no-untyped-def]
        if answer.status_code >= 400:
            told[answer.get_json()["code"]] += 1
        return answer

    with served(app) as address:
        yield address, sessions, told
    sessions.kw["bind"].dispose()


def individual_sheets(at: House, count: int) -> list[str]:
    texts = []
    for _ in range(count):
        number = at.filing(receiver_name=None)
        sheet = filing_sheet(number, issued_at=START)
        at.individual(number, sheet)
        texts.append(text_of(sheet))
    return texts


def more_windows(at: House, count: int) -> list[str]:
    codes = [f"K{number}" for number in range(count)]
    with at.sessions.begin() as session:
        office = session.get_one(Kiosk, WINDOW).office_code
        session.add_all(
            Kiosk(code=code, name=code, office_code=office, enrolled_at=START) for code in codes
        )
    return codes


def test_windows_that_find_every_connection_taken_come_again_and_nothing_is_lost(
    registry: Sessions, registry_url: str
) -> None:
    """One connection for six windows, and somebody keeps it for a while."""
    at = house(registry)
    texts, codes = individual_sheets(at, WINDOWS * SHEETS), more_windows(at, WINDOWS)
    with ExitStack() as stack:
        one = Hurry(1, for_connection=0.1)
        address, sessions, told = stack.enter_context(hurried(at, registry_url, one))
        windows = [stack.enter_context(window(at, address, code, INSISTING)) for code in codes]
        held, over = threading.Event(), threading.Event()

        def keep() -> None:
            with sessions.kw["bind"].connect():
                held.set()
                assert over.wait(30)

        def work(n: int) -> Callable[[], None]:
            def act() -> None:
                assert held.wait(30)
                for text in texts[n::WINDOWS]:
                    windows[n].hand_over(text)

            return act

        def let_go() -> None:
            assert held.wait(30)
            until_told(told, "busy")
            over.set()

        at_once(keep, let_go, *(work(n) for n in range(WINDOWS)))
    assert set(told) == {"busy"}
    assert not sum(one.lost for one in windows), "the windows came again by themselves"
    assert_each_released_once(registry, windows)


def until_told(told: Tally[str], code: str) -> None:
    for _ in range(200):
        if told[code]:
            return
        threading.Event().wait(0.05)
    pytest.fail(f"nobody was told {code}")


@contextmanager
def window_at(at: House, address: str) -> Iterator[Elsewhere]:
    seals = SealCheck(KEYS.key_set, SYSTEM, procedures={INSPECTION: "継続検査"})
    seconds = Seconds()
    with CutLine(address) as cut, Line(cut.address, SOON) as line:
        counter = RemoteCounter(line, WINDOW, give_credential(at, WINDOW))
        station = Station(
            counter, WINDOW, monotonic=seconds, look=lambda text: seals.look(text, at.clock())
        )
        yield Elsewhere(at, cut, counter, station, seconds)
        station.scene.close()


@contextmanager
def slow_statements(registry: Sessions) -> Iterator[None]:
    """Whatever changes a filing takes ten seconds, without a lock that anybody waits for."""
    with registry.begin() as session:
        session.execute(
            text(
                "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN PERFORM pg_sleep(10); RETURN NULL; END $$"
            )
        )
        session.execute(
            text(
                "CREATE TRIGGER dawdle AFTER UPDATE ON filings "
                "FOR EACH STATEMENT EXECUTE FUNCTION dawdle()"
            )
        )
    yield
    with registry.begin() as session:
        session.execute(text("DROP TRIGGER dawdle ON filings"))


def test_a_statement_that_is_cut_off_is_told_on_the_screen_and_nothing_acknowledged_is_lost(
    registry: Sessions, registry_url: str
) -> None:
    at = house(registry)
    at.receiver()
    number = at.filing()
    hurry = Hurry(4, for_lock=30, for_statement=0.5)
    with (
        hurried(at, registry_url, hurry) as (address, _, told),
        window_at(at, address) as there,
    ):
        there.sign_in()
        there.show()
        asked = there.ask()
        assert not told
        with slow_statements(registry):
            there.confirm(asked)
            lost = there.station.scene.state
            assert isinstance(lost, OutOfOrder)
            assert lost.trouble is Trouble.REGISTRY
            assert set(told) == {"registry-away"}
            assert "confirmed" not in there.acts()
            assert at.status_of(number) is not FilingStatus.RELEASED
        there.wait()
        assert isinstance(there.station.scene.state, InHand)
        there.confirm(there.ask())
        assert isinstance(there.station.scene.state, Done)
        assert at.status_of(number) is FilingStatus.RELEASED
        assert there.acts().count("confirmed") == 1
