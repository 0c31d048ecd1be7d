"""What every command of `issuer` shares: its settings, its registry, its one-line errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from issuer import a4
from issuer.layout import SheetFacts
from issuer.portal import Portal
from issuer.settings import IssuerSettings, open_portal
from shared.settings import InvalidSettings, read_settings

CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("config/issuer.toml"),
    show_default=True,
    help="Settings file of the portal.",
)
FORMATS = ("pdf", "svg", "png")


class Failed(click.ClickException):
    """The installation is not as the command needs it: one line, exit code 3."""

    exit_code = 3


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Tell what somebody can act on in one line, with exit code 3."""
    try:
        yield
    except InvalidSettings as error:
        raise Failed(str(error)) from error
    except SQLAlchemyError as error:  # its own text holds the statement and its values
        raise Failed(f"The registry cannot be used ({type(error).__name__}).") from error
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from error


def settings_at(path: Path) -> IssuerSettings:
    """The settings in that file. Raises Failed."""
    with one_line_errors():
        return read_settings(IssuerSettings, path)


@contextmanager
def portal_of(settings: IssuerSettings) -> Iterator[Portal]:
    """The portal those settings describe; its registry is closed in the end."""
    portal = open_portal(settings)
    try:
        yield portal
    finally:
        portal.sessions.kw["bind"].dispose()


def first_line(path: Path) -> str:
    """The first line of a text file, as people keep a password. Raises OSError, UnicodeError."""
    lines = path.read_text("utf-8-sig").splitlines()
    return lines[0] if lines else ""


def drawn(facts: SheetFacts, kind: str) -> bytes:
    """The sheet as a file of one of FORMATS."""
    match kind:
        case "pdf":
            return a4.as_pdf(facts)
        case "svg":
            return a4.as_svg(facts).encode()
        case "png":
            return a4.as_png(facts)
    raise ValueError(kind)
