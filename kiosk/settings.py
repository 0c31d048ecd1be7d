"""The settings of one counter."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from hardware.camera_settings import CameraSettings
from hardware.keymaps import Layout
from shared.settings import Settings

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


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


class RegistryLine(BaseModel):
    """A registry elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    url: str
    """``https://registry.example``; http only on this machine."""
    ca: Path | None = None
    """Certificates of a private authority, in PEM; an absolute path."""

    @field_validator("url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.port == 0:  # whatever is no port at all is refused by asking for it
            raise ValueError("0 is no port")
        if parts.scheme == "https" and parts.hostname:
            return url
        if parts.scheme == "http" and parts.hostname in _THIS_MACHINE:
            return url
        raise ValueError("https://… is needed; http:// only to 127.0.0.1 or localhost")

    @field_validator("ca")
    @classmethod
    def _absolute(cls, ca: Path | None) -> Path | None:
        if ca is None or ca.is_absolute():
            return ca
        raise ValueError("an absolute path is needed")


class KioskSettings(Settings):
    """One counter: its registry, its devices, its screen."""

    registry: RegistryLine | None = None
    """The registry of many offices; None: the one of `verifier`, in this process."""
    verifier: Path = Path("verifier.toml")
    """Settings of the registry this counter works on, when it is in this process."""
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
    inbox_days: int = Field(default=7, ge=1, le=365)
    """Days for which what was read there is kept, in `done` and `rejected`."""
    var: Path = Path("var")
    """Folder this window writes in."""
    timings: Timings = Timings()
