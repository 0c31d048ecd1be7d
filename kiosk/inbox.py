"""Sheets that were scanned into the watched folder: each is a presentation, one after another."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hardware.folder import Dropped, Outcome, WatchedFolder
from hardware.pictures import Fault, UnreadablePicture
from kiosk.judging import Taken
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
_MAY_BE_HALF = (Fault.DAMAGED, Fault.NOT_A_PICTURE)
"""What a file looks like that is still being written."""
KEY_ONLY = "二次元コードを読み取れません。印字された検索キーは読み取りました。"


@dataclass(slots=True)
class _Stack:
    """One file, and its sheets that are still to be judged."""

    dropped: Dropped
    texts: deque[str]
    offered: Taken | None = None
    """The first of the texts, while the station has it."""


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A file that has been dealt with, and what is said when it has been put away."""

    dropped: Dropped
    outcome: Outcome
    why: str = ""
    notice: Text | None = None


class Inbox:
    """Takes files from the folder when it is their turn, and puts them away after judging."""

    def __init__(
        self, folder: WatchedFolder, station: Station, offer: Callable[[str], Taken]
    ) -> None:
        self._folder = folder
        self._station = station
        self._offer = offer
        self._stack: _Stack | None = None
        self._leaving: _Leaving | None = None

    @property
    def can_go_on(self) -> bool:
        """Whether it is the turn of another sheet or file, as far as the inbox knows."""
        stack = self._stack
        if stack is None:
            return self._leaving is None
        # A sheet of the same stack does not push a receipt off the screen.
        return stack.offered is None and isinstance(self._station.scene.state, Idle)

    def next(self, patience: float) -> None:
        """Offer the next sheet, waiting so many seconds for a file. Raises DeviceLost."""
        if self._stack is not None:
            self._stack.offered = self._offer(self._stack.texts[0])
            return
        dropped = self._folder.read(patience)
        if dropped is not None:
            self._open(dropped)

    def settle(self) -> None:
        """Learn what became of the sheet that was offered; put away what is done with.

        A file stays in the folder until its last sheet was judged. Raises DeviceLost when it
        cannot be put away; it is not judged again for that.
        """
        stack = self._stack
        if stack is not None and stack.offered is not None:
            if stack.offered.judged.is_set():
                stack.texts.popleft()
            if stack.offered.judged.is_set() or stack.offered.missed.is_set():
                stack.offered = None
            if not stack.texts:
                self._stack, self._leaving = None, _Leaving(stack.dropped, Outcome.DONE)
        self._put_away()

    def _put_away(self) -> None:
        leaving = self._leaving
        if leaving is not None:
            self._folder.finish(leaving.dropped, leaving.outcome, leaving.why)
            self._leaving = None
            if leaving.notice is not None:
                self._station.tell(leaving.notice)

    def _open(self, dropped: Dropped) -> None:
        try:
            codes, key = _seen(dropped)
        except UnreadablePicture as trouble:
            self._give_up(dropped, trouble)
            return
        if key is not None:
            self._offer_key(dropped, key)
            return
        if not codes:
            self._reject(dropped, NO_CODE, AGAIN)
            return
        if len(codes) > 1:
            _log.info("a dropped file holds %d sheets", len(codes))
        texts = deque(code.text for code in codes)
        self._stack = _Stack(dropped, texts, self._offer(texts[0]))

    def _give_up(self, dropped: Dropped, trouble: UnreadablePicture) -> None:
        if dropped.stop.is_set():
            return  # it lies there for the next start
        if trouble.code in _MAY_BE_HALF and self._folder.doubt(dropped):
            return
        _log.warning("a dropped file was not readable: %s", trouble.code)
        self._reject(dropped, str(trouble), str(trouble))

    def _offer_key(self, dropped: Dropped, key: SearchKey) -> None:
        """The clerk compares it with the paper, which is not in the folder but at the window."""
        self._station.offered.put(key)
        notice = Text(
            "「%(name)s」の二次元コードを読み取れませんが、検索キーは読み取りました。"
            "F2 を押して用紙と見比べてください",
            name=dropped.path.name,
        )
        self._leaving = _Leaving(dropped, Outcome.REJECTED, KEY_ONLY, notice)
        self._put_away()

    def _reject(self, dropped: Dropped, why: str, note: str) -> None:
        notice = Text(
            "「%(name)s」を取り込めません：%(why)s（rejected に移しました）",
            name=dropped.path.name,
            why=Text(why),
        )
        self._leaving = _Leaving(dropped, Outcome.REJECTED, note, notice)
        self._put_away()


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
