"""`kiosk`: runs a counter window, or reads and judges pictures from the command line."""

import logging
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from hardware.pictures import UnreadablePicture
from kiosk import planning
from kiosk.app import create_app
from kiosk.command import CONFIG
from kiosk.devices import open_camera, open_folder, open_scanner
from kiosk.doctor.command import doctor
from kiosk.doctor.finding import Level
from kiosk.doctor.libraries import examine_zbar
from kiosk.enrol_command import enrol
from kiosk.house import House
from kiosk.machine import Machine, written_in
from kiosk.preview import Preview
from kiosk.read_command import read, read_file
from kiosk.reading.choice import chosen
from kiosk.registry import Registry, registry_for
from kiosk.settings import KioskSettings
from kiosk.sources import Sources
from kiosk.station import Station
from kiosk.streams import Streams
from shared import logs
from shared.domain import Source
from shared.settings import InvalidSettings, read_settings
from shared.web.serving import serve
from verifier.acts import NotPermitted, Presented, Presenting
from verifier.counter import LOST, Counter
from verifier.decision.catalogue import explain
from verifier.decision.verdict import Refused
from verifier.rehearsal import require_own_registry
from verifier.watch import Watch

_log = logging.getLogger(__name__)


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
    with _opened(config) as (settings, registry):
        if camera is not None:
            settings = settings.model_copy(update={"camera": camera})
        _require_kiosk(registry, settings)
        if registry.installation is not None:
            here = registry.installation
            require_own_registry(here.sessions, here.opener.test_keys)
        _warn_of_old_libraries()
        _run(settings, registry)
    _leave_without_stragglers()


def _leave_without_stragglers() -> None:
    """End at once when a thread still hangs in a driver or in reading a page.

    Python ends such a thread when it comes back, and C++ on its stack then aborts the process.
    """
    if threading.active_count() > 1:
        logging.shutdown()
        os._exit(0)


def _run(settings: KioskSettings, registry: Registry) -> None:
    station, preview = _station(registry, settings), Preview()
    if registry.plans is not None:
        planning.furnish(station, registry.plans)
    house = House(
        station,
        preview,
        has_camera=bool(settings.camera),
        layout=settings.scanner_layout,
        var=settings.var,
        is_rehearsal=registry.is_rehearsal,
        streams=Streams(settings.threads // 2),
    )
    app = create_app(house, registry.cookie_key, registry.installation)
    sources = Sources(station, preview, house.trial)
    sources.start(open_camera(settings), open_scanner(settings), open_folder(settings))
    machine = Machine(
        station, sources.board, written_in(settings), keys_are_refused=registry.keys_are_refused
    )
    sources.look_after(machine)

    def end_streams() -> None:
        station.scene.close()
        preview.close()

    _log.info("window %s at http://%s:%d/", settings.kiosk, settings.host, settings.port)
    watch = Watch(registry.installation) if registry.installation else nullcontext()
    try:
        with watch:
            serve(app, settings.host, settings.port, settings.threads, end_streams)
    finally:
        sources.stop()


def _station(registry: Registry, settings: KioskSettings) -> Station:
    wanted = {
        "camera": settings.camera, "scanner": settings.scanner, "folder": settings.inbox,
    }  # fmt: skip
    devices = tuple(name for name, address in wanted.items() if address)
    return Station(
        registry.counter, settings.kiosk, settings.timings, devices=devices, look=registry.look
    )


def _warn_of_old_libraries() -> None:
    found = examine_zbar()
    if found.level is not Level.FINE:
        _log.warning("%s. %s", found.text, found.advice)


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
    with _opened(config) as (settings, registry):
        _require_kiosk(registry, settings)
        accepted = [_judge(registry.counter, settings.kiosk, file) for file in files]
    raise SystemExit(0 if all(accepted) else 1)


main.add_command(read)
main.add_command(doctor)
main.add_command(enrol)


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
    return all([_judge_text(counter, kiosk, name, code.text) for code in chosen(reading.codes)])


def _judge_text(counter: Counter, kiosk: str, name: str, text: str) -> bool:
    shown = Presenting(str(uuid.uuid4()), text, Source.PICTURE)
    try:
        presented = counter.judge(kiosk, shown)
    except LOST as error:
        raise _Failed(f"The registry cannot be used ({type(error).__name__}).") from error
    click.echo(f"{name}: {_answer(presented)}")
    return not isinstance(presented.verdict, Refused)


def _answer(presented: Presented) -> str:
    verdict = presented.verdict
    if isinstance(verdict, Refused):
        return f"{verdict.reason.value} {explain(verdict.reason).title}"
    notices = "、".join(explain(notice).title for notice in verdict.notices)
    return "OK 受け付けられます" + (f"（{notices}）" if notices else "")


@contextmanager
def _opened(config: Path) -> Iterator[tuple[KioskSettings, Registry]]:
    try:
        settings = read_settings(KioskSettings, config)
        with registry_for(settings) as registry:
            yield settings, registry
    except InvalidSettings as error:
        raise _Failed(str(error)) from error


def _require_kiosk(registry: Registry, settings: KioskSettings) -> None:
    """Fail before anybody waits at the window; a registry elsewhere may come back by itself."""
    here = registry.installation is not None
    try:
        registry.counter.kiosk_facts(settings.kiosk)
    except NotPermitted as error:
        unknown = f"{settings.kiosk}: no such kiosk in the registry, or it was revoked"
        add = "Add it with `verifier kiosk add`" if here else "Enrol it with `kiosk enrol`"
        raise _Failed(f"{unknown}. {add}.") from error
    except LOST as error:
        cannot = f"The registry cannot be used ({type(error).__name__})"
        if here:
            raise _Failed(f"{cannot}. Make it with `verifier init`.") from error
        _log.warning("%s; the window waits for it", cannot)
