"""`issuer issue` as an office uses it: a file on disk, or one line that says what is wrong."""

import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from sqlalchemy import select

from issuer.cli import main
from shared.db.session import open_registry
from shared.db.tables import IssuedSheet
from shared.key_files import make_keys
from tests.e2e.counter_world import STARTING_SECONDS, free_port, start, stop
from tests.issuer_world import RECEIVER, a_press, make_world
from tests.measuring import qr_codes

SETTINGS = """
registry = "sqlite:///{folder}/registry.db"
system_id = "tests"
keys = "keys/issuer"
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with settings, keys, a password file and a registry."""
    make_world(tmp_path, a_press()).sessions.kw["bind"].dispose()
    make_keys(tmp_path / "keys", datetime.now(UTC))
    (tmp_path / "password.txt").write_text("mihon-no-himitsu\n")
    (tmp_path / "issuer.toml").write_text(SETTINGS.format(folder=tmp_path))
    return tmp_path


def issue(office: Path, out: str, *more: str, procedure: str = "1") -> Result:
    arguments = ["issue", "authentication", "--name", RECEIVER, "--procedure", procedure,
                 "--password-file", str(office / "password.txt"), "--out", str(office / out),
                 "--config", str(office / "issuer.toml"), *more]  # fmt: skip
    return CliRunner().invoke(main, arguments)


def stored_text(office: Path) -> str:
    sessions = open_registry(f"sqlite:///{office / 'registry.db'}")
    with sessions() as session:
        [stored] = session.scalars(select(IssuedSheet))
    sessions.kw["bind"].dispose()
    return stored.text


def test_a_pdf_is_written_and_holds_the_stored_code(office: Path) -> None:
    result = issue(office, "sheet.pdf")
    assert result.exit_code == 0, result.output
    assert "検索キー 2" in result.output
    document = pypdfium2.PdfDocument(office / "sheet.pdf")
    [code] = qr_codes(document[0].render(scale=4).to_numpy())
    document.close()
    assert code.text == stored_text(office)


def test_a_picture_is_written_and_holds_the_stored_code(office: Path) -> None:
    assert issue(office, "sheet.png").exit_code == 0
    with Image.open(office / "sheet.png") as picture:
        [code] = qr_codes(np.asarray(picture))
    assert code.text == stored_text(office)


def test_a_drawing_is_written(office: Path) -> None:
    assert issue(office, "sheet.svg").exit_code == 0
    assert (office / "sheet.svg").read_text().startswith("<svg ")


def test_what_the_form_refuses_the_command_refuses_in_the_same_words(office: Path) -> None:
    result = issue(office, "sheet.pdf", procedure="")
    assert result.exit_code == 1
    assert result.output == "Error: 手続種別を選択してください\n"
    assert not (office / "sheet.pdf").exists()


def test_an_unknown_kind_of_file_is_wrong_usage(office: Path) -> None:
    result = issue(office, "sheet.docx")
    assert result.exit_code == 2
    assert ".pdf, .svg or .png" in result.output


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("issuer.toml", "registri = 1", "Extra inputs are not permitted|Field required"),
        ("issuer.toml", "registry = [", "not TOML"),
        ("keys/issuer/signing-001.pem", "no key", "signing-001.pem: not a key in PEM"),
        ("keys/issuer/lookup.key", "short", "lookup.key: a secret has at least 32 bytes"),
    ],
)
def test_a_broken_installation_is_one_line_without_a_traceback(
    office: Path, name: str, content: str, text: str
) -> None:
    (office / name).write_text(content)
    result = issue(office, "sheet.pdf")
    assert result.exit_code == 3
    assert any(part in result.output for part in text.split("|"))
    assert result.output.count("\n") == 1


def test_an_empty_registry_is_said_so(office: Path) -> None:
    (office / "registry.db").unlink()
    result = issue(office, "sheet.pdf")
    assert result.exit_code == 3
    assert "registry cannot be used" in result.output


def test_help_teaches(office: Path) -> None:
    assert "Exit codes" in CliRunner().invoke(main, ["--help"]).output
    shown = CliRunner().invoke(main, ["issue", "--help"]).output
    assert "Example" in shown
    assert "--password-file" in shown


def test_the_served_portal_has_a_page_for_what_its_server_refuses(office: Path) -> None:
    """A body of 10 MB is refused before the application sees it."""
    port = free_port()
    with (office / "issuer.toml").open("a") as settings:
        settings.write(f"port = {port}\n")
    process = start(office, "issuer", ["serve"])
    try:
        until = time.monotonic() + STARTING_SECONDS
        while "Portal: http" not in (office / "issuer.log").read_text():
            assert process.poll() is None, (office / "issuer.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /codes/new HTTP/1.0\r\nContent-Length: 10000000\r\n\r\nx")
            answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    finally:
        stop([process])
    assert answer.startswith("HTTP/1.0 413 ")
    assert "送信された内容が大きすぎます" in answer
