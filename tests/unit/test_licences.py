"""What is installed or shipped is listed with its licence, and no licence was let in unseen."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tests import audit, licences
from tests.licences import Package

LISTED = licences.listed_names(licences.FILE.read_text("utf-8"))


def test_every_package_of_every_lock_is_listed_and_none_else() -> None:
    assert {name for lock in licences.LOCKS for name in licences.locked(lock)} == set(LISTED)


def test_every_listed_licence_is_allowed() -> None:
    listed = [Package(name, "", licence) for name, licence in LISTED.items()]
    assert [one for one in listed if not one.is_allowed] == []
    assert len(listed) > 90


def test_what_is_listed_is_what_the_installed_packages_say() -> None:
    said = {name: licences.licence_of(name) for name in LISTED if _is_installed(name)}
    assert said == {name: LISTED[name] for name in said}
    assert len(said) > 80


def _is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [("MIT", True), ("GPL-3.0-only", False), ("GPL-3.0-only OR MIT", True), ("unknown", False),
     ("MIT AND Zlib", True), ("MIT AND AGPL-3.0-only", False), ("", False)],
)  # fmt: skip
def test_one_choice_is_enough_and_every_part_of_it_counts(licence: str, *, allowed: bool) -> None:
    assert Package("a", "", licence).is_allowed is allowed


def test_every_font_and_every_vendored_tool_is_listed() -> None:
    root, text = licences.ROOT, licences.FILE.read_text("utf-8")
    kinds = ("*.ttf", "*.otf", "*.ttc", "*.woff", "*.woff2")
    places = [root / name for name in ("issuer", "kiosk", "shared", "verifier", "config", "tests")]
    fonts = {path for place in places for kind in kinds for path in place.rglob(kind)}
    vendored = {path for path in (root / "tests/vendor").iterdir() if path.is_dir()}
    shipped = {root / path for path in licences.SHIPPED}
    assert fonts | vendored <= shipped
    assert all(path.exists() for path in shipped)
    assert all(f"| `{path}` |" in text for path in licences.SHIPPED)
    assert {licence for _, licence in licences.SHIPPED.values()} <= licences.ALLOWED


@pytest.mark.parametrize(
    ("code", "out", "error", "said"),
    [
        (0, "", "No known vulnerabilities found", "no known weakness"),
        (1, "lib 1.0 CVE-1 2.0", "Found 1 known vulnerability in 1 package", "lib 1.0 CVE-1 2.0"),
        (1, "", "ERROR: lib: Dependency not found", "nothing is known"),
        (1, "", "", "exit code 1"),
    ],
)
def test_no_answer_is_never_taken_for_a_good_one(
    code: int, out: str, error: str, said: str
) -> None:
    done = subprocess.CompletedProcess([sys.executable], code, out, error)
    assert said in audit.said(done)
    assert ("no known weakness" in audit.said(done)) is (code == 0)


def test_a_lock_that_cannot_be_asked_about_is_not_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(licences, "ROOT", tmp_path)
    assert not audit.is_sound("there-is-no.lock", "pypi")
    assert "nothing is known" in capsys.readouterr().err
