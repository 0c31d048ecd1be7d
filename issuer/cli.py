"""`issuer`: serves the public portal, or issues sheets into files."""

import sys
from pathlib import Path

import click
from werkzeug.middleware.proxy_fix import ProxyFix

from issuer.app import create_app
from issuer.cli_many import issue_many
from issuer.command import (
    CONFIG,
    FORMATS,
    drawn,
    first_line,
    portal_of,
    settings_at,
)
from issuer.forms import PUBLIC_PURPOSES, SheetRequest, read_sheet_request
from issuer.layout import SheetFacts
from issuer.settings import NEAR, PUBLIC, IssuerSettings, open_portal
from issuer.sheets import issue_public, open_procedures
from shared import logs
from shared.command import Failed, one_line_errors
from shared.key_files import COOKIE
from shared.settings import read_secret
from shared.supervised import supervised
from shared.web.serving import bound, make_server


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
    settings = settings_at(config)
    logs.configure("issuer")
    with one_line_errors():
        portal, cookie_key = open_portal(settings), read_secret(settings.keys / COOKIE)
    app = create_app(portal, cookie_key, settings.limits)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1)  # type: ignore[method-assign]
    crowd = NEAR if settings.trusted_proxies else PUBLIC
    server = make_server(app, bound(settings.host, settings.port), settings.threads, crowd)
    sys.setswitchinterval(0.001)  # whoever answers waits less for the loop that sends a flood away
    click.echo(f"Portal: http://{settings.host}:{settings.port}/")
    with supervised(settings.host, server.effective_port):
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
    kind = out.suffix.removeprefix(".")
    if kind not in FORMATS:
        raise click.BadParameter("the file ends in .pdf, .svg or .png", param_hint="--out")
    try:
        password = first_line(password_file)
    except (OSError, UnicodeError) as error:
        raise Failed(f"{password_file}: cannot be read as text") from error
    values = {
        "purpose": purpose, "procedure": procedure, "receiver_name": name,
        "password": password, "password_confirm": password,
    }  # fmt: skip
    with one_line_errors():
        facts = _issue(settings_at(config), values)
        out.write_bytes(drawn(facts, kind))
    click.echo(f"{out}: 検索キー {facts.search_key}")


def _issue(settings: IssuerSettings, values: dict[str, str]) -> SheetFacts:
    with portal_of(settings) as portal:
        procedures = open_procedures(portal.sessions)
        wish = read_sheet_request(values, procedures)
        if not isinstance(wish, SheetRequest):
            raise click.ClickException("; ".join(error.text for error in wish))
        return issue_public(portal.sessions, portal.press, wish, procedures, portal.clock())


main.add_command(issue_many)
