"""What the views of a counter work with, stored once on the application."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import cast

from flask import current_app, redirect, request, session, url_for
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from hardware.keymaps import Layout
from kiosk.preview import Preview
from kiosk.reading.debounce import SCANNER_SECONDS, Debounce
from kiosk.state import OutOfOrder, Trouble
from kiosk.station import Station
from kiosk.streams import Streams
from kiosk.trial import Trial
from shared.domain import Role

EXTENSION = "uketori-kiosk"
TOKEN = "seat"  # noqa: S105 - the name of a field
FRAGMENT = "X-Fragment"
"""A request that wants the stage alone says so in this header."""
Page = str | tuple[str, int] | Response
View = Callable[..., Page]
_SUPERVISING = (Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class House:
    """One counter."""

    station: Station
    preview: Preview
    has_camera: bool = False
    is_rehearsal: bool = False
    """練習: every page says so."""
    trial: Trial = field(default_factory=Trial)
    layout: Layout = Layout.US
    """The keyboard its scanner is taken to be."""
    var: Path = Path("var")
    """Folder the window writes in."""
    streams: Streams = field(default_factory=Streams)
    typed: Debounce = field(default_factory=lambda: Debounce(SCANNER_SECONDS))
    """Codes of a scanner that types into the browser."""

    def lacking(self) -> Iterator[str]:
        """The parts that do not work now: `registry`, `kiosk`, and each device that is lost."""
        shown = self.station.scene.snapshot()
        if isinstance(shown.state, OutOfOrder):
            yield "registry" if shown.state.trouble is Trouble.REGISTRY else "kiosk"
        yield from shown.lost


def house() -> House:
    """The counter this application serves."""
    return cast(House, current_app.extensions[EXTENSION])


def is_seated() -> bool:
    """Whether this browser is the one that signed in."""
    seat = house().station.scene.snapshot().seat
    return seat is not None and seat.belongs_to(session.get(TOKEN))


def seated(view: View) -> View:
    """Only for the browser that signed in; others are asked to."""

    @wraps(view)
    def only_seated(*args: object, **values: object) -> Page:
        if is_seated():
            return view(*args, **values)
        if request.headers.get(FRAGMENT):
            raise Unauthorized
        return redirect(url_for("screens.counter"), 303)

    return only_seated


def supervising(view: View) -> View:
    """Only for a supervisor or administrator, in the browser that signed in."""

    @seated
    @wraps(view)
    def only_supervising(*args: object, **values: object) -> Page:
        seat = house().station.scene.snapshot().seat
        if seat is None or seat.clerk.role not in _SUPERVISING:
            raise Forbidden
        return view(*args, **values)

    return only_supervising


def go_on() -> Response:
    """After an act: the stage alone for a script, the page for a browser."""
    wants_fragment = request.headers.get(FRAGMENT)
    return redirect(url_for("screens.stage" if wants_fragment else "screens.counter"), 303)
