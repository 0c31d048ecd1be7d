"""`kiosk judge`: what the counter would answer to the sheets in a file."""

import json
from pathlib import Path

import cv2
from click.testing import CliRunner

from kiosk.cli import main
from tests.builders import WINDOW
from tests.house_folder import furnish_folder
from tests.media import FOREIGN, OTHER_OF_OURS, a_sheet, empty_page, put


def judged(folder: Path, page: object) -> tuple[int, list[str]]:
    """Exit code and lines for a page, at a window of a registry in that folder."""
    furnish_folder(folder)
    values = {"kiosk": WINDOW, "verifier": "verifier.toml", "var": "var"}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    (folder / "kiosk.toml").write_text(lines)
    file = folder / "scan.png"
    cv2.imwrite(str(file), page)  # type: ignore[call-overload]
    result = CliRunner().invoke(main, ["judge", "--config", str(folder / "kiosk.toml"), str(file)])
    return result.exit_code, [line.removeprefix(f"{file}: ") for line in result.output.splitlines()]


def test_each_sheet_of_a_page_gets_its_answer(tmp_path: Path) -> None:
    code, lines = judged(tmp_path, put(a_sheet(), OTHER_OF_OURS, 40, 12, 60))
    assert code == 1
    assert len(lines) == 2
    assert all(line.startswith("NG-") for line in lines)


def test_a_certificate_beside_a_sheet_is_not_judged(tmp_path: Path) -> None:
    code, lines = judged(tmp_path, put(a_sheet(), FOREIGN, 60, 30, 25))
    assert (code, len(lines)) == (1, 1)


def test_a_page_without_a_code_says_so(tmp_path: Path) -> None:
    assert judged(tmp_path, empty_page()) == (1, ["コードが見つかりません"])
