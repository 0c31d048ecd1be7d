"""Examines what Debian installed: the library that reads codes, and the fonts of the screens."""

import ctypes
import ctypes.util
import shutil
import subprocess
from pathlib import Path

from kiosk.doctor.finding import Finding, fault, fine, warning

ZBAR_MENDED = "0.23.92-7+deb12u1"
"""The first Debian package without CVE-2023-40889 and CVE-2023-40890: a picture could take over."""
_ZBAR_UPSTREAM = (0, 23, 93)
_PACKAGES = ("libzbar0t64", "libzbar0")
FONTS = {"BIZUDPGothic": "fonts-morisawa-bizud-gothic", "NotoSansCJK": "fonts-noto-cjk"}
"""Beginning of a font's file names → the package that has it."""
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_SECONDS = 10


def examine_zbar(packages: Path | None = None) -> Finding:
    """Whether the library has the known holes. `packages`: another folder than dpkg's own."""
    installed = _package_version(packages)
    if installed is not None:
        return _judged(installed, mended=_is_at_least(installed, ZBAR_MENDED))
    loaded = _loaded_version()
    if loaded is None:
        return fault("zbar", "libzbar が見つかりません", "apt-get install libzbar0 を実行する")
    return _judged(".".join(map(str, loaded)), mended=loaded >= _ZBAR_UPSTREAM)


def _judged(version: str, *, mended: bool) -> Finding:
    if mended:
        return fine("zbar", f"libzbar {version}")
    return warning(
        "zbar",
        f"libzbar {version} には既知の脆弱性があります（CVE-2023-40889、CVE-2023-40890）",
        f"apt-get update のあと apt-get install libzbar0 で {ZBAR_MENDED} 以降にする",
    )


def _package_version(packages: Path | None) -> str | None:
    if not shutil.which("dpkg-query"):
        return None
    where = [f"--admindir={packages}"] if packages else []
    for package in _PACKAGES:
        asked = ["dpkg-query", *where, "-W", "-f=${db:Status-Status} ${Version}", package]
        answer = _run(asked)
        if answer.stdout.startswith("installed "):
            return answer.stdout.removeprefix("installed ").strip()
    return None


def _is_at_least(version: str, least: str) -> bool:
    return _run(["dpkg", "--compare-versions", version, "ge", least]).returncode == 0


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own arguments; a version is data to dpkg
        command, capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def _loaded_version() -> tuple[int, int, int] | None:
    name = ctypes.util.find_library("zbar")
    if name is None:
        return None
    numbers = [ctypes.c_uint() for _ in range(3)]
    ctypes.CDLL(name).zbar_version(*map(ctypes.byref, numbers))
    major, minor, patch = (number.value for number in numbers)
    return major, minor, patch


def examine_fonts(folders: tuple[Path, ...] = FONT_FOLDERS) -> list[Finding]:
    """Whether names are drawn as people write them: 髙 and 𠮷 need fonts that have them."""
    files = [path.name for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [_font(name, package, files) for name, package in FONTS.items()]


def _font(name: str, package: str, files: list[str]) -> Finding:
    if any(file.startswith(name) for file in files):
        return fine("font", f"フォント {name}")
    return warning(
        "font",
        f"フォント {name} がありません（画面の氏名の文字が欠けることがあります）",
        f"apt-get install {package} を実行する",
    )
