"""The clerk compares a paper taken in exchange with the basket: found rows are ticked."""

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.exchange import Comparison, Finding, Heard, listen, names_a_vehicle
from kiosk.state import InHand
from shared.db.tables import Compared
from verifier.acts import Desk

if TYPE_CHECKING:
    from kiosk.station import Station


def compare(
    station: "Station", desk: Desk, text: str, compared: Compared, looked_for: int | None = None
) -> None:
    """Tick the row a paper belongs to, or say which row it is not; a stranger is journalled."""
    state = station.scene.state
    if not isinstance(state, InHand):
        return
    heard = listen(state.basket.rows, text, compared)
    stranger = heard.finding is Finding.NOT_HERE
    if stranger and compared is Compared.SCANNED and not names_a_vehicle(text):
        return  # a certificate carries several codes, and not all of them name the vehicle
    if stranger:
        station.counter.differed(desk, state.basket.hand_over_id, compared)
    station.scene.revise(_with(state, heard, looked_for))


def _with(state: InHand, heard: Heard, looked_for: int | None) -> InHand:
    choice, count = state.choice, state.papers_heard + 1
    if heard.finding is not Finding.FOUND:
        return replace(state, heard=heard, papers_heard=count)
    (found,) = heard.rows
    heard = replace(heard, looked_for=looked_for if looked_for != found else None)
    if any(before.filing_id == found for before in choice.compared):
        heard = replace(heard, finding=Finding.AGAIN)
    else:
        comparison = Comparison(found, heard.compared)
        choice = replace(choice, compared=(*choice.compared, comparison))
    held = tuple(holding for holding in choice.held if holding.filing_id != found)
    choice = replace(choice, released=choice.released | {found}, held=held)
    return replace(state, choice=choice, heard=heard, papers_heard=count, problems=())
