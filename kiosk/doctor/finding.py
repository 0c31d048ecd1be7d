"""What an examination finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; the values stand in the JSON."""

    FINE = "fine"
    WARNING = "warning"
    """The window works; somebody should see to it."""
    FAULT = "fault"
    """The window, or the part that is named, does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    code: str
    """Stable: the name of what was looked at."""
    level: Level
    text: str
    advice: str = ""
    """What to do; empty when all is well."""


def fine(code: str, text: str) -> Finding:
    """Nothing is wrong here."""
    return Finding(code, Level.FINE, text)


def warning(code: str, text: str, advice: str) -> Finding:
    """It works, but should be mended."""
    return Finding(code, Level.WARNING, text, advice)


def fault(code: str, text: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(code, Level.FAULT, text, advice)
