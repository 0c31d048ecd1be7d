"""One window with its clerk, whose registry is asked over a socket."""

from dataclasses import dataclass

from sqlalchemy import select

from kiosk import handing, shift
from kiosk.clockwork import RETRY, tick
from kiosk.handing import Ticks
from kiosk.seat import Seat
from kiosk.state import Choice, Confirming, InHand
from kiosk.station import Station
from shared.db.tables import JournalEntry
from shared.domain import Source
from tests.builders import CLERK, PIN, House, receiver_sheet, text_of
from tests.cut_line import CutLine
from tests.kiosk_world import Seconds
from verifier.acts import Check
from verifier.client import RemoteCounter


@dataclass
class Elsewhere:
    """A registry on a socket, a line that can be cut, and a window at its other end."""

    house: House
    line: CutLine
    counter: RemoteCounter
    station: Station
    seconds: Seconds

    def sign_in(self) -> None:
        assert isinstance(shift.sign_in(self.station, CLERK, PIN), Seat)

    def show(self) -> str:
        text = text_of(receiver_sheet())
        self.station.take(text, Source.CAMERA)
        return text

    def ask(self) -> Confirming:
        """Tick everything in the basket, up to the second look."""
        state = self.station.scene.state
        assert isinstance(state, InHand)
        rows = frozenset(row.filing_id for row in state.basket.rows)
        ticks = Ticks(Choice(released=rows, checked=frozenset({Check.BY_EYE})))
        handing.ask(self.station, state.basket.hand_over_id, ticks)
        asked = self.station.scene.state
        assert isinstance(asked, Confirming)
        self.seconds.pass_(1)
        return asked

    def confirm(self, asked: Confirming) -> None:
        basket, choice = asked.before.basket, asked.before.choice
        handing.confirm(self.station, basket.hand_over_id, choice.released, asked.idempotency_key)

    def wait(self) -> None:
        """Let time pass until the window asks again."""
        self.seconds.pass_(RETRY + 0.1)
        tick(self.station)

    def acts(self) -> list[str]:
        with self.house.sessions() as session:
            return list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))
