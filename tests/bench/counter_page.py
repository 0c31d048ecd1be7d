"""A counter as in the field, its page in Chromium, and the moments at which the page does things.

Passwords are hashed at the cost of an installation, the registry is a file on disk. The page's own
clock and that of this process are the same one: milliseconds since 1970.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from kiosk.app import create_app
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from kiosk.station import Station
from shared.db import schema
from shared.db.session import open_registry
from shared.names import compare_key
from shared.passwords import check_tag, hash_tag, password_tag
from tests.builders import CLERK, PASSWORD, PIN, TARO, WINDOW, Clock, House, furniture, house_on
from tests.served import served
from verifier.installation import Policy

COST = 12
"""Of bcrypt, as installed."""
_NOTE = """
(() => {
  const moments = globalThis.moments = { painted: {}, beeps: [], pressed: null };
  const paint = (state, scene) => requestAnimationFrame(() => requestAnimationFrame(() => {
    moments.painted[`${state} ${scene}`] ??= Date.now();
  }));
  let last = null;
  new MutationObserver(() => {
    const shown = document.getElementById("scene");
    if (!shown || shown.dataset.scene === last) return;
    last = shown.dataset.scene;
    paint(shown.dataset.state, last);
  }).observe(document, { childList: true, subtree: true, attributes: true });
  addEventListener("keydown", () => { moments.pressed = Date.now(); }, true);
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    moments.beeps.push({ at: Date.now(), pitch: this.frequency.value });
    return start.apply(this, when);
  };
})();
"""


@dataclass
class CounterPage:
    """The page, the station behind it and the registry below."""

    page: Page
    station: Station
    house: House

    def painted(self, state: str) -> float:
        """When the present scene stood on the screen; waits for it. Milliseconds since 1970."""
        moment = f"{state} {self.station.scene.snapshot().scene}"
        handle = self.page.wait_for_function("name => moments.painted[name]", arg=moment)
        return float(handle.json_value())

    def beep(self, since: float, pitch: int) -> float | None:
        """When a tone was first played after a moment; None when it was not."""
        beeps = self.page.evaluate("moments.beeps")
        later = [b["at"] for b in beeps if b["at"] >= since and b["pitch"] == pitch]
        return float(min(later)) if later else None

    def pressed(self) -> float:
        """When a key was last pressed."""
        return float(self.page.evaluate("moments.pressed"))


class FirstSeen(threading.Thread):
    """Notes when the scene first shows a state: what the page can know earliest."""

    def __init__(self, station: Station, kind: type) -> None:
        super().__init__(daemon=True)
        self._scene, self._kind, self.at = station.scene, kind, 0.0

    def run(self) -> None:
        version = 0
        while not isinstance(self._scene.state, self._kind):
            version = self._scene.wait_for_change(version, 30)
        self.at = now()


def now() -> float:
    """Milliseconds since 1970, as the page has them."""
    return time.time() * 1000


def bcrypt_alone() -> float:
    """What one check of a password takes on this machine, now: the floor. Milliseconds."""
    stored = hash_tag(_tag(), COST)
    began = time.perf_counter()
    assert check_tag(_tag(), stored)
    return (time.perf_counter() - began) * 1000


@contextmanager
def field_house(folder: Path) -> Iterator[House]:
    """A registry on disk, with a receiver whose password is hashed as in the field."""
    sessions = open_registry(f"sqlite:///{folder / 'registry.db'}")
    schema.upgrade(sessions)
    with sessions.begin() as session:
        session.add_all(furniture())
    built = house_on(sessions, Clock(datetime.now(UTC)), Policy(bcrypt_cost=COST))
    built.receiver(password_hash=hash_tag(_tag(), COST))
    yield built
    sessions.kw["bind"].dispose()


@contextmanager
def counter_page(house: House, chromium: Browser) -> Iterator[CounterPage]:
    """A clerk signed in and waits for a sheet."""
    station = Station(house.counter, WINDOW)
    app = create_app(KioskHouse(station, Preview()), b"a key for a benchmark", house.installation)
    with served(app) as address:
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        page.add_init_script(_NOTE)
        page.goto(address)
        page.fill("#number", CLERK)
        page.fill("#pin", PIN)
        page.keyboard.press("Enter")
        page.wait_for_selector("#scene[data-state=idle]")
        page.keyboard.press("Shift")  # a key anywhere allows sound
        yield CounterPage(page, station, house)
        page.close()
        station.scene.close()


def _tag() -> bytes:
    return password_tag(compare_key(TARO), PASSWORD)
