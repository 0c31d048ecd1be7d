"""What devices give: frames and scanned texts, the same whichever device it was."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]
"""A grey picture: rows, columns; 0 is black."""


class Cause(StrEnum):
    """Why a device gives nothing. The values are stable."""

    MISSING = "missing"
    """It is not plugged in."""
    HELD = "held"
    """Another program has it."""
    DENIED = "denied"
    """This user may not open it."""
    UNFIT = "unfit"
    """What stands there is something else."""
    SILENT = "silent"
    """It is there and gives nothing, or broke off."""
    FROZEN = "frozen"
    """It repeats the last picture."""
    BLACK = "black"
    """Its picture is black."""
    UNWRITABLE = "unwritable"
    """A folder that takes no file: not permitted, or full."""


class DeviceLost(Exception):
    """A device is missing, went away or froze. The sentence names the device, never its address.

    The source keeps on trying: the next `read` that succeeds means that the device is back.
    """

    def __init__(self, sentence: str, cause: Cause, holder: str = "") -> None:
        """`holder`: the name of the program that has the device, when it can be known."""
        super().__init__(sentence)
        self.cause = cause
        self.holder = holder


class DeviceClosed(ValueError):
    """A source was read after its `close`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a camera."""

    grey: Grey = field(repr=False)
    at: float
    """Monotonic seconds at which the frame was taken, as far as the driver can be believed."""
    sequence: int
    """Counts every frame grabbed, so a gap shows how many were never looked at."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One text from a scanner."""

    text: str = field(repr=False)
    """As scanned. May hold personal data: not logged."""
    source: str
    at: float
    """Monotonic seconds."""


class FrameSource(Protocol):
    """Something that shows pictures."""

    def read(self, timeout: float) -> Frame | None:
        """The newest frame not given before, or None after `timeout` seconds.

        Raises DeviceLost while the device is away, DeviceClosed after `close`.
        """

    def close(self) -> None:
        """Let the device go. Twice is fine."""


class ScanSource(Protocol):
    """Something that gives texts."""

    def read(self, timeout: float) -> Scan | None:
        """The next text, or None after `timeout` seconds.

        Raises DeviceLost while the device is away, DeviceClosed after `close`.
        """

    def close(self) -> None:
        """Let the device go. Twice is fine."""
