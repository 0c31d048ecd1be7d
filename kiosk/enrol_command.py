"""`kiosk enrol`: makes this machine a window of a registry elsewhere."""

from pathlib import Path

import click
from pydantic import ValidationError

from kiosk.command import CONFIG
from kiosk.registry import device_folder, line_to
from kiosk.settings import KioskSettings
from shared.settings import InvalidSettings, read_settings
from verifier.acts import Conflict, RegistryLost
from verifier.administration.windows import EnrolmentRefused
from verifier.client.device import enrol as enrol_device


class EnrolmentFailed(click.ClickException):
    """One line, exit code 3."""

    exit_code = 3


@click.command()
@CONFIG
def enrol(config: Path) -> None:
    """Make this machine a window, with the one-time code that the console shows.

    The code counts once, for half an hour. Whatever machine was this window before is believed no
    more. The credential is kept below the settings' var folder, readable by its owner only.

    \b
    Example:
      kiosk enrol --config config/kiosk.toml
    """
    try:
        settings = read_settings(KioskSettings, config)
    except InvalidSettings as error:
        raise EnrolmentFailed(str(error)) from error
    if settings.registry is None:
        raise EnrolmentFailed(f"{config}: [registry] with a url is missing; nothing to enrol with")
    code = click.prompt("One-time code of the console")
    folder = device_folder(settings)
    try:
        with line_to(settings.registry) as line:
            device = enrol_device(line, code, folder)
    except EnrolmentRefused as error:
        raise EnrolmentFailed(
            "The code is unknown, used or too old: have a new one shown."
        ) from error
    except RegistryLost as error:
        raise EnrolmentFailed(f"{settings.registry.url} does not answer ({error}).") from error
    except (Conflict, ValidationError) as error:
        raise EnrolmentFailed("That is no code of the console.") from error
    except OSError as error:
        raise EnrolmentFailed(f"{error.filename}: {error.strerror}") from error
    click.echo(f"This machine is window {device.window} now.")
    if device.window != settings.kiosk:
        raise EnrolmentFailed(f'Set kiosk = "{device.window}" in {config}.')
