"""A window with its pages and a day plan, whose line to the registry can be cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from kiosk import planning, shift
from kiosk.app import create_app
from kiosk.clockwork import RETRY, tick
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from kiosk.seat import Seat
from kiosk.state import OutOfOrder
from kiosk.station import Station
from tests.builders import CLERK, PIN, SUPERVISOR, WINDOW, House, house
from tests.cut_line import CutLine
from tests.cut_line import Line as Cut
from tests.kiosk_world import SECRET, Seconds
from tests.planning import Window, a_window, allow_plans
from tests.registries import new_sqlite
from tests.served_registry import Slot


@dataclass
class World:
    """The window, its registry and its time."""

    house: House
    line: CutLine
    window: Window
    station: Station
    seconds: Seconds
    app: Flask

    def wait(self) -> None:
        """Let the window ask again."""
        planning.probe(self.station)
        self.seconds.pass_(RETRY + 0.1)
        tick(self.station)

    def lose(self) -> None:
        self.line.become(Cut.CUT)
        self.station.refresh()
        assert isinstance(self.station.scene.state, OutOfOrder)

    def switch(self) -> None:
        self.lose()
        assert planning.begin(self.station, SUPERVISOR, PIN) is None

    def sign_in(self) -> None:
        assert isinstance(shift.sign_in(self.station, CLERK, PIN), Seat)

    def restart(self) -> None:
        """The program ends and starts anew."""
        self.window.restart()
        self.station.scene.close()
        self.station = Station(self.window.remote, WINDOW, monotonic=self.seconds)
        planning.furnish(self.station, self.window.plans)


@contextmanager
def plan_world(server: Slot, folder: Path) -> Iterator[World]:
    """Plans for seven hand-overs are allowed, and the registry knows TARO."""
    sessions = new_sqlite(folder)
    registry = house(sessions)
    registry.receiver()
    allow_plans(registry, most=7)
    with (
        server.serves(registry),
        CutLine(server.address) as cut,
        a_window(server, registry, WINDOW, folder / "w1", cut.address) as window,
    ):
        seconds = Seconds()
        station = Station(window.remote, WINDOW, monotonic=seconds)
        planning.furnish(station, window.plans)
        shift.end_check(station)
        app = create_app(KioskHouse(station, Preview()), SECRET)
        world = World(registry, cut, window, station, seconds, app)
        yield world
        world.station.scene.close()
    sessions.kw["bind"].dispose()
