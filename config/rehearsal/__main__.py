"""Prepares the rehearsal below var/rehearsal and runs it: `python -m config.rehearsal`."""

import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import click

from config.demo import servers, sign_ins
from config.demo.people import CLERK, STAFF, SUPERVISOR
from config.demo.places import WINDOW
from config.demo.settings import HOST, Wishes, write_settings
from config.demo.sign_ins import SignIns
from config.rehearsal import lessons, registry
from issuer.settings import IssuerSettings, open_portal
from shared.keys import TestKeys
from shared.settings import read_settings

SIGN_INS = "demo-sign-ins.txt"
SHEETS = "練習用紙.pdf"


class _Failed(click.ClickException):
    """One line, and exit code 1."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--camera", default="", help="A camera (0, /dev/video0); without it, the inbox.")
@click.option("--port", type=click.IntRange(1, 65535), default=8200, show_default=True)
@click.option("--fresh", is_flag=True, help="Start over; what was there is moved aside.")
@click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/rehearsal"),
    show_default=True,
    help="Folder for everything the rehearsal keeps.",
)
def main(camera: str, port: int, fresh: bool, var: Path) -> None:  # noqa: FBT001
    """A counter to practise at, until Ctrl-C: nothing here is real, and real sheets are refused."""
    os.umask(0o077)
    if not servers.is_free(HOST, port):
        raise _Failed(f"Port {port} is used by another program; choose another with --port.")
    var, now = var.resolve(), datetime.now(UTC)
    if fresh and var.exists():
        aside = var.with_name(f"{var.name}-before-{now:%Y%m%d-%H%M%S}")
        var.rename(aside)
        click.echo(f"What was there is now in {aside}.")
    known = prepare(var, Wishes(port, port, camera, TestKeys.ONLY), now)
    print_sheets(var, known, now)
    _serve(var, port, known)


def prepare(var: Path, wishes: Wishes, now: datetime) -> SignIns:
    """What an earlier start left, or a new registry. The sign-ins are written last."""
    var.mkdir(parents=True, exist_ok=True)
    write_settings(var, WINDOW, wishes)
    (var / "inbox").mkdir(exist_ok=True)
    known = sign_ins.recall(var / SIGN_INS)
    if known is not None:
        return known
    if (var / "keys").exists():
        raise _Failed("An earlier start did not finish preparing; start over with --fresh.")
    click.echo("Preparing a registry with test keys and invented people, once ...")
    drawn = sign_ins.draw(STAFF)
    registry.furnish(var, drawn, now)
    sign_ins.keep(drawn, var / SIGN_INS)
    return drawn


def print_sheets(var: Path, known: SignIns, now: datetime) -> list[lessons.Lesson]:
    """Issue a set of sheets to practise with, and say what each is for."""
    issued = lessons.issue(
        open_portal(read_settings(IssuerSettings, var / "issuer.toml")), known, now
    )
    lessons.print_all(issued, var / SHEETS)
    click.echo(f"\nSheets to print, a page each: {var / SHEETS}")
    for page, lesson in enumerate(issued, start=1):
        click.echo(f"  {page:2}. {lesson.teaches} → {lesson.answer or '受け付けられます'}")
    return issued


def _serve(var: Path, port: int, known: SignIns) -> None:
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    command = [servers.script("kiosk"), "run", "--config", str(var / "kiosk.toml")]
    counter = servers.Server("kiosk", command, HOST, port, var / "kiosk.log")
    try:
        with servers.running([counter]) as started:
            servers.wait_until_ready(started, stop)
            if not stop.is_set():
                click.echo(_ready(var, port, known))
                servers.watch(started, stop)
    except servers.Stopped as stopped:
        raise _Failed(str(stopped)) from stopped


def _ready(var: Path, port: int, known: SignIns) -> str:
    return f"""
The rehearsal is ready. Ctrl-C ends it. Nothing here is real, and real sheets are refused.

  Counter   http://{HOST}:{port}
  Console   http://{HOST}:{port}/console   (password {known.console_password})
  Visitor   http://{HOST}:{port}/visitor

  Clerk {CLERK}, PIN {known.pins[CLERK]}; supervisor {SUPERVISOR}, PIN {known.pins[SUPERVISOR]}
  Hold a printed sheet under the camera, or copy a PDF of it into {var / "inbox"}.
"""


if __name__ == "__main__":
    main()
