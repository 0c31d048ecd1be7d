"""An import killed with −9 in the middle of its work: the next one goes on, nothing is lost."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import func, select

from shared.db import schema
from shared.db.session import Sessions, open_registry
from shared.db.tables import Filing
from shared.key_files import make_keys
from tests.builders import START, furniture, own_keys
from verifier.cli import main
from verifier.journal_check import check_registry

ROWS = 60_000
SETTINGS = """
registry = "{url}"
system_id = "tests"
keys = "keys/registry"
"""


def furnished(folder: Path, url: str) -> Sessions:
    """A registry with settings and keys, and a file of filings beside it."""
    sessions = open_registry(url)
    schema.upgrade(sessions)
    with sessions.begin() as session:
        session.add_all(furniture())
    make_keys(folder / "keys", START)
    (folder / "verifier.toml").write_text(SETTINGS.format(url=url))
    with (folder / "filings.csv").open("w") as file:
        file.write("number,procedure,office,status\n")
        file.writelines(f"26{n:014d},{1 + 8 * (n % 9000 == 7)},S1,ready\n" for n in range(ROWS))
    return sessions


def again(folder: Path) -> Result:
    config = ("--config", str(folder / "verifier.toml"))
    return CliRunner().invoke(main, ["import", str(folder / "filings.csv"), *config])


def test_a_killed_import_goes_on_where_it_stopped(empty_registry_url: str, tmp_path: Path) -> None:
    sessions = furnished(tmp_path, empty_registry_url)
    program = "from verifier.cli import main; main()"
    command = [sys.executable, "-c", program, "import", "filings.csv", "--config", "verifier.toml"]
    root = Path(__file__).parents[2]
    running = subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)}, stderr=subprocess.DEVNULL
    )
    while (there := count(sessions)) == 0 and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert 0 < there < ROWS
    result = again(tmp_path)
    found = re.search(r"going on behind line (\d+)", result.output)
    assert found is not None, result.output
    assert int(found[1]) > 1
    assert result.exit_code == 1
    assert f"{ROWS // 9000 + 1} rows are not in order" in result.output
    assert count(sessions) == ROWS - ROWS // 9000 - 1
    assert "going on" not in again(tmp_path).output
    assert check_registry(sessions, publics=own_keys().checkpoint_publics).holds
    sessions.kw["bind"].dispose()


def count(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(Filing)) or 0
