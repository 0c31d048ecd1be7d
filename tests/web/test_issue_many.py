"""`issuer issue-many` as an office uses it in the morning: a list, a folder, a report."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from issuer.cli import main
from kiosk.reading.pages import read_page
from shared.db.session import open_registry
from shared.db.tables import IssuedSheet
from shared.key_files import make_keys
from tests.issuer_world import RECEIVER, a_press, make_world
from tests.paper import rendered

SETTINGS = 'registry = "sqlite:///{0}/registry.db"\nsystem_id = "tests"\nkeys = "keys/issuer"\n'
HEADER = "purpose,procedure,receiver_name,password_file"
GOOD_ROW = f"authentication,1,{RECEIVER},password.txt"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with settings, keys, a password file and a registry."""
    make_world(tmp_path, a_press()).sessions.kw["bind"].dispose()
    make_keys(tmp_path / "keys", datetime.now(UTC))
    (tmp_path / "password.txt").write_text("mihon-no-himitsu\n")
    (tmp_path / "issuer.toml").write_text(SETTINGS.format(tmp_path))
    return tmp_path


def run(office: Path, *rows: str, header: str = HEADER, **options: str) -> Result:
    """Issue a list; `options` as on the command line, `encoding` of the list."""
    text = "\r\n".join((header, *rows)) + "\r\n"
    (office / "list.csv").write_bytes(text.encode(options.pop("encoding", "utf-8")))
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    return again(office, *given)


def again(office: Path, *options: str) -> Result:
    arguments = [str(office / "list.csv"), "--out-dir", str(office / "out"),
                 "--config", str(office / "issuer.toml"), *options]  # fmt: skip
    return CliRunner().invoke(main, ["issue-many", *arguments])


def refused(office: Path) -> list[tuple[str, str, str]]:
    content = (office / "out/refused.csv").read_text("utf-8-sig")
    header, *rows = csv.reader(content.splitlines())
    assert header == ["line", "field", "reason"]
    return [(line, field, reason) for line, field, reason in rows]


def issued(office: Path) -> int:
    sessions = open_registry(f"sqlite:///{office / 'registry.db'}")
    with sessions() as session:
        count = session.scalar(select(func.count()).select_from(IssuedSheet)) or 0
    sessions.kw["bind"].dispose()
    return count


def files(office: Path) -> list[str]:
    return sorted(path.name for path in (office / "out").iterdir() if path.name != "refused.csv")


def test_every_row_becomes_a_file_that_reads_back_to_its_stored_code(office: Path) -> None:
    result = run(office, GOOD_ROW, f"registration,,{RECEIVER},password.txt")
    assert result.exit_code == 0, result.output
    written = [Path(line) for line in result.stdout.splitlines()]
    assert [path.name for path in written] == files(office)
    texts = {read_page(rendered(path.read_bytes(), 150)).codes[0].text for path in written}
    sessions = open_registry(f"sqlite:///{office / 'registry.db'}")
    with sessions() as session:
        assert texts == set(session.scalars(select(IssuedSheet.text)))
    sessions.kw["bind"].dispose()
    assert refused(office) == []
    assert "2 issued, 0 kept as they were, 0 refused" in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_list_may_come_from_any_spreadsheet_with_japanese_words(
    office: Path, encoding: str
) -> None:
    header = "受取者名,使用目的,手続種別,パスワードファイル"
    result = run(
        office, f"{RECEIVER},認証用,継続検査,password.txt", header=header, encoding=encoding
    )
    assert result.exit_code == 0, result.output
    assert len(files(office)) == 1


def test_bad_rows_are_reported_with_line_field_and_reason_and_good_ones_issued(
    office: Path,
) -> None:
    (office / "short.txt").write_text("short\n")
    rows = (
        "authentication,,見本　太郎,password.txt",
        GOOD_ROW,
        "authentication,3,見本　太郎,password.txt",
        "nothing,1,😀,missing.txt",
        "registration,,見本😀,short.txt",
        '"registration",,"見本\n花子",password.txt',
        "registration,,見本　太郎",
        "",
        "registration,,見本　太郎,",
    )
    result = run(office, *rows)
    assert result.exit_code == 1
    assert refused(office) == [
        ("2", "procedure", "手続種別を選択してください"),
        ("4", "procedure", "選んだ手続種別は受け付けていません。ほかの手続種別を選択してください"),
        ("5", "password_file", "パスワードのファイルを読めません"),
        ("6", "receiver_name", "受取者名に使えない文字があります：「😀」"),
        ("6", "password_file", "パスワードは8文字以上で入力してください"),
        ("7", "receiver_name", "受取者名に使えない文字があります：「U+000A」"),
        ("9", "row", "列の数が見出しと違います"),
        ("11", "password_file", "パスワードを入力してください"),
    ]
    assert issued(office) == len(files(office)) == 1
    assert "1 issued, 0 kept as they were, 7 refused" in result.stderr


