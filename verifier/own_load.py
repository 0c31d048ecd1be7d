"""How busy this process is: what can wait gives way to windows."""

import time


class OwnLoad:
    """Processor time that this process used, from one question to the next."""

    def __init__(self) -> None:
        self._asked, self._used = time.monotonic(), time.process_time()

    def since_last(self) -> float:
        """Of one core, on average: above 1 with several at work."""
        asked, used = time.monotonic(), time.process_time()
        share = (used - self._used) / max(asked - self._asked, 1e-6)
        self._asked, self._used = asked, used
        return share
