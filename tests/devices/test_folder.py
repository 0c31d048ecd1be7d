"""The watched folder, on a real one."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hardware.folder import Outcome, Rests, WatchedFolder
from hardware.pictures import UnreadablePicture
from hardware.put_away import PutAway
from hardware.scan import Cause, DeviceClosed, DeviceLost
from kiosk.reading.pages import read_page
from tests.media import OURS, a_sheet, write, write_pdf

QUICK = Rests(usual=0.2, doubted=1.0, empty=1.5)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture
def folder(inbox: Path) -> WatchedFolder:
    return WatchedFolder(inbox, QUICK)


def test_a_dropped_picture_is_given_once_and_put_away(folder: WatchedFolder, inbox: Path) -> None:
    write(inbox / "sheet.png", a_sheet())
    dropped = folder.read(2)
    assert dropped is not None
    assert [code.text for page in dropped.pages() for code in read_page(page).codes] == [OURS]
    assert folder.read(0.6) is None
    assert folder.finish(dropped, Outcome.DONE) == inbox / "done" / "sheet.png"
    assert folder.read(0.6) is None
    assert not (inbox / "sheet.png").exists()


def test_a_pdf_is_given_page_by_page(folder: WatchedFolder, inbox: Path) -> None:
    write_pdf(inbox / "two.pdf", [OURS, OURS])
    dropped = folder.read(2)
    assert dropped is not None
    assert len(list(dropped.pages())) == 2


def test_a_growing_file_is_left_until_it_rests(folder: WatchedFolder, inbox: Path) -> None:
    with (inbox / "scan.png").open("wb") as file:
        for _ in range(4):
            file.write(b"x" * 1000)
            file.flush()
            assert folder.read(0.12) is None
    assert folder.read(2) is not None


def test_what_is_no_picture_is_given_too_so_that_it_can_be_rejected(
    folder: WatchedFolder, inbox: Path
) -> None:
    (inbox / "note.txt").write_text("hello")
    dropped = folder.read(2)
    assert dropped is not None
    with pytest.raises(UnreadablePicture):
        list(dropped.pages())
    assert folder.finish(dropped, Outcome.REJECTED, "画像ではありません") == (
        inbox / "rejected" / "note.txt"
    )
    assert (inbox / "rejected" / "note.txt.理由.txt").read_text("utf-8") == "画像ではありません\n"


def test_an_older_file_of_that_name_is_never_replaced(folder: WatchedFolder, inbox: Path) -> None:
    kept = []
    for content in ("one", "two", "three"):
        (inbox / "sheet.png").write_text(content)
        dropped = folder.read(2)
        assert dropped is not None
        kept.append(folder.finish(dropped, Outcome.DONE))
    assert [path.name for path in kept if path] == ["sheet.png", "sheet-2.png", "sheet-3.png"]
    assert [path.read_text() for path in kept if path] == ["one", "two", "three"]


def test_the_same_name_again_is_a_new_presentation(folder: WatchedFolder, inbox: Path) -> None:
    for _ in range(2):
        (inbox / "sheet.png").write_text("x")
        dropped = folder.read(2)
        assert dropped is not None
        folder.finish(dropped, Outcome.DONE)


@pytest.mark.parametrize("name", [".hidden.png", "scan.png.part", "scan.pdf.crdownload"])
def test_unfinished_files_are_left_alone(folder: WatchedFolder, inbox: Path, name: str) -> None:
    (inbox / name).write_text("x")
    assert folder.read(0.6) is None


def test_the_oldest_comes_first(folder: WatchedFolder, inbox: Path) -> None:
    for name, age in (("b.png", 20), ("a.png", 10), ("c.png", 30)):
        (inbox / name).write_text(name)
        os.utime(inbox / name, (time.time() - age,) * 2)
    names = [dropped.path.name for _ in range(3) if (dropped := folder.read(2))]
    assert names == ["c.png", "b.png", "a.png"]


def test_a_file_taken_away_meanwhile_is_no_error(folder: WatchedFolder, inbox: Path) -> None:
    (inbox / "sheet.png").write_text("x")
    dropped = folder.read(2)
    assert dropped is not None
    dropped.path.unlink()
    assert folder.finish(dropped, Outcome.DONE) is None
    assert list((inbox / "done").iterdir()) == []


def test_a_link_is_not_followed(folder: WatchedFolder, inbox: Path, tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.png", a_sheet())
    (inbox / "link.png").symlink_to(secret)
    dropped = folder.read(2)
    assert dropped is not None
    with pytest.raises(UnreadablePicture) as error:
        list(dropped.pages())
    assert error.value.code == "not_a_file"
    folder.finish(dropped, Outcome.REJECTED)
    assert secret.exists()


def test_a_folder_that_vanishes_is_lost_and_comes_back(folder: WatchedFolder, inbox: Path) -> None:
    shutil.rmtree(inbox)
    with pytest.raises(DeviceLost):
        folder.read(0.1)
    inbox.mkdir()
    (inbox / "sheet.png").write_text("x")
    dropped = folder.read(2)
    assert dropped is not None
    assert folder.finish(dropped, Outcome.DONE) == inbox / "done" / "sheet.png"


def test_a_closed_folder_reads_no_more(folder: WatchedFolder) -> None:
    folder.close()
    folder.close()
    with pytest.raises(DeviceClosed):
        folder.read(0.1)


def test_a_name_laid_down_before_the_picture_is_left_for_long(
    folder: WatchedFolder, inbox: Path
) -> None:
    (inbox / "sheet.png").touch()
    assert folder.read(1.0) is None
    write(inbox / "sheet.png", a_sheet())
    dropped = folder.read(1.0)
    assert dropped is not None
    assert len(list(dropped.pages())) == 1


def test_an_empty_file_that_nobody_writes_is_given_in_the_end(
    folder: WatchedFolder, inbox: Path
) -> None:
    (inbox / "sheet.png").touch()
    began = time.monotonic()
    dropped = folder.read(4)
    assert dropped is not None
    assert time.monotonic() - began >= QUICK.empty
    assert not folder.doubt(dropped)


def test_a_doubted_file_is_given_again_after_a_change_and_once_more_when_it_has_rested(
    folder: WatchedFolder, inbox: Path
) -> None:
    (inbox / "sheet.png").write_bytes(b"half")
    first = folder.read(1)
    assert first is not None
    assert folder.doubt(first)
    assert folder.read(0.4) is None, "it has not rested yet"
    (inbox / "sheet.png").write_bytes(b"half and a little")
    changed = time.monotonic()
    again = folder.read(1)
    assert again is not None
    assert time.monotonic() - changed < QUICK.doubted
    assert folder.doubt(again)
    last = folder.read(2)
    assert last is not None
    assert not folder.doubt(last)


def test_a_file_that_grew_while_it_was_looked_at_is_not_given_up(
    folder: WatchedFolder, inbox: Path
) -> None:
    (inbox / "sheet.png").touch()
    dropped = folder.read(3)
    assert dropped is not None
    (inbox / "sheet.png").write_bytes(b"x")
    assert folder.doubt(dropped)
    assert folder.read(1) is not None


def test_a_folder_that_cannot_be_made_is_lost_and_made_as_soon_as_it_can(tmp_path: Path) -> None:
    (tmp_path / "share").write_text("a file where a folder should be")
    folder = WatchedFolder(tmp_path / "share" / "inbox", QUICK)
    with pytest.raises(DeviceLost) as lost:
        folder.read(0.1)
    assert lost.value.cause is Cause.MISSING
    (tmp_path / "share").unlink()
    assert folder.read(0.1) is None
    assert (tmp_path / "share" / "inbox" / "done").is_dir()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_folder_nothing_can_be_put_into_is_lost_before_a_sheet_is_given(
    inbox: Path, folder: WatchedFolder, outcome: Outcome
) -> None:
    write(inbox / "sheet.png", a_sheet())
    (inbox / outcome).rmdir()
    (inbox / outcome).write_text("a file where a folder should be")
    with pytest.raises(DeviceLost) as lost:
        folder.read(1)
    assert lost.value.cause is Cause.UNWRITABLE
    (inbox / outcome).unlink()
    assert folder.read(1) is not None


@pytest.fixture
def nobodys_inbox() -> Iterator[Path]:
    """Without the powers of root, which passes every lock by."""
    root = os.geteuid() == 0
    with TemporaryDirectory() as made:
        inbox = Path(made)
        if root:
            os.chown(inbox, 65534, 65534)
            os.seteuid(65534)
        yield inbox
        if root:
            os.seteuid(0)


def test_a_folder_this_user_may_not_write_is_lost_until_he_may(nobodys_inbox: Path) -> None:
    folder = WatchedFolder(nobodys_inbox, QUICK)
    (nobodys_inbox / "sheet.png").write_text("x")
    nobodys_inbox.chmod(0o555)
    with pytest.raises(DeviceLost) as lost:
        folder.read(1)
    assert lost.value.cause is Cause.UNWRITABLE
    nobodys_inbox.chmod(0o755)
    assert folder.read(1) is not None


def test_a_file_that_cannot_be_put_away_is_lost_and_can_be_put_away_later(
    inbox: Path, folder: WatchedFolder
) -> None:
    write(inbox / "sheet.png", a_sheet())
    dropped = folder.read(1)
    assert dropped is not None
    (inbox / "done").rmdir()
    (inbox / "done").write_text("a file where a folder should be")
    with pytest.raises(DeviceLost) as lost:
        folder.finish(dropped, Outcome.DONE)
    assert lost.value.cause is Cause.UNWRITABLE
    (inbox / "done").unlink()
    assert folder.finish(dropped, Outcome.DONE) == inbox / "done" / "sheet.png"


def test_what_was_put_away_is_removed_when_its_days_are_over(inbox: Path) -> None:
    """Its age counts from when it came there, whatever time its writer gave it."""
    folder = WatchedFolder(inbox, QUICK, keep=timedelta(seconds=0.5))
    for name, outcome in (("seen.png", Outcome.DONE), ("odd.png", Outcome.REJECTED)):
        path = write(inbox / name, a_sheet())
        os.utime(path, (0, 0))
        dropped = folder.read(2)
        assert dropped is not None
        folder.finish(dropped, outcome, "" if outcome is Outcome.DONE else "why")
    waiting = write(inbox / "waiting.png", a_sheet())
    assert sorted(path.name for path in inbox.glob("*/*")) == [
        "odd.png", "odd.png.理由.txt", "seen.png",
    ]  # fmt: skip
    time.sleep(0.6)
    folder.tidy()
    assert list(inbox.glob("*/*")) == []
    assert waiting.exists()


def test_what_is_kept_is_looked_at_once_an_hour_and_goes_after_its_days(tmp_path: Path) -> None:
    done, began = tmp_path / "done", time.time()
    done.mkdir()
    (done / "a folder of somebody's").mkdir()
    (done / "sheet.png").touch()
    now = began + 6.99 * 24 * 3600
    put_away = PutAway([done, tmp_path / "rejected"], clock=lambda: now)
    assert put_away.remove_old() == 0
    now = began + 7.01 * 24 * 3600
    assert put_away.remove_old() == 0  # half an hour later: not looked at
    now += 3600
    assert put_away.remove_old() == 1
    assert [path.name for path in done.iterdir()] == ["a folder of somebody's"]
