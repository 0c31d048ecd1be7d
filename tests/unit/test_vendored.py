"""What the tests bring along is what its authors published: nothing added, nothing changed."""

import hashlib
from pathlib import Path

import pytest

from tests.accessible import AXE, HTML_VALIDATE, VENDOR

FOLDERS = sorted(path for path in VENDOR.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_file_has_its_listed_hash_and_every_hash_its_file(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text("ascii").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert listed == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    assert any("licen" in path.as_posix().lower() for path in files), "no licence"


def test_the_tests_use_what_is_listed() -> None:
    assert {AXE.parent, HTML_VALIDATE.parent} == set(FOLDERS)
