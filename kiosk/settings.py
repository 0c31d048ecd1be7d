"""The settings of one counter."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from hardware.camera_settings import CameraSettings
from hardware.keymaps import Layout
from shared.settings import Settings


class Timings(BaseModel):
    """Seconds after which a screen changes by itself (WCAG 2.2.1: can be stopped or set)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    done: float = Field(default=5, ge=1, le=600)
    numbered: float = Field(default=20, ge=1, le=600)
    refused: float = Field(default=180, ge=60, le=3600)
    hide_names: float = Field(default=180, ge=30, le=3600)
    cancel: float = Field(default=600, ge=60, le=7200)
    lock: float = Field(default=900, ge=60, le=7200)
    """Nobody at the window for so long: the next person signs in."""


class KioskSettings(Settings):
    """One counter: its registry, its devices, its screen."""

    verifier: Path = Path("verifier.toml")
    """Settings of the registry this counter works on."""
    kiosk: str = Field(pattern=r"^[A-Za-z0-9-]{1,16}$")
    """Code under which the registry knows this counter."""
    host: str = "127.0.0.1"
    port: int = Field(default=8100, ge=1, le=65535)
    threads: int = Field(default=32, ge=8, le=128)
    """Each open screen holds two: its event stream and its preview."""
    camera: str = ""
    """Number, device path or URL; a video file plays in its place; empty: no camera."""
    camera_settings: CameraSettings = CameraSettings()
    scanner: str = ""
    """Serial address (`/dev/serial/by-id/…`, `socket://host:port`) or the event device of a
    scanner that is a keyboard (`/dev/input/by-id/…-event-kbd`); empty: no scanner."""
    scanner_baud: int = Field(default=9600, ge=300, le=921600)
    scanner_layout: Layout = Layout.US
    """The keyboard that a scanner is set to be."""
    scanner_prefix: str = Field(default="", max_length=8, pattern=r"^[!-~]*$")
    """What the scanner is set to send before each code; what comes without it is dropped."""
    inbox: Path | None = None
    """Folder in which dropped pictures and PDFs are read."""
    var: Path = Path("var")
    """Folder this window writes in."""
    timings: Timings = Timings()
