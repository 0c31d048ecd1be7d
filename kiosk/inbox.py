"""Sheets that were scanned into the watched folder: each is a presentation, one after another."""

import logging
from collections import deque
from collections.abc import Callable

from hardware.folder import Dropped, Outcome, WatchedFolder
from hardware.pictures import UnreadablePicture
from kiosk.reading.choice import chosen
from kiosk.reading.pages import read_page
from kiosk.state import Idle
from kiosk.station import Station
from shared.texts import Text

_log = logging.getLogger(__name__)

NO_CODE = "二次元コードが見つかりません"
AGAIN = "二次元コードが見つかりません。もう一度、まっすぐに取り込んでください。"


class Inbox:
    """Takes files from the folder when it is their turn."""

    def __init__(
        self, folder: WatchedFolder, station: Station, offer: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._station = station
        self._offer = offer
        self._waiting: deque[str] = deque()

    def next(self, patience: float) -> None:
        """Offer the next sheet, waiting so many seconds for a file. Raises DeviceLost."""
        if self._waiting:
            # A sheet of the same stack does not push a receipt off the screen.
            if isinstance(self._station.scene.state, Idle):
                self._offer(self._waiting.popleft())
            return
        dropped = self._folder.read(patience)
        if dropped is not None:
            self._open(dropped)

    def _open(self, dropped: Dropped) -> None:
        try:
            codes = chosen([code for page in dropped.pages() for code in read_page(page).codes])
        except UnreadablePicture as trouble:
            if dropped.stop.is_set():
                return  # it lies there for the next start
            _log.warning("a dropped file was not readable: %s", trouble.code)
            self._reject(dropped, str(trouble), str(trouble))
            return
        if not codes:
            self._reject(dropped, NO_CODE, AGAIN)
            return
        self._folder.finish(dropped, Outcome.DONE)
        if len(codes) > 1:
            _log.info("a dropped file holds %d sheets", len(codes))
        self._offer(codes[0].text)
        self._waiting.extend(code.text for code in codes[1:])

    def _reject(self, dropped: Dropped, why: str, note: str) -> None:
        self._folder.finish(dropped, Outcome.REJECTED, note)
        self._station.tell(
            Text(
                "「%(name)s」を取り込めません：%(why)s（rejected に移しました）",
                name=dropped.path.name,
                why=Text(why),
            )
        )
