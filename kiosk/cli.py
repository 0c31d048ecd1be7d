"""`kiosk`: runs a counter window, or reads and judges pictures from the command line."""

import logging
import uuid
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from hardware.pictures import UnreadablePicture
from kiosk.app import create_app
from kiosk.devices import open_camera, open_folder, open_scanner
from kiosk.doctor.command import doctor
from kiosk.doctor.finding import Level
from kiosk.doctor.libraries import examine_zbar
from kiosk.house import House
from kiosk.machine import Machine, written_in
from kiosk.preview import Preview
from kiosk.read_command import read, read_file
from kiosk.settings import KioskSettings
from kiosk.sources import Sources
from kiosk.station import Station
from shared import logs
from shared.domain import Source
from shared.key_files import COOKIE
from shared.settings import InvalidSettings, read_secret, read_settings
from shared.web.serving import serve
from verifier.acts import NotPermitted, Presented, Presenting
from verifier.counter import Counter
from verifier.decision.catalogue import explain
from verifier.decision.verdict import Refused
from verifier.installation import Installation
from verifier.rehearsal import require_own_registry
from verifier.settings import VerifierSettings, open_installation
from verifier.watch import Watch

_log = logging.getLogger(__name__)
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("config/kiosk.toml"),
    show_default=True,
    help="Settings file of this window.",
)


class _Failed(click.ClickException):
    """The installation is not as the command needs it: one line, exit code 3."""

    exit_code = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """One counter window of Uketori: reads sheets, shows the verdict, hands over.

    Exit codes: 0 done, 1 a file could not be read or a sheet is refused, 2 wrong usage, 3 settings,
    keys, registry or port not usable.
    """


@main.command()
@CONFIG
@click.option("--camera", help="Number, device or video file, in place of the settings' camera.")
def run(config: Path, camera: str | None) -> None:
    """Run the window until Ctrl-C: camera, scanner, folder, and the clerk's pages."""
    logs.configure("kiosk")
    settings, installation, cookie_key = _open(config)
    if camera is not None:
        settings = settings.model_copy(update={"camera": camera})
    counter = Counter(installation)
    _require_kiosk(counter, settings)
    _require_own_registry(installation)
    _warn_of_old_libraries()
    station, preview = _station(counter, settings), Preview()
    house = House(
        station,
        preview,
        has_camera=bool(settings.camera),
        layout=settings.scanner_layout,
        var=settings.var,
    )
    app = create_app(house, cookie_key, installation)
    sources = Sources(station, preview, house.trial)
    _start(sources, station, settings)

    def end_streams() -> None:
        station.scene.close()
        preview.close()

    _log.info("window %s at http://%s:%d/", settings.kiosk, settings.host, settings.port)
    try:
        with Watch(installation):
            serve(app, settings.host, settings.port, settings.threads, end_streams)
    finally:
        sources.stop()


def _require_own_registry(installation: Installation) -> None:
    try:
        require_own_registry(installation)
    except InvalidSettings as error:
        raise _Failed(str(error)) from error


def _station(counter: Counter, settings: KioskSettings) -> Station:
    wanted = {
        "camera": settings.camera, "scanner": settings.scanner, "folder": settings.inbox,
    }  # fmt: skip
    devices = tuple(name for name, address in wanted.items() if address)
    return Station(counter, settings.kiosk, settings.timings, devices=devices)


def _warn_of_old_libraries() -> None:
    found = examine_zbar()
    if found.level is not Level.FINE:
        _log.warning("%s. %s", found.text, found.advice)


def _start(sources: Sources, station: Station, settings: KioskSettings) -> None:
    try:
        inbox = open_folder(settings)
    except OSError as error:
        raise _Failed(f"{settings.inbox}: {error.strerror}") from error
    sources.start(open_camera(settings), open_scanner(settings), inbox)
    sources.look_after(Machine(station, sources.board, written_in(settings)))


@main.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@CONFIG
def judge(files: tuple[Path, ...], config: Path) -> None:
    """Say what the counter would answer to the sheets in pictures or PDFs; releases nothing.

    The journal notes that somebody asked. Exit code 1 when a sheet is refused or cannot be read.

    \b
    Example:
      kiosk judge scan.pdf photo.jpg
    """
    settings, installation, _cookie_key = _open(config)
    counter = Counter(installation)
    _require_kiosk(counter, settings)
    accepted = [_judge(counter, settings.kiosk, file) for file in files]
    raise SystemExit(0 if all(accepted) else 1)


main.add_command(read)
main.add_command(doctor)


def _judge(counter: Counter, kiosk: str, file: Path) -> bool:
    name = click.format_filename(file)
    try:
        reading = read_file(file)
    except UnreadablePicture as problem:
        click.echo(f"{name}: {problem} ({problem.code})", err=True)
        return False
    if not reading.codes:
        click.echo(f"{name}: コードが見つかりません", err=True)
        return False
    shown = Presenting(str(uuid.uuid4()), reading.codes[0].text, Source.PICTURE)
    try:
        presented = counter.judge(kiosk, shown)
    except SQLAlchemyError as error:
        raise _Failed(f"The registry cannot be used ({type(error).__name__}).") from error
    click.echo(f"{name}: {_answer(presented)}")
    return not isinstance(presented.verdict, Refused)


def _answer(presented: Presented) -> str:
    verdict = presented.verdict
    if isinstance(verdict, Refused):
        return f"{verdict.reason.value} {explain(verdict.reason).title}"
    notices = "、".join(explain(notice).title for notice in verdict.notices)
    return "OK 受け付けられます" + (f"（{notices}）" if notices else "")


def _open(config: Path) -> tuple[KioskSettings, Installation, bytes]:
    try:
        settings = read_settings(KioskSettings, config)
        verifier = read_settings(VerifierSettings, settings.verifier)
        return settings, open_installation(verifier), read_secret(verifier.keys / COOKIE)
    except InvalidSettings as error:
        raise _Failed(str(error)) from error


def _require_kiosk(counter: Counter, settings: KioskSettings) -> None:
    """Fail before anybody waits at the window."""
    try:
        counter.kiosk_facts(settings.kiosk)
    except NotPermitted as error:
        unknown = f"{settings.kiosk}: no such kiosk in the registry, or it was revoked"
        raise _Failed(f"{unknown}. Add it with `verifier kiosk add`.") from error
    except SQLAlchemyError as error:
        cannot = f"The registry cannot be used ({type(error).__name__})"
        raise _Failed(f"{cannot}. Make it with `verifier init`.") from error
