"""The settings of one counter window."""

from pathlib import Path

from pydantic import Field

from shared.settings import Settings


class KioskSettings(Settings):
    """One kiosk: which window it is, where it listens, and its devices."""

    kiosk: str
    """The kiosk's code in the registry."""
    verifier: Path
    """The settings file of the verifier that runs in this process."""
    host: str = "127.0.0.1"
    port: int = Field(default=8100, ge=1, le=65535)
    threads: int = Field(default=32, ge=8, le=64)
    """Every open page holds one for its events and one for the preview."""
    camera: str = ""
    """Number, device path or URL of a camera, or the path of a clip; empty: none."""
    scanner: str = ""
    """pyserial URL of a scanner, such as /dev/ttyACM0 or socket://host:port; empty: none."""
    inbox: Path | None = None
    """A folder: a picture or PDF dropped there is a presentation."""
    done_seconds: float = Field(default=5, gt=0)
    refusal_seconds: float = Field(default=180, ge=60)
    """No refusal leaves the screen by itself before a minute is over."""
    hide_seconds: float = Field(default=180, gt=0)
    """Idle time after which an open basket hides its names."""
    cancel_seconds: float = Field(default=600, gt=0)
    """Idle time after which an open basket is given up as timed out."""
