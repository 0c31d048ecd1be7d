"""起動点検: what belongs to this window, and whether it is there."""

from collections.abc import Iterable

from kiosk.faults import WAYS
from kiosk.scene import Scene, Snapshot
from kiosk.state import Check, CheckingUp, Outcome, SignedOut


def look_around(scene: Scene, devices: Iterable[str]) -> None:
    """Look again; when everything is there the window is ready for somebody to sign in."""
    snapshot = scene.snapshot()
    checks = (*_registry(snapshot), *(_device(snapshot, name) for name in devices))
    if all(check.outcome is Outcome.WELL for check in checks):
        scene.put(SignedOut())
    elif checks != getattr(snapshot.state, "checks", None):
        scene.revise(CheckingUp(checks))


def _registry(snapshot: Snapshot) -> tuple[Check, ...]:
    facts = snapshot.facts
    if facts is None:
        return (Check("登録簿", Outcome.WAITING, "接続しています"),)
    locked = "照合を止めています。責任者が解除します" if facts.locked else "使えます"
    return (
        Check("登録簿", Outcome.WELL, "接続しました"),
        Check("この端末", Outcome.AWAY if facts.locked else Outcome.WELL, locked),
    )


def _device(snapshot: Snapshot, name: str) -> Check:
    label = WAYS[name]
    if name in snapshot.lost:
        return Check(label, Outcome.AWAY, snapshot.lost[name].title)
    if name in snapshot.well:
        return Check(label, Outcome.WELL, "使えます")
    return Check(label, Outcome.WAITING, "確かめています")
