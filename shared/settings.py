"""Settings: one TOML file a process, unknown keys refused, secrets only as paths of files."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

SECRET_BYTES = 32


class InvalidSettings(ValueError):
    """The settings cannot be used; the message says which one and why, never its value."""


class Settings(BaseModel):
    """The frozen settings of one process. Paths are relative to the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Settings)


def read_settings(model: type[Model], path: Path) -> Model:
    """Read a settings file. Raises InvalidSettings."""
    try:
        settings = model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InvalidSettings(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise InvalidSettings(f"{path}: {where}: {problem['msg']}") from error
    return _anchored(settings, path.parent)


def read_secret(path: Path) -> bytes:
    """The secret in that file, without a line end. Raises InvalidSettings."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise InvalidSettings(f"{path}: {error.strerror}") from error
    if len(secret) < SECRET_BYTES:
        raise InvalidSettings(f"{path}: a secret has at least {SECRET_BYTES} bytes")
    return secret


def _anchored(settings: Model, folder: Path) -> Model:
    """Make every path independent of where the process was started."""
    paths = {
        name: folder / value
        for name in type(settings).model_fields
        if isinstance(value := getattr(settings, name), Path)
    }
    return settings.model_copy(update=paths)
