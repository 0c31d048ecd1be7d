"""What every command of `issuer` shares: its settings, its registry, its one-line errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from issuer import a4
from issuer.layout import SheetFacts
from issuer.portal import Portal
from issuer.settings import IssuerSettings, open_portal
from shared.command import config_option, one_line_errors
from shared.settings import read_settings

CONFIG = config_option("config/issuer.toml", "portal")
FORMATS = ("pdf", "svg", "png")


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
