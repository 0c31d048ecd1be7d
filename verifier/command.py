"""What every command of `verifier` shares: its options, its registry, its one-line errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from shared import command
from shared.command import Failed, config_option
from shared.db.in_use import TablesInUse
from shared.db.schema import is_empty
from shared.db.session import Sessions, open_registry
from shared.passwords import MINIMUM_LENGTH, InvalidPassword, check_rules
from shared.settings import InvalidSettings, read_settings
from verifier.administration.why import NotDone, Why
from verifier.first_steps import registry_file
from verifier.furnishing import pin_of
from verifier.settings import VerifierSettings

CONFIG = config_option("config/verifier.toml", "registry")
PIN_FILE = click.option(
    "--pin-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File whose first line is the PIN (4 to 12 digits); asked for when left out.",
)
PASSWORD_FILE = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File whose first line is the password; asked for when left out.",
)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Tell what an administrator can act on in one line: 1 refused, 3 not usable."""
    try:
        with command.one_line_errors():
            yield
    except TablesInUse as error:
        raise Failed(str(error)) from error
    except NotDone as error:
        raise click.ClickException(str(error)) from error


def settings_at(path: Path) -> VerifierSettings:
    """The settings in that file. Raises InvalidSettings."""
    return read_settings(VerifierSettings, path)


@contextmanager
def registry_of(settings: VerifierSettings) -> Iterator[Sessions]:
    """The registry that `verifier init` made. Raises InvalidSettings when there is none."""
    file = registry_file(settings.registry)
    if file is not None and not file.exists():
        raise InvalidSettings(f"{file}: no registry there; make one with: verifier init")
    with closing_registry(open_registry(settings.registry)) as sessions:
        if is_empty(sessions):
            raise InvalidSettings("The registry has no tables; make them with: verifier init")
        yield sessions


@contextmanager
def closing_registry(sessions: Sessions) -> Iterator[Sessions]:
    """Close every connection in the end."""
    try:
        yield sessions
    finally:
        sessions.kw["bind"].dispose()


def read_pin(file: Path | None) -> str:
    """The PIN in that file, or typed twice. Raises NotDone."""
    if file is None:
        return pin_of(click.prompt("PIN", hide_input=True, confirmation_prompt=True))
    return pin_of(_first_line(file).strip())


def read_password(file: Path | None) -> str:
    """The password in that file, or typed twice. Raises NotDone."""
    if file is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = _first_line(file)
    try:
        check_rules(password)
    except InvalidPassword as error:
        rule = f"a password has {MINIMUM_LENGTH} ASCII characters or more and is not a common one"
        raise NotDone(Why.BAD_PASSWORD, rule) from error
    return str(password)


def _first_line(file: Path) -> str:
    """Characters that are not ASCII come back as such that no PIN and no password may have."""
    lines = file.read_text("ascii", errors="replace").splitlines()
    return lines[0] if lines else ""
