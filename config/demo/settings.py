"""The three settings files of the demo: written at every start, because the ports may differ."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from shared.keys import TestKeys

SYSTEM_ID = "uketori-demo"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may differ from one start to the next."""

    issuer_port: int
    kiosk_port: int
    camera: str
    """A camera's address, or the path of the clip."""
    test_keys: TestKeys = TestKeys.REFUSED
    """Which sheets the counter takes."""


def write_settings(var: Path, window: str, wishes: Wishes) -> None:
    """Write issuer.toml, verifier.toml and kiosk.toml below `var`."""
    database = URL.create("sqlite", database=str(var / "registry.db"))
    registry: dict[str, str | int] = {
        "registry": database.render_as_string(),
        "system_id": SYSTEM_ID,
    }
    _write(
        var / "issuer.toml",
        registry | {"keys": "keys/issuer", "host": HOST, "port": wishes.issuer_port},
    )
    own = {
        "keys": "keys/registry",
        "checkpoint_copy": "checkpoints.jsonl",
        "test_keys": wishes.test_keys.value,
    }
    _write(var / "verifier.toml", registry | own)
    _write(
        var / "kiosk.toml",
        {
            "verifier": "verifier.toml",
            "kiosk": window,
            "camera": wishes.camera,
            "inbox": "inbox",
            "var": ".",
            "host": HOST,
            "port": wishes.kiosk_port,
        },
    )


def _write(path: Path, values: Mapping[str, str | int]) -> None:
    # A JSON string is a TOML basic string, and so is a JSON number.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    path.write_text("\n".join(["# Written by the demo at every start.", *lines, ""]), "utf-8")
