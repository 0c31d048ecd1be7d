"""What every page of the console stands on, stored once in the application."""

from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from verifier.full_check import FullCheck
from verifier.installation import Installation

_EXTENSION = "console"


@dataclass(frozen=True, slots=True)
class House:
    """The installation the console looks at, and the check of its journal."""

    installation: Installation
    full_check: FullCheck

    def move_in(self, extensions: dict[str, Any]) -> None:
        """Make this the house of the application whose extensions these are."""
        extensions[_EXTENSION] = self


def installation() -> Installation:
    """The installation of the present request."""
    return cast(House, current_app.extensions[_EXTENSION]).installation


def full_check() -> FullCheck:
    """The check of the whole journal, whether it runs or has ended."""
    return cast(House, current_app.extensions[_EXTENSION]).full_check
