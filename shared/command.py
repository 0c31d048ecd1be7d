"""What every command line of the project shares: where its settings are, its one-line errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from shared.keys import InvalidKeys
from shared.settings import InvalidSettings


class Failed(click.ClickException):
    """The installation is not as the command needs it: one line, exit code 3."""

    exit_code = 3


def config_option(default: str, whose: str) -> Callable[[Any], Any]:
    """``--config``: the settings file, below `config/` unless told otherwise."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        default=Path(default),
        show_default=True,
        help=f"Settings file of the {whose}.",
    )


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Tell what somebody can act on in one line, with exit code 3."""
    try:
        yield
    except (InvalidSettings, InvalidKeys) as error:
        raise Failed(str(error)) from error
    except SQLAlchemyError as error:  # its own text holds the statement and its values
        raise Failed(f"The registry cannot be used ({type(error).__name__}).") from error
    except ImportError as error:
        raise Failed(f"The registry's database needs a driver: {error.name}.") from error
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from error
