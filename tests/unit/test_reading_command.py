"""`kiosk read`, as a person or a script calls it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hardware.tabletop import Pose, photograph
from kiosk.read_command import read
from tests.media import (
    FOREIGN,
    OURS,
    a_certificate_with_a_sheet,
    a_sheet,
    empty_page,
    put,
    write,
    write_pdf,
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(read, [str(argument) for argument in arguments])


def test_json_gives_one_line_a_file(tmp_path: Path) -> None:
    photo = write(tmp_path / "photo.jpg", photograph(a_sheet(), Pose(turn=8, tilt=20)))
    pdf = write_pdf(tmp_path / "sheet.pdf", [OURS])
    result = run("--json", photo, pdf)
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert [line["file"] for line in lines] == [str(photo), str(pdf)]
    assert [[code["text"] for code in line["codes"]] for line in lines] == [[OURS], [OURS]]
    assert {line["engine"] for line in lines} == {"zxing-cpp"}
    assert all(set(line) == {"file", "codes", "ms", "engine"} for line in lines)


def test_corners_frame_the_code_of_a_pdf(tmp_path: Path) -> None:
    result = run("--json", write_pdf(tmp_path / "sheet.pdf", [OURS]))
    corners = json.loads(result.output)["codes"][0]["corners"]
    inch = 250 / 25.4
    expected = [(132, 8), (192, 8), (192, 68), (132, 68)]
    for (x, y), (left, top) in zip(corners, expected, strict=True):
        assert x == pytest.approx(left * inch, abs=12)
        assert y == pytest.approx(top * inch, abs=12)


def test_a_file_without_a_code_is_no_error(tmp_path: Path) -> None:
    result = run("--json", write(tmp_path / "empty.png", empty_page()))
    line = json.loads(result.output)
    assert (result.exit_code, line["codes"], line["engine"]) == (0, [], None)


def test_a_bad_file_is_told_in_one_line_and_the_others_are_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("hello")
    result = run("--json", bad, write(tmp_path / "good.png", a_sheet()))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{bad}: 画像（PNG・JPEG・TIFF・BMP・WebP）でもPDFでもありません (not_a_picture)"
    ]
    assert [code["text"] for code in json.loads(result.stdout)["codes"]] == [OURS]


def test_people_get_the_text_and_the_engine(tmp_path: Path) -> None:
    result = run(write(tmp_path / "a.png", a_certificate_with_a_sheet()))
    head, *printed = result.output.splitlines()
    assert "コード 2 個（zxing-cpp" in head
    assert printed == [f"  {OURS}", f"  {FOREIGN}"]


def test_a_foreign_code_cannot_command_the_terminal(tmp_path: Path) -> None:
    page = put(empty_page(), "\x1b[2J" + FOREIGN, 90, 40, 40)
    result = run(write(tmp_path / "a.png", page))
    assert "\x1b" not in result.output
    assert r"\x1b[2J" + FOREIGN in result.output


def test_no_file_is_a_mistake_and_help_shows_an_example() -> None:
    assert run().exit_code == 2
    assert "kiosk read --json scan.pdf photo.jpg" in run("--help").output
