"""What can be wrong with a window while it still works, in words for the clerk (K9)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from hardware.scan import Cause, DeviceLost
from shared.texts import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. Reads as its title."""

    code: str
    """Stable: shown, logged, and named by /api/state."""
    title: str
    steps: tuple[str, ...] = ()
    """What to do, in this order."""

    def __str__(self) -> str:
        return self.title


_REPLUG = "USBケーブルを差し直す"
_WAIT = "10秒待つ"
_ADMINISTRATOR = "直らなければ管理者に知らせる"
_DOCTOR = ("管理者に、kiosk doctor で端末を調べてもらう",)
CAMERA = {
    Cause.MISSING: Fault("ERR-CAM-MISSING", "カメラが見つかりません", (_REPLUG, _WAIT)),
    Cause.HELD: Fault(
        "ERR-CAM-HELD",
        "ほかのプログラムがカメラを使っています",
        ("カメラを使うほかのプログラムやブラウザーのタブを閉じる", _WAIT),
    ),
    Cause.DENIED: Fault("ERR-CAM-DENIED", "カメラを使う権限がありません", _DOCTOR),
    Cause.UNFIT: Fault("ERR-CAM-UNFIT", "設定されている機器はカメラではありません", _DOCTOR),
    Cause.SILENT: Fault("ERR-CAM-SILENT", "カメラの映像が届きません", (_REPLUG, _WAIT)),
    Cause.FROZEN: Fault("ERR-CAM-FROZEN", "カメラの映像が止まっています", (_REPLUG, _WAIT)),
    Cause.BLACK: Fault(
        "ERR-CAM-BLACK",
        "カメラの映像が真っ暗です",
        ("レンズのふたと、前に置いた物を取り除く", "照明をつける"),
    ),
}
SCANNER = {
    Cause.MISSING: Fault("ERR-SCAN-MISSING", "スキャナーが見つかりません", (_REPLUG, _WAIT)),
    Cause.HELD: Fault(
        "ERR-SCAN-HELD",
        "ほかのプログラムがスキャナーを使っています",
        ("スキャナーを使うほかのプログラムを閉じる", _WAIT),
    ),
    Cause.DENIED: Fault("ERR-SCAN-DENIED", "スキャナーを使う権限がありません", _DOCTOR),
    Cause.UNFIT: Fault("ERR-SCAN-UNFIT", "設定されている機器はスキャナーではありません", _DOCTOR),
    Cause.SILENT: Fault("ERR-SCAN-SILENT", "スキャナーが応答しません", (_REPLUG, _WAIT)),
}
WAYS = {"camera": "カメラ", "scanner": "スキャナー", "folder": "取り込みフォルダー"}
FOLDER = Fault("ERR-FOLDER", "取り込みフォルダーが見つかりません", (_ADMINISTRATOR,))
FOLDER_CLOSED = Fault("ERR-FOLDER-CLOSED", "取り込みフォルダーに書き込めません", _DOCTOR)
DISK = Fault(
    "ERR-DISK",
    "記録用の空き容量が足りません",
    ("いまの受け渡しは続けられる", "管理者に、空き容量を増やしてもらう"),
)
CLOCK = Fault("ERR-CLOCK", "端末の時計がずれています", ("管理者に、時計を合わせてもらう",))
KEYS = Fault(
    "ERR-KEYS",
    "登録簿の鍵の一覧が古いか、正しくありません（前の一覧を使い続けます）",
    ("いまの受け渡しは続けられる", "管理者に、登録簿の鍵を確かめてもらう"),
)
SLOW = Fault(
    "ERR-SLOW",
    "端末の処理が追いつかず、読み取りを見送っています",
    ("ほかのプログラムを閉じる", "用紙を動かさずに待つ", _ADMINISTRATOR),
)


def fault_of(device: str, lost: DeviceLost) -> Fault:
    """The fault that a lost device is."""
    if device == "folder":
        return FOLDER_CLOSED if lost.cause is Cause.UNWRITABLE else FOLDER
    words = CAMERA if device == "camera" else SCANNER
    fault = words.get(lost.cause, words[Cause.SILENT])
    if not lost.holder:
        return fault
    return replace(
        fault, title=Text("%(fault)s（%(holder)s）", fault=Text(fault.title), holder=lost.holder)
    )


def clock_fault(seconds: float) -> Fault:
    """The clock of this machine differs from the registry's."""
    return replace(
        CLOCK, title=Text("端末の時計が%(seconds)s秒ずれています", seconds=f"{abs(seconds):.0f}")
    )


def usable(devices: Sequence[str], lost: Container[str]) -> tuple[tuple[str, bool], ...]:
    """The ways to show a sheet to this window, and whether each works now."""
    ways = tuple((WAYS[name], name not in lost) for name in devices)
    return (*ways, ("検索キーの手入力", True))
