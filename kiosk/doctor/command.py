"""The command: examines one part after another and says what it found."""

import json
import logging
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from kiosk.command import CONFIG
from kiosk.doctor import devices, house, libraries
from kiosk.doctor.finding import Finding, Level, fault, fine
from kiosk.registry import device_folder
from kiosk.settings import KioskSettings
from shared.settings import InvalidSettings, read_settings
from verifier.settings import VerifierSettings

_MARKS = {Level.FINE: "○", Level.WARNING: "△", Level.FAULT: "×"}
_CODES = {Level.FINE: 0, Level.WARNING: 1, Level.FAULT: 3}
_WORST = {Level.FINE: 0, Level.WARNING: 1, Level.FAULT: 2}
_SUMMARIES = {
    Level.FINE: "問題は見つかりませんでした。",
    Level.WARNING: "窓口は使えますが、△ を直してください。",
    Level.FAULT: "× を直すまで、その部分は使えません。",
}


@click.command()
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(config: Path, *, as_json: bool) -> None:
    """Say what is wrong with this machine, in Japanese, and what to do about it.

    Opens the camera and the scanner for some seconds, unless the window runs: then it is asked.
    Changes nothing.

    Exit codes: 0 nothing is wrong, 1 something should be mended, 2 wrong usage, 3 something does
    not work.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # what devices log is said better below
    findings = []
    for finding in examine(config):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    worst = max((finding.level for finding in findings), key=_WORST.__getitem__)
    if as_json:
        report = {"worst": worst, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        click.echo(f"\n{_SUMMARIES[worst]}")
    raise SystemExit(_CODES[worst])


def examine(config: Path) -> Iterator[Finding]:
    """Everything there is to find, as it is found."""
    yield libraries.examine_zbar()
    yield from libraries.examine_fonts()
    try:
        settings = read_settings(KioskSettings, config)
        own = _what_it_keeps(settings)
    except InvalidSettings as problem:
        yield fault("settings", f"設定を読めません：{problem}", "設定ファイルの行を直す")
        return
    yield fine("settings", f"設定（{config}）")
    yield from own
    yield from house.examine_registry(settings)
    yield from house.examine_disk(settings)
    yield from _devices(settings)


def _what_it_keeps(settings: KioskSettings) -> list[Finding]:
    """The registry's keys, or what makes this machine a window of one elsewhere."""
    if settings.registry is not None:
        return house.examine_device(device_folder(settings))
    verifier = read_settings(VerifierSettings, settings.verifier)
    return house.examine_keys(verifier, datetime.now(UTC))


def _devices(settings: KioskSettings) -> Iterator[Finding]:
    running = _faults_of_running(settings)
    if running is None:
        yield from devices.examine_camera(settings)
        yield devices.examine_scanner(settings)
    elif running:
        for code in running:
            text = f"動作中の窓口プログラムが異常を示しています：{code}"
            yield fault("window", text, "窓口の画面の案内に従う")
    else:
        yield fine("window", "窓口プログラムは動作中で、カメラとスキャナーに異常はありません")
    yield from devices.others_may_listen(settings)
    yield devices.examine_inbox(settings)


def _faults_of_running(settings: KioskSettings) -> list[str] | None:
    """What the running window says itself, whose devices nobody else can open; None: it rests."""
    address = f"http://{settings.host}:{settings.port}/api/state"
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            state = json.load(answer)
    except (OSError, ValueError):
        return None
    return list(state["faults"]) if isinstance(state, dict) and "faults" in state else None


def _line(finding: Finding) -> str:
    line = f"{_MARKS[finding.level]} {finding.text}"
    return f"{line}\n    → {finding.advice}" if finding.advice else line
