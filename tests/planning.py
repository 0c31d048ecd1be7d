"""A window with day plans: a registry on a socket, its line, and what the window keeps on disk."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from shared.db.tables import PlanRule
from shared.keys import TestKeys
from tests.builders import (
    ADMINISTRATOR,
    CLERK,
    INSPECTION,
    KEYS,
    PIN,
    SHINAGAWA,
    SUPERVISOR,
    SYSTEM,
    House,
    own_keys,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from tests.served_registry import PATIENT, Slot, give_credential
from verifier.acts import Confirming, Desk, Receipt
from verifier.administration.orders import carry_out
from verifier.administration.windows import IssueEnrolmentCode, enrolment_letters
from verifier.api.enrolment import Trust
from verifier.client import Line, Patience, RemoteCounter
from verifier.client.device import Device, enrol, keep_trust
from verifier.client.plans import Plans
from verifier.client.trusted import Trusted
from verifier.counter import Counter
from verifier.dayplan.local import PlanCounter

SOON = Patience(connect=5.0, act=20.0, look=5.0, pause=0.05, rest=0.0)
"""A line that is cut says so at once."""


@dataclass
class Window:
    """One window: its own folder, and its way to the registry."""

    house: House
    code: str
    folder: Path
    line: Line
    device: Device
    trusted: Trusted
    remote: RemoteCounter
    plans: Plans

    def restart(self) -> None:
        """The program ends, however it was, and starts anew on the same folder."""
        self.plans.forget()
        self.plans = Plans(self.line, self.device, self.folder, self.trusted, self.house.clock)

    def switch(self) -> PlanCounter:
        """A supervisor switches the window to its plan."""
        counter = self.plans.begin(SUPERVISOR, PIN)
        assert isinstance(counter, PlanCounter)
        return counter

    def desk(self) -> Desk:
        return Desk(self.code, CLERK)


def allow_plans(
    house: House,
    hours: int = 8,
    most: int = 100,
    *,
    is_drill: bool = False,
    office: str = SHINAGAWA,
) -> None:
    """Switch plans on for an office, as an administrator does."""
    with house.sessions.begin() as session:
        session.merge(PlanRule(office_code=office, hours=hours, most=most, is_drill=is_drill))


@contextmanager
def a_window(
    slot: Slot, house: House, code: str, folder: Path, line_to: str = ""
) -> Iterator[Window]:
    """A window of the house; the slot serves it, straight or by a line that can be cut."""
    pinned = KEYS.pinned
    device = Device(code, pinned.root, give_credential(house, code), "cookie")
    trust = Trust(SYSTEM, TestKeys.REFUSED, pinned.key_set, {INSPECTION: "継続検査"})
    folder.mkdir(parents=True, exist_ok=True)
    keep_trust(folder, trust)
    patience = SOON if line_to else replace(PATIENT, rest=0.0)
    with Line(line_to or slot.address, patience) as line:
        window = _opened(house, line, device, folder)
        yield window
        window.plans.forget()


def on_another_machine(window: Window, folder: Path) -> Window:
    """The same window on a machine that was enrolled after its own; the old one knows nothing."""
    letters = enrolment_letters(str(folder), window.house.installation.keys.console)
    order = IssueEnrolmentCode(window.code, letters)
    carry_out(window.house.installation, ADMINISTRATOR, str(uuid.uuid4()), order)
    return _opened(window.house, window.line, enrol(window.line, letters, folder), folder)


def _opened(house: House, line: Line, device: Device, folder: Path) -> Window:
    trusted = Trusted(line, device, folder, house.clock)
    trusted.refresh()
    assert trusted.plan_keys.keys() == own_keys().checkpoint_publics.keys()
    remote = RemoteCounter(line, device.window, device.credential)
    for person in (CLERK, SUPERVISOR):
        # who works here is in the plans that follow
        remote.sign_in(device.window, person, PIN, str(uuid.uuid4()))
    plans = Plans(line, device, folder / "plans", trusted, house.clock)
    return Window(house, device.window, folder / "plans", line, device, trusted, remote, plans)


def hand_over(counter: Counter, desk: Desk, text: str | None = None) -> Receipt:
    """Show a sheet and release all that it opens."""
    answer = counter.present(desk, showing(text or text_of(receiver_sheet())))
    assert answer.basket is not None, answer.verdict
    rows = tuple(row.filing_id for row in answer.basket.rows)
    wish = Confirming(
        answer.basket.hand_over_id,
        rows,
        (),
        "見本　受取人",
        f"key of {answer.presentation_id[:20]}",
        **seen_to(answer.basket),  # type: ignore[arg-type]
    )
    return counter.confirm(desk, wish)
