"""The demo's sign-ins: drawn once, printed at every start, kept in a file for its owner's eyes."""

import os
import secrets
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SignIns:
    """Everything that somebody types to get in."""

    pins: dict[str, str] = field(repr=False)
    """By staff number."""
    console_password: str = field(repr=False)
    """Of everybody who may open the console."""
    receiver_password: str = field(repr=False)
    """The 受取者用パスワード of every demo receiver."""
    next_password: str = field(repr=False)
    """The one that the clip's change sheet brings."""
    inquiry_password: str = field(repr=False)
    """The 申請用パスワード of every demo filing."""


def draw(staff: Collection[str]) -> SignIns:
    """New ones for these staff numbers."""
    return SignIns(
        pins={number: _digits(6) for number in staff},
        console_password=f"konsoru-{_digits(4)}-{_digits(4)}",
        receiver_password=f"mihon-{_digits(4)}-{_digits(4)}",
        next_password=f"tsugi-{_digits(4)}-{_digits(4)}",
        inquiry_password=f"shinsei-{_digits(4)}",
    )


def keep(sign_ins: SignIns, path: Path) -> None:
    """Write them to a file that only its owner can read."""
    lines = [
        "# Sign-ins of the demo. Nobody here exists.",
        f'console_password = "{sign_ins.console_password}"',
        f'receiver_password = "{sign_ins.receiver_password}"',
        f'next_password = "{sign_ins.next_password}"',
        f'inquiry_password = "{sign_ins.inquiry_password}"',
        "[pins]",
        *(f'{number} = "{pin}"' for number, pin in sign_ins.pins.items()),
    ]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def recall(path: Path) -> SignIns | None:
    """Those of an earlier start, or None. Raises ValueError when the file is not in its form."""
    if not path.is_file():
        return None
    try:
        return SignIns(**tomllib.loads(path.read_text("utf-8")))
    except TypeError as error:
        raise ValueError(f"{path}: not as the demo wrote it; start with --fresh") from error


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
