"""What a page or a monitor is told without asking for the stage: changes, pictures, health."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify

from kiosk.faults import WAYS
from kiosk.house import house, is_seated, seated
from kiosk.preview import BOUNDARY
from kiosk.scene import Scene, Snapshot
from kiosk.stage import stage_of
from kiosk.state import OutOfOrder, basket_in

bp = Blueprint("events", __name__)

HEARTBEAT = 10.0
"""Seconds; waitress notices a closed stream only when it writes."""


@bp.get("/events")
def events() -> Response:
    """Server-sent events that say only that something changed; the page then asks for the stage."""
    streams = house().streams
    if is_seated():
        streams.take_seat()
    else:
        streams.take_place()
    stream = changes(house().station.scene)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    answer = Response(stream, mimetype="text/event-stream", headers=headers)
    answer.call_on_close(streams.leave)
    return answer


def changes(scene: Scene) -> Iterator[str]:
    """The present version at once, then each new one, and a beat when nothing happens."""
    version = scene.snapshot().version
    yield f"retry: 1000\nevent: changed\ndata: {version}\n\n"
    while not scene.closed:
        newer = scene.wait_for_change(version, HEARTBEAT)
        if newer == version:
            yield "event: beat\ndata: -\n\n"
        else:
            yield f"event: changed\ndata: {newer}\n\n"
        version = newer


@bp.get("/preview")
@seated
def preview() -> Response:
    """The camera's picture, as multipart JPEG."""
    house().streams.take_seat()
    kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
    never_kept = {"Cache-Control": "no-store"}
    answer = Response(house().preview.stream(), mimetype=kind, headers=never_kept)
    answer.call_on_close(house().streams.leave)
    return answer


@dataclass(frozen=True, slots=True)
class Health:
    """What a monitor may know: no name, no number, no key."""

    state: str
    scene: int
    """Grows when another screen is shown."""
    reason: str | None
    kiosk: str
    locked: bool | None
    registry: str
    counts: dict[str, int]
    devices_lost: list[str]
    faults: list[str]
    """Codes of everything that is wrong, also of what stops the window."""
    signed_in: bool


@bp.get("/api/state")
def state() -> Response:
    """The state as JSON, for monitoring."""
    answer = jsonify(health(house().station.kiosk, house().station.scene.snapshot()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def health(kiosk: str, now: Snapshot) -> Health:
    """The state without anything that names a person, a vehicle or a sheet."""
    stage, facts = stage_of(now), now.facts
    counts = {"in_hand": _in_hand(now)}
    if facts is not None:
        counts |= {
            "presented": facts.presented, "released": facts.released, "held": facts.held,
        }  # fmt: skip
    return Health(
        state=stage.name,
        scene=now.scene,
        reason=stage.reason,
        kiosk=kiosk,
        locked=facts.locked if facts else None,
        registry="connected" if facts else "lost",
        counts=counts,
        devices_lost=sorted(name for name in now.lost if name in WAYS),
        faults=sorted([*(fault.code for fault in now.lost.values()), *_stopped(now)]),
        signed_in=now.seat is not None,
    )


def _stopped(now: Snapshot) -> list[str]:
    if not isinstance(now.state, OutOfOrder):
        return []
    return [now.state.trouble.value]


def _in_hand(now: Snapshot) -> int:
    held = basket_in(now.state)
    return len(held.basket.rows) if held else 0
