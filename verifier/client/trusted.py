"""The keys a window checks seals with: fetched now and then, and never older than seen before."""

import base64
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.key_files import Pinned
from shared.keys import InvalidKeys, KeySet, TestKeys
from verifier.api.document import PREFIX
from verifier.api.enrolment import TRUST, Trust
from verifier.client.device import Device, keep_trust, read_trust
from verifier.client.line import Call, Line
from verifier.client.remote import answer_in
from verifier.seals import SealCheck, SealSeen

_log = logging.getLogger(__name__)


class Trusted:
    """The key set in use. The root was pinned at enrolment: no answer can replace it."""

    def __init__(
        self, line: Line, device: Device, folder: Path, clock: Callable[[], datetime]
    ) -> None:
        """Raises InvalidSettings when there is none, InvalidKeys when it does not hold."""
        self._line = line
        self._device = device
        self._folder = folder
        self._clock = clock
        self._trust = read_trust(folder)
        self._check = self._checked(self._trust, 1)

    @property
    def version(self) -> int:
        """Of the key set in use."""
        return self._check.key_set.version

    @property
    def key_set(self) -> KeySet:
        """What seals are checked with."""
        return self._check.key_set

    @property
    def plan_keys(self) -> dict[int, Ed25519PublicKey]:
        """What day plans are checked with."""
        return {
            key_id: Ed25519PublicKey.from_public_bytes(base64.b64decode(raw))
            for key_id, raw in self._trust.plan_keys.items()
        }

    @property
    def is_rehearsal(self) -> bool:
        """The registry takes practice sheets alone."""
        return self._trust.test_keys is TestKeys.ONLY

    def look(self, text: str) -> SealSeen:
        """What can be said of a text without the registry."""
        return self._check.look(text, self._clock())

    def refresh(self) -> None:
        """Take the registry's key set, unless it is older than the one in use.

        Raises InvalidKeys when it is older, expired or signed by another root: the one in use
        stays. Raises RegistryLost, OSError.
        """
        headers = {"Authorization": f"Bearer {self._device.credential}"}
        given = answer_in(self._line.ask(Call("GET", f"{PREFIX}/trust", headers)), TRUST)
        if given == self._trust:
            return
        _require_known(self._trust.plan_keys, given.plan_keys)
        check = self._checked(given, self.version)
        keep_trust(self._folder, given)
        if check.key_set.version != self.version:
            _log.info("key set %d follows %d", check.key_set.version, self.version)
        self._trust, self._check = given, check

    def _checked(self, trust: Trust, oldest_version: int) -> SealCheck:
        pinned = Pinned(self._device.root, trust.key_set)
        key_set = pinned.read(self._clock(), oldest_version)
        return SealCheck(key_set, trust.system_id, trust.test_keys, trust.procedures)


def _require_known(before: dict[int, str], now: dict[int, str]) -> None:
    """A plan key, once seen, is that key: no answer replaces it. Raises InvalidKeys."""
    if any(now.get(key_id, raw) != raw for key_id, raw in before.items()):
        raise InvalidKeys("a key that day plans are signed with was replaced by another")


def is_refused(trusted: Trusted) -> bool:
    """Refresh, and tell whether what the registry gave must not be used; the log says why."""
    try:
        trusted.refresh()
    except InvalidKeys as error:
        _log.error("the registry's key set is not used: %s", error)
        return True
    return False
