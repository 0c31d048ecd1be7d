"""A morning at the counters as the console finds it: every kind of entry, and long names."""

import uuid
from datetime import timedelta

from shared.domain import FilingStatus, Purpose, Source
from tests.builders import (
    CLERK,
    DESK,
    HANAKO,
    OTHER_DESK,
    SUPERVISOR,
    TARO,
    WINDOW,
    House,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from verifier.acts import (
    Basket,
    Confirming,
    Desk,
    Holding,
    HoldReason,
    Presented,
    Receipt,
    Report,
    Undoing,
)

LONG = (
    "架空自動車関係手続支援連合行政書士法人　東日本広域センター　試験　長太郎（１２３４５６７８）"
)


def confirm(at: House, basket: Basket, held: int = 0, desk: Desk = DESK) -> Receipt:
    """Hand a basket over but for its last rows."""
    rows = [row.filing_id for row in basket.rows]
    kept = rows[len(rows) - held :]
    asked = Confirming(
        basket.hand_over_id,
        tuple(rows[: len(rows) - held]),
        tuple(Holding(row, HoldReason.PAPER_MISSING, "納税証明書") for row in kept),
        "見本　使者",
        str(uuid.uuid4()),
        **seen_to(basket, rows[: len(rows) - held]),
    )
    return at.counter.confirm(desk, asked)


def show(
    at: House, desk: Desk = DESK, source: Source = Source.CAMERA, **sheet: object
) -> Presented:
    """Show a new sheet at a window."""
    made = receiver_sheet(issued_at=at.clock.now - timedelta(minutes=5), **sheet)  # type: ignore[arg-type]
    return at.counter.present(desk, showing(text_of(made), source))


def report(at: House, window: str, *faults: str) -> None:
    """A window's device says how it is."""
    at.counter.report(window, Report(at.clock.now, frozenset(faults)))


def play(at: House) -> None:
    """From nine o'clock to noon in Tokyo, a week after a quieter day."""
    for name in (TARO, HANAKO, LONG):
        at.receiver(name)
    at.filing(plate="見本 580 い 00-07", chassis="MIHON-700007")
    confirm(at, show(at).basket)
    at.clock.move(days=7)
    for name, plates in ((TARO, 3), (HANAKO, 2), (LONG, 4)):
        for n in range(plates):
            at.filing(
                receiver_name=name,
                plate=f"見本 58{n} う {len(name):02d}-{n:02d}",
                chassis=f"MIHON-{len(name):03d}{n:03d}",
            )
    report(at, WINDOW, "ERR-SCAN-MISSING")
    first = show(at)
    at.clock.move(minutes=2)
    confirm(at, first.basket, held=1)
    at.clock.move(minutes=40)
    show(at, password="chigau-himitsu")
    show(at, name="見本　未登録")
    at.counter.present(OTHER_DESK, showing("2/2400110/MIHON 0001/123"))
    at.clock.move(minutes=50)
    second = show(at, OTHER_DESK, Source.SCANNER, name=LONG)
    at.clock.move(minutes=3)
    confirm(at, second.basket, held=2, desk=OTHER_DESK)
    at.clock.move(minutes=20)
    undone = second.basket.rows[0].filing_id
    supervisor = Desk("", SUPERVISOR)
    at.counter.undo(supervisor, Undoing(undone, "別の車両の書類を渡したため", str(uuid.uuid4())))
    show(at, purpose=Purpose.REGISTRATION, name="見本　新人")
    at.filing(receiver_name=HANAKO, status=FilingStatus.EXAMINING, plate="見本 581 え 99-99")
    at.clock.move(minutes=10)
    show(at, Desk("W2", CLERK), name=HANAKO)
    report(at, "W2")