def test_one_password_file_may_serve_all_rows(office: Path) -> None:
    result = run(
        office, f"authentication,1,{RECEIVER}", header="purpose,procedure,receiver_name",
        password_file=str(office / "password.txt"),
    )  # fmt: skip
    assert result.exit_code == 0, result.output


def test_a_second_run_keeps_what_is_there_and_goes_on(office: Path) -> None:
    run(office, GOOD_ROW)
    before = (office / "out" / files(office)[0]).read_bytes()
    result = run(office, GOOD_ROW, f"authentication,2,{RECEIVER},password.txt")
    assert "1 issued, 1 kept as they were" in result.stderr
    assert (office / "out" / files(office)[0]).read_bytes() == before
    assert issued(office) == len(files(office)) == 2


def test_a_changed_row_is_another_file_and_overwriting_is_asked_for(office: Path) -> None:
    run(office, GOOD_ROW)
    run(office, "authentication,1,見本　花子,password.txt")
    assert len(files(office)) == 2
    before = {name: (office / "out" / name).read_bytes() for name in files(office)}
    assert "1 issued, 0 kept" in again(office, "--overwrite").stderr
    changed = [n for n, content in before.items() if (office / "out" / n).read_bytes() != content]
    assert len(changed) == 1


def test_file_names_say_nothing_about_people_unless_asked(office: Path) -> None:
    run(office, GOOD_ROW)
    [name] = files(office)
    assert name.startswith("00002-authentication-")
    assert name.isascii()
    again(office, "--with-names", "--format=svg")
    assert any("見本行政書士事務所_試験_太郎" in name for name in files(office))


def test_neither_name_nor_password_is_told_on_the_way(office: Path) -> None:
    result = run(office, GOOD_ROW, "registration,,見本😀,password.txt")
    said = result.output + (office / "out/refused.csv").read_text("utf-8-sig")
    assert "試験" not in said
    assert "himitsu" not in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"purpose,procedure\r\n", "names no column receiver_name"),
        (b"purpose,receiver_name,passwort\r\n", "unknown column 'passwort'"),
        (b"purpose,receiver_name,purpose\r\n", "named twice"),
        (b"purpose,receiver_name\r\n\"a,b", "line 2"),
        (b"\x81 ", "neither UTF-8 nor cp932"),
        (b"", "names no column purpose"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_wrong_usage_and_nothing_is_written(
    office: Path, content: bytes, said: str
) -> None:
    (office / "list.csv").write_bytes(content)
    result = again(office)
    assert result.exit_code == 2
    assert said in result.output
    assert not (office / "out").exists()


def test_an_empty_registry_is_one_line(office: Path) -> None:
    (office / "registry.db").unlink()
    result = run(office, GOOD_ROW)
    assert result.exit_code == 3
    assert "registry cannot be used" in result.output


def test_a_run_that_breaks_off_tells_how_far_it_came(office: Path) -> None:
    run(office, GOOD_ROW, "registration,,,password.txt", f"registration,,{RECEIVER},password.txt")
    (office / "out" / f"{files(office)[1]}.part").mkdir()
    result = again(office, "--overwrite")
    assert result.exit_code == 3
    assert "1 issued, 0 kept as they were, 1 refused" in result.stderr
    assert [line for line, _, _ in refused(office)] == ["3"]


def test_a_folder_that_cannot_be_written_is_one_line(office: Path) -> None:
    (office / "out").write_text("no folder")
    result = run(office, GOOD_ROW)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_progress_comes_by_the_hundred_where_nobody_watches(office: Path) -> None:
    result = run(office, *["registration,,,password.txt"] * 250)
    assert [line for line in result.stderr.splitlines() if " of 250 rows" in line] == [
        f"{rows} of 250 rows" for rows in (100, 200, 250)
    ]


def test_help_documents_the_columns(office: Path) -> None:
    shown = CliRunner().invoke(main, ["issue-many", "--help"]).output
    for word in ("receiver_name", "受取者名", "password_file", "refused.csv", "Exit codes"):
        assert word in shown
