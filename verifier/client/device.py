"""What a device keeps to be a window: its credential and the root it trusts."""

import secrets
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.settings import InvalidSettings
from verifier.api.document import KEY_HEADER, PREFIX
from verifier.api.enrolment import NEW_DEVICE, DeviceCode, NewDevice, Trust
from verifier.client.files import forget, keep
from verifier.client.line import Call, Line
from verifier.client.remote import answer_in

_FILE, _TRUST, _ORDER = "device.json", "trust.json", "enrolling"
_ENROL_FIRST = "this machine is no window yet; enrol it with: kiosk enrol"


@dataclass(frozen=True, slots=True)
class Device:
    """This machine as the registry knows it."""

    window: str
    root: str
    credential: str = field(repr=False)
    cookie: str = field(repr=False)
    """Signs the cookies of this window's own pages."""


Kept = TypeVar("Kept", Device, Trust)
_DEVICE: TypeAdapter[Device] = TypeAdapter(Device)
_TRUSTED: TypeAdapter[Trust] = TypeAdapter(Trust)


def enrol(line: Line, code: str, folder: Path) -> Device:
    """Become the window that a code of the console stands for, and keep what proves it.

    When the answer is lost, the same again: the key that the registry knows it by is kept before.
    Raises EnrolmentRefused, RegistryLost, OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    headers = {"Content-Type": "application/json", KEY_HEADER: _order_key(folder / _ORDER)}
    body = DeviceCode(code=code).model_dump_json().encode()
    call = Call("POST", f"{PREFIX}/devices", headers, body)
    given: NewDevice = answer_in(line.ask(call), NEW_DEVICE)
    device = Device(given.window, given.root, given.credential, secrets.token_hex(32))
    keep_trust(folder, given.trust)
    keep(folder / _FILE, _DEVICE.dump_json(device))
    forget(folder / _ORDER)
    return device


def _order_key(path: Path) -> str:
    """Of the enrolment that was not answered yet, or of a new one."""
    if not path.exists():
        keep(path, str(uuid.uuid4()).encode())
    return path.read_text()


def read_device(folder: Path) -> Device:
    """What was kept. Raises InvalidSettings."""
    return _read(folder / _FILE, _DEVICE)


def read_trust(folder: Path) -> Trust:
    """The newest key set this machine has seen. Raises InvalidSettings."""
    return _read(folder / _TRUST, _TRUSTED)


def keep_trust(folder: Path, trust: Trust) -> None:
    """Keep a key set, to be compared with whatever comes later. Raises OSError."""
    keep(folder / _TRUST, _TRUSTED.dump_json(trust))


def _read(path: Path, shape: TypeAdapter[Kept]) -> Kept:
    try:
        return shape.validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise InvalidSettings(f"{path}: {_ENROL_FIRST}") from error
    except OSError as error:
        raise InvalidSettings(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise InvalidSettings(f"{path}: not in its form; enrol anew: kiosk enrol") from error
