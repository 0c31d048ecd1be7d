"""The devices of a window, opened as its settings say."""

from datetime import timedelta

from hardware.camera import Camera
from hardware.folder import WatchedFolder
from hardware.hid_scanner import SCHEME, HidScanner
from hardware.scan import FrameSource, ScanSource
from hardware.serial_scanner import SerialScanner
from kiosk.settings import KioskSettings

_KEYBOARDS = ("/dev/input/", SCHEME)


def open_camera(settings: KioskSettings) -> FrameSource | None:
    """The camera or the clip in its place; None when the window has none."""
    return Camera(settings.camera, settings.camera_settings) if settings.camera else None


def open_scanner(settings: KioskSettings) -> ScanSource | None:
    """The scanner: a keyboard by the place of its address, else a serial line."""
    if not settings.scanner:
        return None
    if is_keyboard(settings.scanner):
        return HidScanner(settings.scanner, settings.scanner_layout, settings.scanner_prefix)
    return SerialScanner(settings.scanner, settings.scanner_baud, settings.scanner_prefix)


def open_folder(settings: KioskSettings) -> WatchedFolder | None:
    """The watched folder; made when it is missing, now or as soon as that is possible."""
    if settings.inbox is None:
        return None
    return WatchedFolder(settings.inbox, keep=timedelta(days=settings.inbox_days))


def is_keyboard(address: str) -> bool:
    """Whether a scanner at this address is a keyboard to the machine."""
    return address.startswith(_KEYBOARDS)
