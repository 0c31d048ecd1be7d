"""Sheets that were scanned into the watched folder: each is a presentation, one after another."""

import logging
from collections import deque
from collections.abc import Callable, Sequence

from hardware.folder import Dropped, Outcome, WatchedFolder
from hardware.pictures import UnreadablePicture
from kiosk.reading.choice import chosen
from kiosk.reading.engines import Code
from kiosk.reading.pages import key_on_page, read_page
from kiosk.state import Idle
from kiosk.station import Station
from shared.domain import SearchKey
from shared.texts import Text

_log = logging.getLogger(__name__)

NO_CODE = "二次元コードが見つかりません"
AGAIN = "二次元コードが見つかりません。もう一度、まっすぐに取り込んでください。"
KEY_ONLY = "二次元コードを読み取れません。印字された検索キーは読み取りました。"


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
            codes, key = _seen(dropped)
        except UnreadablePicture as trouble:
            if dropped.stop.is_set():
                return  # it lies there for the next start
            _log.warning("a dropped file was not readable: %s", trouble.code)
            self._reject(dropped, str(trouble), str(trouble))
            return
        if key is not None:
            self._offer_key(dropped, key)
            return
        if not codes:
            self._reject(dropped, NO_CODE, AGAIN)
            return
        self._folder.finish(dropped, Outcome.DONE)
        if len(codes) > 1:
            _log.info("a dropped file holds %d sheets", len(codes))
        self._offer(codes[0].text)
        self._waiting.extend(code.text for code in codes[1:])

    def _offer_key(self, dropped: Dropped, key: SearchKey) -> None:
        """The clerk compares it with the paper, which is not in the folder but at the window."""
        self._folder.finish(dropped, Outcome.REJECTED, KEY_ONLY)
        self._station.offered.put(key)
        self._station.tell(
            Text(
                "「%(name)s」の二次元コードを読み取れませんが、検索キーは読み取りました。"
                "F2 を押して用紙と見比べてください",
                name=dropped.path.name,
            )
        )

    def _reject(self, dropped: Dropped, why: str, note: str) -> None:
        self._folder.finish(dropped, Outcome.REJECTED, note)
        self._station.tell(
            Text(
                "「%(name)s」を取り込めません：%(why)s（rejected に移しました）",
                name=dropped.path.name,
                why=Text(why),
            )
        )


def _seen(dropped: Dropped) -> tuple[Sequence[Code], SearchKey | None]:
    """The codes in a file; when there is none, the search key beside one that cannot be read.

    Raises hardware.pictures.UnreadablePicture.
    """
    codes: list[Code] = []
    key = None
    for page in dropped.pages():
        reading = read_page(page)
        codes += reading.codes
        if not codes and key is None:
            key = key_on_page(page, reading)
        del page  # before the next one comes: each may take 40 MB
    return chosen(codes), None if codes else key
