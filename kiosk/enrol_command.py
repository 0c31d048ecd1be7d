"""`kiosk enrol`: makes this machine a window of a registry elsewhere."""

from pathlib import Path

import click
from pydantic import ValidationError

from kiosk.command import CONFIG
from kiosk.registry import device_folder, line_to, plan_folder
from kiosk.settings import KioskSettings
from shared.settings import InvalidSettings, read_settings
from verifier.acts import Conflict, RegistryLost
from verifier.administration.windows import EnrolmentRefused
from verifier.client.device import enrol as enrol_device
from verifier.client.plans import is_unreturned


class EnrolmentFailed(click.ClickException):
    """One line, exit code 3."""

    exit_code = 3


@click.command()
@CONFIG
def enrol(config: Path) -> None:
    """Make this machine a window, with the one-time code that the console shows.

    The code counts once, for half an hour. Whatever machine was this window before is believed no
    more; what its plan holds is in no other plan until that plan's time has passed. The credential
    is kept below the settings' var folder, readable by its owner only. It also opens what was done
    here on a plan: nothing is enrolled while that waits for the registry.

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
    _require_returned(settings)
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


def _require_returned(settings: KioskSettings) -> None:
    """A new credential would not open what was done on a plan under the one of now."""
    plans, device = plan_folder(settings), device_folder(settings)
    if is_unreturned(plans):
        raise EnrolmentFailed(
            f"{plans}: hand-overs on a plan are not returned yet, and only this machine's present "
            "credential opens them. Start the window with `kiosk run` and let it return them, then "
            "enrol. If the registry believes this machine no more, move that folder and "
            f"{device} away together, keep both, and compare the receipts of that day with "
            "the registry."
        )
