"""`issuer`: serves the public portal, or issues one sheet into a file."""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from waitress import create_server
from werkzeug.middleware.proxy_fix import ProxyFix

from issuer import a4
from issuer.app import create_app
from issuer.forms import PUBLIC_PURPOSES, SheetRequest, read_sheet_request
from issuer.layout import SheetFacts
from issuer.settings import IssuerSettings, open_portal
from issuer.sheets import issue_public
from shared.db.session import reading
from shared.db.tables import Procedure
from shared.key_files import COOKIE
from shared.settings import InvalidSettings, read_secret, read_settings

CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("config/issuer.toml"),
    show_default=True,
    help="Settings file of the portal.",
)


class _Failed(click.ClickException):
    """The installation is not as the command needs it: one line, exit code 3."""

    exit_code = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Public portal of Uketori: issues the two-dimensional codes for the counter.

    Exit codes: 0 done, 1 the sheet cannot be issued as asked, 2 wrong usage, 3 settings, keys or
    registry not usable.
    """


@main.command()
@CONFIG
def serve(config: Path) -> None:
    """Serve the portal until it is stopped with Ctrl-C."""
    settings = _settings(config)
    try:
        portal, cookie_key = open_portal(settings), read_secret(settings.keys / COOKIE)
    except InvalidSettings as error:
        raise _Failed(str(error)) from error
    app = create_app(portal, cookie_key, settings.limits)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1)  # type: ignore[method-assign]
    try:
        server = create_server(
            app, host=settings.host, port=settings.port, threads=settings.threads,
            connection_limit=200, max_request_body_size=64 * 1024, ident="portal",
        )  # fmt: skip
    except OSError as error:
        busy = f"{settings.host}:{settings.port}: {error.strerror}"
        raise _Failed(f"{busy}. Choose another port in the settings.") from error
    click.echo(f"Portal: http://{settings.host}:{settings.port}/")
    server.run()


@main.command()
@click.argument("purpose", type=click.Choice([str(purpose) for purpose in PUBLIC_PURPOSES]))
@click.option("--name", required=True, help="受取者名, as in the filings, with （登録番号）.")
@click.option("--procedure", default="", help="Code of the procedure; for authentication only.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="File whose first line is the receiver's password.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Where the sheet goes: .pdf, .svg or .png tells its kind.",
)
@CONFIG
def issue(
    purpose: str, name: str, procedure: str, password_file: Path, out: Path, config: Path
) -> None:
    """Issue one sheet into a file.

    \b
    Example:
      issuer issue authentication --name '見本行政書士事務所　試験　太郎（00000001）' \\
             --procedure 1 --password-file password.txt --out sheet.pdf
    """
    if out.suffix not in _WRITERS:
        raise click.BadParameter("the file ends in .pdf, .svg or .png", param_hint="--out")
    password = _first_line(password_file)
    values = {
        "purpose": purpose, "procedure": procedure, "receiver_name": name,
        "password": password, "password_confirm": password,
    }  # fmt: skip
    facts = _issue(_settings(config), values)
    try:
        out.write_bytes(_WRITERS[out.suffix](facts))
    except OSError as error:
        raise _Failed(f"{out}: {error.strerror}") from error
    click.echo(f"{out}: 検索キー {facts.search_key}")


_WRITERS = {
    ".pdf": a4.as_pdf,
    ".svg": lambda facts: a4.as_svg(facts).encode(),
    ".png": a4.as_png,
}


def _issue(settings: IssuerSettings, values: dict[str, str]) -> SheetFacts:
    try:
        portal = open_portal(settings)
        with reading(portal.sessions) as session:
            rows = session.execute(select(Procedure.code, Procedure.name).where(Procedure.is_open))
            procedures = {code: name for code, name in rows}
        wish = read_sheet_request(values, procedures)
        if not isinstance(wish, SheetRequest):
            raise click.ClickException("; ".join(error.text for error in wish))
        return issue_public(portal.sessions, portal.press, wish, procedures, datetime.now(UTC))
    except InvalidSettings as error:
        raise _Failed(str(error)) from error
    except SQLAlchemyError as error:
        raise _Failed(f"The registry cannot be used ({type(error).__name__}).") from error


def _settings(path: Path) -> IssuerSettings:
    try:
        return read_settings(IssuerSettings, path)
    except InvalidSettings as error:
        raise _Failed(str(error)) from error


def _first_line(path: Path) -> str:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _Failed(f"{path}: cannot be read as text") from error
    return lines[0] if lines else ""
