"""Which faults a window has, on its screen and in the log."""

import logging
import time
from collections.abc import Callable

from kiosk.faults import Fault
from kiosk.scene import Scene

_log = logging.getLogger(__name__)


class FaultBoard:
    """Puts faults on the screen and takes them off; the log says when each began and ended."""

    def __init__(self, scene: Scene, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._scene = scene
        self._monotonic = monotonic
        self._began: dict[str, tuple[str, float]] = {}

    @property
    def codes(self) -> frozenset[str]:
        """The codes of what is wrong now."""
        return frozenset(code for code, _since in self._began.copy().values())

    def tell(self, name: str, fault: Fault | None) -> None:
        """What is wrong with this part of the window now; None: nothing. One thread a part."""
        self._scene.device(name, fault)
        code, since = self._began.get(name, ("", 0.0))
        if code == (fault.code if fault else ""):
            return
        now = self._monotonic()
        if code:
            _log.info("fault %s ended after %.0f s", code, now - since)
            del self._began[name]
        if fault:
            _log.warning("fault %s began", fault.code)
            self._began[name] = (fault.code, now)
