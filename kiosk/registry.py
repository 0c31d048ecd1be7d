"""The registry of this window: in this process on a database, or elsewhere over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.settings import KioskSettings, RegistryLine
from shared.key_files import COOKIE
from shared.keys import InvalidKeys
from shared.settings import InvalidSettings, read_secret, read_settings
from verifier.client import Line, Patience, RemoteCounter
from verifier.client.device import read_device
from verifier.client.plans import Plans
from verifier.client.trusted import Trusted, is_refused
from verifier.counter import Counter
from verifier.installation import Installation
from verifier.seals import SealCheck, SealSeen
from verifier.settings import VerifierSettings, open_installation

_FOR_PLANS = Patience(act=30.0, look=5.0, rest=0.0)
"""Nobody waits at the window for a plan, and one of thousands of filings takes seconds."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Whatever this window asks."""

    counter: Counter
    cookie_key: bytes
    look: Callable[[str], SealSeen]
    """What can be said of a sheet while nobody answers."""
    is_rehearsal: bool = False
    """Practice keys alone are taken: every page says so."""
    installation: Installation | None = None
    """Of a registry in this process: its console is served beside the counter."""
    keys_are_refused: Callable[[], bool] | None = None
    """Fetches the key set anew. Raises RegistryLost, OSError."""
    plans: Plans | None = None
    """What this window may do by itself while nobody answers."""


@contextmanager
def registry_for(settings: KioskSettings) -> Iterator[Registry]:
    """The registry of these settings, for as long as the block. Raises InvalidSettings."""
    if settings.registry is None:
        yield _here(settings)
        return
    registry = settings.registry
    with line_to(registry) as line, line_to(registry, _FOR_PLANS) as for_plans:
        yield _elsewhere(settings, line, for_plans)


def line_to(registry: RegistryLine, patience: Patience | None = None) -> Line:
    """A line, for a block."""
    return Line(registry.url, patience, ca=str(registry.ca) if registry.ca else None)


def device_folder(settings: KioskSettings) -> Path:
    """Where this machine keeps what makes it a window."""
    return settings.var / "device"


def plan_folder(settings: KioskSettings) -> Path:
    """Where this machine keeps its plans, and what was done on them."""
    return settings.var / "plans"


def _here(settings: KioskSettings) -> Registry:
    verifier = read_settings(VerifierSettings, settings.verifier)
    installation = open_installation(verifier)
    opener = installation.opener
    seals = SealCheck(opener.key_set, opener.system_id, opener.test_keys)
    return Registry(
        Counter(installation),
        read_secret(verifier.keys / COOKIE),
        lambda text: seals.look(text, installation.clock()),
        opener.is_rehearsal,
        installation,
    )


def _elsewhere(settings: KioskSettings, line: Line, for_plans: Line) -> Registry:
    folder = device_folder(settings)
    device = read_device(folder)
    if device.window != settings.kiosk:
        raise InvalidSettings(
            f"{folder}: this machine was enrolled as {device.window}, not as {settings.kiosk}"
        )
    try:
        trusted = Trusted(line, device, folder, lambda: datetime.now(UTC))
    except InvalidKeys as error:
        raise InvalidSettings(f"{folder}: {error}; enrol anew: kiosk enrol") from error
    return Registry(
        RemoteCounter(line, device.window, device.credential),
        device.cookie.encode(),
        trusted.look,
        trusted.is_rehearsal,
        keys_are_refused=lambda: is_refused(trusted),
        plans=Plans(for_plans, device, plan_folder(settings), trusted, lambda: datetime.now(UTC)),
    )
