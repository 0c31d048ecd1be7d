"""How busy the machine is that a test runs on: seconds mean little without it."""

import time


def crowding(spin: float = 0.1) -> float:
    """How many times as long as on an idle machine something takes now: 1 when nobody else works.

    `spin`: seconds of the processor that are used up to find out.
    """
    began, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < spin:
        pass
    return max(1.0, (time.perf_counter() - began) / spin)
