"""Prepares the demo below var/ and runs it: `python -m config.demo`."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import click

from config.demo import clip, places, registry, servers, sign_ins
from config.demo.people import STAFF
from config.demo.settings import HOST, Wishes, write_settings
from config.demo.sign_ins import SignIns

VAR = Path(__file__).resolve().parents[2] / "var"
_PORT = click.IntRange(1, 65535)


class _Failed(click.ClickException):
    """One line; exit code 1."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--camera", default="", help="A camera (0, /dev/video0) instead of the clip.")
@click.option("--port-issuer", type=_PORT, default=8000, show_default=True)
@click.option("--port-kiosk", type=_PORT, default=8100, show_default=True)
@click.option("--fresh", is_flag=True, help="Start over; what was there is moved aside.")
@click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    default=VAR,
    help="Folder for everything the demo keeps.",
)
def main(camera: str, port_issuer: int, port_kiosk: int, fresh: bool, var: Path) -> None:  # noqa: FBT001
    """Portal, counter and console with invented data, until Ctrl-C."""
    _require_free({"--port-issuer": port_issuer, "--port-kiosk": port_kiosk})
    now, var = datetime.now(UTC), var.resolve()
    var.mkdir(parents=True, exist_ok=True)
    if fresh:
        _move_aside(var, now)
    film = var / "demo.avi"
    write_settings(var, places.WINDOW, Wishes(port_issuer, port_kiosk, camera or str(film)))
    known = _prepare(var, now)
    if not camera and not clip.is_fresh(film, now):
        _film(var, known, now)
    _serve(var, (port_issuer, port_kiosk), lambda: _tell(known, var, (port_issuer, port_kiosk)))


def _require_free(ports: dict[str, int]) -> None:
    if len(set(ports.values())) < len(ports):
        raise _Failed("The portal and the counter need two different ports.")
    for option, port in ports.items():
        if not servers.is_free(HOST, port):
            raise _Failed(
                f"Port {port} is in use by another program. Choose another: {option} {port + 10}"
            )


def _prepare(var: Path, now: datetime) -> SignIns:
    """What an earlier start left, or a new installation. The sign-ins are written last."""
    kept = var / "demo-sign-ins.txt"
    try:
        known = sign_ins.recall(kept)
    except ValueError as error:
        raise _Failed(str(error)) from error
    if known is not None:
        registry.bring_up_to_date(var)
        return known
    if (var / "registry.db").exists() or (var / "keys").exists():
        click.echo("An earlier start did not finish preparing.")
        _move_aside(var, now)
    click.echo("Preparing an installation with invented people (this happens once):")
    drawn = sign_ins.draw(STAFF)
    registry.furnish(var, drawn, now, lambda what: click.echo(f"  {what} ..."))
    sign_ins.keep(drawn, kept)
    return drawn


def _film(var: Path, known: SignIns, now: datetime) -> None:
    sheets = clip.issue_sheets(var, known, now)
    pictures = clip.render(sheets, var / "demo.avi")
    label = f"  filming {len(sheets)} sheets under a camera"
    if not click.get_text_stream("stdout").isatty():
        click.echo(f"{label} ...")
    with click.progressbar(pictures, length=clip.frames(sheets), label=label) as shown:
        for _ in shown:
            pass


def _move_aside(var: Path, now: datetime) -> None:
    """Nothing is deleted: there may be something in it that somebody misses."""
    aside = var / f"before-{now:%Y%m%d-%H%M%S}"
    found = [path for path in var.iterdir() if path.name in _OURS or path.name.startswith("regis")]
    if found:
        aside.mkdir()
        for path in found:
            path.rename(aside / path.name)
        click.echo(f"What was there is now in {aside}.")


_OURS = {"keys", "inbox", "demo.avi", "demo-sign-ins.txt", "issuer.log", "kiosk.log"}


def _serve(var: Path, ports: tuple[int, int], tell: Callable[[], None]) -> None:
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    commands = (("issuer", "serve", ports[0]), ("kiosk", "run", ports[1]))
    children = [
        servers.Server(
            name,
            [servers.script(name), verb, "--config", str(var / f"{name}.toml")],
            HOST,
            port,
            var / f"{name}.log",
        )
        for name, verb, port in commands
    ]
    click.echo("Starting the portal and the counter ...")
    try:
        with servers.running(children) as started:
            servers.wait_until_ready(started, stop)
            if not stop.is_set():
                tell()
                servers.watch(started, stop)
            click.echo("Stopping ...")
    except servers.Stopped as stopped:
        raise _Failed(str(stopped)) from stopped


def _tell(known: SignIns, var: Path, ports: tuple[int, int]) -> None:
    issuer, kiosk = (f"http://{HOST}:{port}" for port in ports)
    rows = (
        ("Portal", issuer),
        ("Counter", kiosk),
        ("Console", f"{kiosk}/console"),
        *(
            (f"{number} {role}", f"PIN {known.pins[number]}  ({name})")
            for number, (name, role) in STAFF.items()
        ),
        ("Receivers", f"password {known.receiver_password}, such as for the name"),
    )
    click.echo("\n".join(f"  {left:<20} {right}" for left, right in rows))


if __name__ == "__main__":
    main()
