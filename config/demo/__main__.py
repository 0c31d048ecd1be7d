"""Prepares the demo below var/ and runs it: `python -m config.demo`."""

import os
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import click

from config.demo import clip, registry, servers, sign_ins
from config.demo.people import STAFF
from config.demo.places import WINDOW
from config.demo.settings import HOST, Wishes, write_settings
from config.demo.sign_ins import SignIns
from config.demo.words import Ready, ready

_PORT = click.IntRange(1, 65535)
_KEPT = ("registry.db*", "keys", "checkpoints.jsonl", "inbox", "demo.avi", "demo-sign-ins.txt")


class _Failed(click.ClickException):
    """One line, and exit code 1."""


@dataclass(frozen=True, slots=True)
class _Demo:
    """One start of the demo."""

    var: Path
    issuer_port: int
    kiosk_port: int
    camera: str
    """Empty: the clip."""

    @property
    def film(self) -> Path:
        return self.var / "demo.avi"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--camera", default="", help="A camera (0, /dev/video0) instead of the film.")
@click.option(
    "--issuer-port", "--port-issuer", "port_issuer", type=_PORT, default=8000, show_default=True
)
@click.option(
    "--kiosk-port", "--port-kiosk", "port_kiosk", type=_PORT, default=8100, show_default=True
)
@click.option("--fresh", is_flag=True, help="Start over; what was there is moved aside.")
@click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Folder for everything the demo keeps.",
)
def main(camera: str, port_issuer: int, port_kiosk: int, fresh: bool, var: Path) -> None:  # noqa: FBT001
    """Portal, counter and console with invented data, until Ctrl-C."""
    os.umask(0o077)  # names and keys are for whoever started the demo
    demo = _Demo(var.resolve(), port_issuer, port_kiosk, _address(camera))
    _require_free_ports(demo)
    now = datetime.now(UTC)
    demo.var.mkdir(parents=True, exist_ok=True)
    if fresh:
        _move_aside(demo.var, now)
    known = _prepare(demo, now)
    if not demo.camera and not clip.is_fresh(demo.film, now):
        _film(demo, known, now)
    _serve(demo, known)


def _address(camera: str) -> str:
    """A file is found wherever the counter is started."""
    return str(Path(camera).resolve()) if Path(camera).is_file() else camera


def _require_free_ports(demo: _Demo) -> None:
    ports = {"--issuer-port": demo.issuer_port, "--kiosk-port": demo.kiosk_port}
    if demo.issuer_port == demo.kiosk_port:
        raise _Failed("The portal and the counter need two different ports.")
    for option, port in ports.items():
        if not servers.is_free(HOST, port):
            other = f"choose another, such as {option} {port + 10}"
            raise _Failed(f"Port {port} is used by another program; stop it, or {other}.")


def _prepare(demo: _Demo, now: datetime) -> SignIns:
    """What an earlier start left, or a new installation. The sign-ins are written last."""
    kept = demo.var / "demo-sign-ins.txt"
    try:
        known = sign_ins.recall(kept)
    except ValueError as error:
        raise _Failed(f"{kept} cannot be read; start over with --fresh.") from error
    if known is None and ((demo.var / "registry.db").exists() or (demo.var / "keys").exists()):
        click.echo("An earlier start did not finish preparing.")
        _move_aside(demo.var, now)
    camera = demo.camera or str(demo.film)
    write_settings(demo.var, WINDOW, Wishes(demo.issuer_port, demo.kiosk_port, camera))
    if known is not None:
        registry.bring_up_to_date(demo.var)
        return known
    click.echo("Preparing an installation with invented people, once:")
    drawn = sign_ins.draw(STAFF)
    registry.furnish(demo.var, drawn, now, lambda what: click.echo(f"  {what} ..."))
    sign_ins.keep(drawn, kept)
    return drawn


def _film(demo: _Demo, known: SignIns, now: datetime) -> None:
    click.echo("  a film of sheets under a camera ...")
    sheets = clip.issue_sheets(demo.var, known, now)
    pictures = clip.render(sheets, demo.film)
    with click.progressbar(pictures, length=clip.frames(sheets)) as shown:
        for _ in shown:
            pass


def _move_aside(var: Path, now: datetime) -> None:
    """Nothing is deleted: somebody may miss it."""
    found = [path for kept in _KEPT for path in var.glob(kept)]
    if not found:
        return
    aside = var / f"before-{now:%Y%m%d-%H%M%S}"
    aside.mkdir()
    for path in found:
        path.rename(aside / path.name)
    click.echo(f"What was there is now in {aside}.")


def _serve(demo: _Demo, known: SignIns) -> None:
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    facts = Ready(known, demo.var, demo.issuer_port, demo.kiosk_port, not demo.camera)
    click.echo("Starting the portal and the counter ...")
    try:
        with servers.running(_children(demo)) as started:
            servers.wait_until_ready(started, stop)
            if not stop.is_set():
                click.echo(ready(facts))
                servers.watch(started, stop)
            click.echo("Stopping ...")
    except servers.Stopped as stopped:
        raise _Failed(str(stopped)) from stopped


def _children(demo: _Demo) -> list[servers.Server]:
    commands = (("issuer", "serve", demo.issuer_port), ("kiosk", "run", demo.kiosk_port))
    return [
        servers.Server(
            name=name,
            command=[servers.script(name), verb, "--config", str(demo.var / f"{name}.toml")],
            host=HOST,
            port=port,
            log=demo.var / f"{name}.log",
        )
        for name, verb, port in commands
    ]


if __name__ == "__main__":
    main()
