"""A device becomes a window by a one-time code, and learns what it checks seals with."""

import base64
import re
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from shared.db.session import reading
from shared.db.tables import Procedure
from shared.key_files import Pinned
from shared.keys import TestKeys
from verifier.administration.windows import device_credential, enrol_device
from verifier.installation import Installation

ORDER_KEY = "^[!-~]{32,36}$"
"""Long, for with the code it gives the credential: a short one could be guessed."""


class DeviceCode(BaseModel):
    """The code that the console showed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)
    code: Annotated[str, Field(max_length=40)] = Field(
        repr=False, description="Twelve letters and digits; groups and capitals do not matter."
    )


@dataclass(frozen=True, slots=True)
class Trust:
    """What a window looks at seals with while nobody answers it. No secrets."""

    system_id: str
    test_keys: TestKeys
    key_set: str
    """The document signed by the root key."""
    procedures: dict[int, str]
    """Names by their code on the sheet."""
    plan_keys: dict[int, str] = field(default_factory=dict)
    """Public keys that day plans are signed with, by their id, in base64."""


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What a device keeps from now on."""

    window: str
    credential: str = field(repr=False)
    root: str
    """The root's public key in PEM: pinned from now on, whatever a later answer says."""
    trust: Trust


_KEY = re.compile(ORDER_KEY)
TRUST: TypeAdapter[Trust] = TypeAdapter(Trust)
NEW_DEVICE: TypeAdapter[NewDevice] = TypeAdapter(NewDevice)


def order_key_of(given: str | None) -> str | None:
    """By which an enrolment is known again; older kiosks give none. Raises BadRequest."""
    if given is not None and not _KEY.fullmatch(given):
        raise BadRequest
    return given


def enrol(house: Installation, pinned: Pinned, code: str, order_key: str | None) -> NewDevice:
    """Use a code up; with the same key again, answer the same again. Raises EnrolmentRefused."""
    trusted = trust(house, pinned)
    drawn = device_credential(code, order_key, house.keys.console) if order_key else None
    with house.sessions.begin() as session:
        window, credential = enrol_device(session, code, house.clock(), drawn)
    return NewDevice(window, credential, pinned.root, trusted)


def trust(house: Installation, pinned: Pinned) -> Trust:
    """What is trusted today."""
    with reading(house.sessions) as session:
        procedures = {p.code: p.name for p in session.scalars(select(Procedure))}
    opener = house.opener
    plan_keys = {
        key_id: base64.b64encode(key.public_bytes_raw()).decode()
        for key_id, key in house.keys.checkpoint_publics.items()
    }
    return Trust(opener.system_id, opener.test_keys, pinned.key_set, procedures, plan_keys)
