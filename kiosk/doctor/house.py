"""Examines what the window stands on: settings, keys, registry, clock, disk."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.doctor.finding import Finding, fault, fine, warning
from kiosk.machine import CLOCK_SECONDS, LEAST_FREE, free_bytes, written_in
from kiosk.registry import registry_for
from kiosk.settings import KioskSettings
from shared.key_files import read_pinned_key_set
from shared.keys import InvalidKeys
from shared.settings import InvalidSettings
from verifier.acts import NotPermitted
from verifier.counter import LOST
from verifier.settings import VerifierSettings

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SOON = timedelta(days=30)
_MEGABYTE = 1_000_000


def examine_keys(verifier: VerifierSettings, now: datetime) -> list[Finding]:
    """Whether the keys are there, ours alone, and valid for a while."""
    folder = verifier.keys
    if not folder.is_dir():
        advice = "verifier init で作った registry フォルダーの場所を verifier.toml の keys に書く"
        return [fault("keys", f"鍵のフォルダーがありません：{folder}", advice)]
    return [*_modes(folder), _key_set(folder, now)]


def _modes(folder: Path) -> list[Finding]:
    try:
        open_to_others = [
            path for path in (folder, *folder.iterdir()) if path.stat().st_mode & _OTHERS
        ]
    except PermissionError:
        advice = f"このプログラムの利用者に {folder} を読めるようにする（chown）"
        return [fault("keys", f"鍵のフォルダーを読めません：{folder}", advice)]
    return [
        fault("key-mode", f"ほかの利用者が鍵を読めます：{path}", f"chmod go= {path} を実行する")
        for path in open_to_others
    ]


def _key_set(folder: Path, now: datetime) -> Finding:
    try:
        key_set = read_pinned_key_set(folder, now)
    except InvalidKeys as problem:
        return fault("keys", f"鍵を使えません：{problem}", "verifier の鍵の更新を行う")
    left = key_set.expires_at - now
    if left < _SOON:
        text = f"鍵の有効期限まであと {left.days} 日です"
        return warning("keys", text, "期限までに鍵を更新する")
    return fine("keys", f"鍵（有効期限まで {left.days} 日）")


def examine_registry(settings: KioskSettings) -> list[Finding]:
    """Whether the registry answers, knows this window and has the same time."""
    try:
        with registry_for(settings) as registry:
            facts = registry.counter.kiosk_facts(settings.kiosk)
            ahead = (datetime.now(UTC) - registry.counter.registry_time()).total_seconds()
    except InvalidSettings as problem:
        return [fault("registry", f"登録簿を開けません：{problem}", "上の問題を先に直す")]
    except LOST as problem:
        text = f"登録簿に接続できません（{type(problem).__name__}）"
        return [fault("registry", text, f"{_address_in(settings)}と、接続先の状態を確かめる")]
    except NotPermitted:
        text = f"登録簿に端末 {settings.kiosk} がないか、使用が止められています"
        add = "kiosk enrol" if settings.registry else "verifier kiosk add"
        return [fault("registry", text, f"{add} で登録する")]
    return [fine("registry", f"登録簿（{facts.office}・{facts.kiosk_name}）"), _clock(ahead)]


def _address_in(settings: KioskSettings) -> str:
    return "kiosk.toml の url" if settings.registry else "verifier.toml の registry"


def examine_device(folder: Path) -> list[Finding]:
    """Whether this machine is enrolled at a registry elsewhere, and keeps that to itself."""
    if not folder.is_dir():
        advice = "責任者画面で登録コードを発行し、kiosk enrol で登録する"
        return [fault("device", "この端末はまだ登録されていません", advice)]
    return _modes(folder) or [fine("device", f"端末の登録（{folder}）")]


def _clock(ahead: float) -> Finding:
    if abs(ahead) <= CLOCK_SECONDS:
        return fine("clock", f"時計（登録簿との差 {abs(ahead):.0f} 秒）")
    way = "進んで" if ahead > 0 else "遅れて"
    text = f"端末の時計が登録簿より {abs(ahead):.0f} 秒{way}います"
    return fault("clock", text, "timedatectl set-ntp true で時計を合わせる")


def examine_disk(settings: KioskSettings, least_free: int = LEAST_FREE) -> list[Finding]:
    """Whether there is room for the records."""
    findings = []
    for folder in written_in(settings):
        free = free_bytes(folder)
        text = f"空き容量 {free // _MEGABYTE:,} MB（{folder}）"
        if free >= least_free:
            findings.append(fine("disk", text))
        else:
            advice = f"{least_free // _MEGABYTE} MB 以上になるよう、不要なファイルを消す"
            findings.append(fault("disk", f"記録用の{text}が足りません", advice))
    return findings
