"""`run` on machines that lack things: an apt of our own writes down what it is asked for."""

import os
import re
import shutil
import stat
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.licences import LOCKS

ROOT = Path(__file__).parents[2]
TOOLS = (
    "sh", "dirname", "cat", "printf", "grep", "sort", "tr", "tail", "mkdir", "env", "sha256sum",
    "chmod",
)  # fmt: skip
LIBRARIES = ("libzbar.so.0", "libGL.so.1", "libglib-2.0.so.0", "libatomic.so.1")


@dataclass
class Machine:
    """A folder with `run` in it, and a PATH where only what is put there exists."""

    folder: Path
    bin: Path

    def tool(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def has_libraries(self, *names: str) -> None:
        listed = "".join(f"\t{name} (libc6,x86-64) => /lib/{name}\n" for name in names)
        (self.folder / "libraries").write_text(listed)

    def knows_packages(self, *names: str) -> None:
        """An apt-get that notes what it installs, and then has every library."""
        known = "|".join(names) or "none"
        self.tool("apt-cache", f'case $2 in {known}) echo "Package: $2" ;; *) exit 100 ;; esac')
        every = "".join(f"\\t{name} (libc6) => x\\n" for name in LIBRARIES)
        self.tool(
            "apt-get",
            f'echo "$@" >>"{self.folder}/apt.log"\n'
            f'case "$*" in *install*) printf "{every}" >"{self.folder}/libraries" ;; esac',
        )

    def asked_of_apt(self) -> str:
        log = self.folder / "apt.log"
        return log.read_text() if log.exists() else ""

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/sh", self.folder / "run", *arguments],
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that has Python's environment, lacks libraries, and where we are root."""
    machine = Machine(tmp_path / "a folder", tmp_path / "bin")
    machine.folder.mkdir()
    machine.bin.mkdir()
    for name in ("run", *LOCKS):
        shutil.copy(ROOT / name, machine.folder)
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (machine.bin / name).symlink_to(found)
    machine.tool("id", "echo 0")
    machine.tool("ldconfig", f"cat '{machine.folder}/libraries'")
    machine.has_libraries()
    environment = machine.folder / ".venv" / "bin"
    environment.mkdir(parents=True)
    (environment.parent / "lib").mkdir()
    python = environment / "python"
    python.write_text(
        f"#!/bin/sh\necho \"$@\" >>'{machine.folder}/python.log'\n"
        f"case \"$2\" in *sysconfig*) echo '{environment.parent}/lib' ;; esac\n"
    )
    python.chmod(0o755)
    return machine


def packages(machine: Machine) -> list[str]:
    (line,) = [line for line in machine.asked_of_apt().splitlines() if " install " in line]
    return line.split("--no-install-recommends ")[1].split()


@pytest.mark.parametrize(
    ("known", "installed"),
    [
        (("libzbar0", "libgl1", "libglib2.0-0"), ["libgl1", "libglib2.0-0", "libzbar0"]),
        (
            ("libzbar0t64", "libgl1", "libglib2.0-0t64", "libglib2.0-0"),
            ["libgl1", "libglib2.0-0t64", "libzbar0t64"],
        ),
    ],
    ids=["debian 12", "debian 13"],
)
def test_missing_libraries_are_installed_by_the_names_of_this_debian(
    machine: Machine, known: tuple[str, ...], installed: list[str]
) -> None:
    machine.knows_packages(*known)
    done = machine.run("setup")
    assert packages(machine) == installed
    assert "libzbar.so.0, which reads the codes" in done.stderr


def test_a_library_that_is_there_is_not_installed_again(machine: Machine) -> None:
    machine.has_libraries("libGL.so.1", "libglib-2.0.so.0")
    machine.knows_packages("libzbar0", "libgl1")
    machine.run("setup")
    assert packages(machine) == ["libzbar0"]


def test_without_root_and_sudo_it_says_what_to_ask_for(machine: Machine) -> None:
    machine.tool("id", "echo 1000")
    machine.knows_packages("libzbar0")
    done = machine.run("setup")
    assert done.returncode == 1
    assert "apt-get install libzbar0 libgl1 libglib2.0-0" in done.stderr.splitlines()[-1]
    assert machine.asked_of_apt() == ""


def test_without_apt_it_names_what_is_missing(machine: Machine) -> None:
    machine.has_libraries("libGL.so.1", "libglib-2.0.so.0")
    done = machine.run("setup")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("start again: libzbar0")


def test_a_failed_installation_shows_the_end_of_its_log(machine: Machine) -> None:
    machine.knows_packages("libzbar0")
    machine.tool("apt-get", 'case "$*" in *install*) echo "E: no room on disk"; exit 100 ;; esac')
    done = machine.run("setup")
    assert done.returncode == 1
    assert "E: no room on disk" in done.stderr


def test_a_second_start_asks_neither_apt_nor_pip(machine: Machine) -> None:
    machine.has_libraries(*LIBRARIES)
    machine.tool("apt-get", f"touch '{machine.folder}/asked'")
    first = machine.run("setup")
    assert (first.returncode, "requirements.lock" in first.stderr) == (0, True)
    python = machine.folder / "python.log"
    assert "--require-hashes --only-binary :all: -r requirements.lock" in python.read_text()
    python.unlink()
    second = machine.run("setup")
    assert (second.returncode, second.stderr) == (0, "")
    assert "pip install" not in python.read_text()
    assert not (machine.folder / "asked").exists()


def test_a_changed_lock_is_installed(machine: Machine) -> None:
    machine.has_libraries(*LIBRARIES)
    machine.run("setup")
    with (machine.folder / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert "Installing the Python packages" in machine.run("setup").stderr


def test_the_three_commands_are_made_even_in_a_folder_with_a_blank(machine: Machine) -> None:
    machine.has_libraries(*LIBRARIES)
    machine.run("setup")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    python = machine.folder / "python.log"
    for name, target in declared.items():
        assert target == f"{name}.cli:main"
        script = machine.folder / ".venv" / "bin" / name
        subprocess.run([script, "--help"], check=True, timeout=10)
        assert python.read_text().splitlines()[-1] == f"{script} --help"
    assert (machine.folder / ".venv/lib/uketori.pth").read_text() == f"{machine.folder}\n"


def test_the_benchmark_of_reading_has_a_command_of_its_own(machine: Machine) -> None:
    machine.has_libraries(*LIBRARIES)
    machine.tool("fc-list", "echo NotoSansCJK BIZUDGothic")
    machine.tool("chromium", "exit 0")
    machine.tool("nginx", "exit 0")
    for arguments, started in (
        (("reading", "--quick"), "-m tests.bench.reading --quick"),
        ((), "-m pytest -m slow -s tests/bench"),
    ):
        assert machine.run("bench", *arguments).returncode == 0
        assert (machine.folder / "python.log").read_text().splitlines()[-1].rstrip() == started


def test_what_only_two_proofs_need_is_installed_by_them_alone(machine: Machine) -> None:
    machine.has_libraries(*LIBRARIES)
    machine.tool("fc-list", "echo NotoSansCJK BIZUDGothic")
    machine.tool("chromium", "exit 0")
    machine.tool("nginx", "exit 0")
    python = machine.folder / "python.log"
    for arguments, started, needs_it in (
        (("proofs", "forgery", "--texts", "9"), "-m tests.forgery_proof --texts 9", False),
        (("proofs", "fuzz", "--seconds", "9"), "-m tests.fuzz --seconds 9", True),
        (("audit", "--osv"), "-m tests.audit --osv", True),
    ):
        assert machine.run(*arguments).returncode == 0
        assert python.read_text().splitlines()[-1] == started
        assert ("-r requirements-proofs.lock" in python.read_text()) is needs_it


@pytest.mark.parametrize("starts_it", [False, True])
def test_nginx_is_installed_for_tests_where_nothing_would_start_it(
    machine: Machine, starts_it: bool
) -> None:
    machine.has_libraries(*LIBRARIES)
    machine.tool("fc-list", "echo NotoSansCJK BIZUDGothic")
    machine.tool("chromium", "exit 0")
    machine.knows_packages("nginx")
    script = machine.folder / "run"
    of_systemd = machine.folder if starts_it else machine.folder / "none"
    script.write_text(
        script.read_text()
        .replace("/run/systemd/system", f"'{of_systemd}'")
        .replace(":/usr/sbin:/sbin", "")  # where this machine has its own
    )
    machine.run("setup")
    assert machine.asked_of_apt() == "", "the demo needs none"
    machine.run("test", "tests/unit")
    assert ("--no-install-recommends nginx" in machine.asked_of_apt()) is not starts_it


def test_an_unknown_command_is_refused_with_the_list_of_commands() -> None:
    done = subprocess.run(
        [ROOT / "run", "tset"], capture_output=True, text=True, check=False, timeout=10
    )
    assert done.returncode == 2
    assert 'There is no command "tset"' in done.stderr
    assert re.search(r"^  test ", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_for_everything_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    pinned = [entry for entry in entries if not entry.startswith("#")]
    assert len(pinned) > 20
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_what_the_project_stands_on_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for name, wanted in (
        ("requirements.lock", project["project"]["dependencies"]),
        ("requirements-dev.lock", project["dependency-groups"]["dev"]),
        ("requirements-proofs.lock", project["dependency-groups"]["proofs"]),
    ):
        text = (ROOT / name).read_text()
        names = [re.split(r"[\[>=<; ]", each)[0] for each in wanted]
        assert [each for each in names if f"\n{each}==" not in f"\n{text}"] == []


def test_scripts_may_be_executed() -> None:
    assert all(os.access(ROOT / name, os.X_OK) for name in ("run", ".ci/run"))
