"""What runs an installation: units, the proxy's example, health, and the word to systemd."""

import configparser
import itertools
import os
import re
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from issuer.cli import main as issuer
from kiosk.cli import main as kiosk
from shared.db import readiness, schema
from shared.db.session import open_registry
from shared.supervised import notify, supervised
from shared.web.health import create_health
from tests.served import served
from verifier.cli import main as verifier

CONFIG = Path(__file__).parents[2] / "config"
UNITS = sorted((CONFIG / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
ONLY_READ = ("keys", "ca")
DEVICES = {"v4l": ["video4linux"], "serial": ["ttyUSB", "ttyACM"], "input": ["input"]}
"""What lies in each folder of /dev, as systemd calls it."""
PROGRAMS = {"issuer": issuer, "kiosk": kiosk, "verifier": verifier}


def section(unit: Path, name: str) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return dict(parser[name])


def all_of(unit: Path, option: str) -> list[str]:
    """Every value of an option that may stand more than once."""
    return re.findall(rf"^{option}=-?(.+)$", unit.read_text(), re.MULTILINE)


def paths_named_in(name: str) -> dict[str, str]:
    """Every path of sample settings by its key, also what is commented out."""
    text = (CONFIG / name).read_text()
    named = re.findall(r'^(?:# ?)?(\w+) = "(?:sqlite:///)?(/[^"]+)"', text, re.MULTILINE)
    return dict(named) | (paths_named_in("verifier.toml") if name == "kiosk.toml" else {})


@pytest.mark.parametrize("unit", SERVICES, ids=lambda u: u.name)
def test_every_unit_starts_a_command_there_is_and_is_shut_in(unit: Path) -> None:
    service = section(unit, "Service")
    found = re.search(r"/(issuer|kiosk|verifier) ([a-z]+) ", service["ExecStart"])
    assert found is not None
    assert found[2] in PROGRAMS[found[1]].commands
    for option in ("ProtectSystem", "NoNewPrivileges", "RestrictNamespaces", "SystemCallFilter"):
        assert service[option], option
    assert (service["User"], service["CapabilityBoundingSet"]) == ("uketori", "")
    if service["Type"] == "notify":
        assert (service["WatchdogSec"], service["Restart"]) == ("60", "always")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda u: u.name)
def test_a_unit_may_use_every_path_that_its_sample_settings_name(unit: Path) -> None:
    service = section(unit, "Service")
    [name] = re.findall(r"--config /etc/uketori/([a-z.]+)", service["ExecStart"])
    writable = [f"/var/lib/{service['StateDirectory']}", *all_of(unit, "ReadWritePaths")]
    named = paths_named_in(name)
    if service["Type"] == "oneshot":
        named.pop("checkpoint_copy")  # written by who watches over the journal
    assert {"registry", "keys"} <= set(named)
    for key, path in named.items():
        if not path.startswith("/dev/"):
            allowed = ["/etc/uketori"] if key in ONLY_READ else writable
            assert any(Path(path).is_relative_to(folder) for folder in allowed), (key, path)


def test_the_windows_unit_may_use_every_kind_of_device_that_its_sample_settings_name() -> None:
    folders = set(re.findall(r"/dev/(\w+)/", (CONFIG / "kiosk.toml").read_text()))
    kinds = {f"char-{kind} rw" for folder in folders for kind in DEVICES[folder]}
    assert kinds == set(all_of(CONFIG / "systemd" / "uketori-kiosk.service", "DeviceAllow"))


def test_a_night_leaves_five_weeks_of_backups_and_nothing_else_is_touched(tmp_path: Path) -> None:
    unit = (CONFIG / "systemd" / "uketori-backup.service").read_text()
    [after] = re.findall(r"^ExecStartPost=(.*)$", unit, re.M)
    day = 24 * 3600
    for name, days in {"2026-11-30.backup": 0, "2026-10-28.backup": 34, "2026-10-25.backup": 36,
                       "registry.db": 400, "before-moving.backup": 400}.items():  # fmt: skip
        path = tmp_path / name
        path.write_bytes(b"a backup")
        os.utime(path, (time.time() - days * day,) * 2)
    subprocess.run(
        shlex.split(after), check=True, env=os.environ | {"STATE_DIRECTORY": str(tmp_path)}
    )
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"2026-11-30.backup", "2026-10-28.backup", "registry.db", "before-moving.backup"}


def test_systemd_finds_nothing_wrong_with_the_units() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    told = subprocess.run(
        ["systemd-analyze", "verify", *map(str, UNITS)], capture_output=True, text=True
    )
    ours = [line for line in told.stderr.splitlines() if "uketori" in line]
    assert [line for line in ours if "is not executable" not in line] == []


@pytest.mark.parametrize("name", ["issuer", "verifier", "kiosk"])
def test_systemd_finds_a_unit_little_exposed(name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    unit = CONFIG / "systemd" / f"uketori-{name}.service"
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=40", str(unit)],
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout[-200:]


def test_nginx_takes_the_example(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("there is no nginx here: ./run test installs it where no systemd starts it")
    text = (CONFIG / "nginx" / "uketori.conf").read_text()
    for name in ("portal", "registry"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", f"/CN={name}",
             "-keyout", tmp_path / f"{name}.key", "-out", tmp_path / f"{name}.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
    text = text.replace("/etc/uketori/tls", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    high_ports = re.sub(r"(?<=listen )(\[::\]:)?(80|443)\b", r"\g<1>20\2", text)  # not as root
    (tmp_path / "nginx.conf").write_text(
        f"error_log stderr;\npid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{high_ports}\n}}\n"
    )
    told = subprocess.run(
        [nginx, "-t", "-c", tmp_path / "nginx.conf", "-p", tmp_path], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    assert "warn" not in told.stderr


def test_the_example_is_the_same_for_every_nginx() -> None:
    """HTTP/2 is asked for in two ways: one is warned of since 1.25.1, one unknown before."""
    lines = (CONFIG / "nginx" / "uketori.conf").read_text().splitlines()
    assert [line for line in lines if "http2" in line and not line.startswith("#")] == []


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket on which systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


def app_of(*lacking: str) -> Flask:
    app = Flask("health")
    app.register_blueprint(create_health(lambda: lacking))
    return app


def test_systemd_is_told_that_a_process_is_ready_lives_and_stops(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    with served(app_of()) as address:
        with supervised("127.0.0.1", int(address.rsplit(":", 1)[1])):
            told = [systemd.recv(100) for _ in range(3)]
        assert told == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        while (last := systemd.recv(100)) == b"WATCHDOG=1":
            pass
    assert last == b"STOPPING=1"


def test_a_process_that_does_not_answer_is_not_called_alive(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with supervised("127.0.0.1", taken.getsockname()[1]):
            assert systemd.recv(100) == b"READY=1"
            while "no answer from" not in caplog.text:
                pass
    assert systemd.recv(100) == b"STOPPING=1"


def test_one_late_answer_leaves_no_gap_as_long_as_the_watchdogs_time(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watched, asked, late = 3.0, itertools.count(1), threading.Event()
    app = Flask("busy")

    @app.get("/healthz")
    def healthz() -> str:
        if next(asked) == 2:
            late.wait(30)
        return "ok"

    monkeypatch.setenv("WATCHDOG_USEC", str(int(watched * 1_000_000)))
    with served(app) as address, supervised("127.0.0.1", int(address.rsplit(":", 1)[1])):
        assert systemd.recv(100) == b"READY=1"
        beats = []
        for _ in range(3):
            assert systemd.recv(100) == b"WATCHDOG=1"
            beats.append(time.monotonic())
        late.set()
    assert "no answer from" in caplog.text
    assert max(after - before for before, after in itertools.pairwise(beats)) < watched


def test_without_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    with supervised("127.0.0.1", 1):
        pass


def test_health_and_readiness_answer_apart() -> None:
    client = app_of("registry", "keys").test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")
    lacking = client.get("/readyz")
    assert (lacking.status_code, lacking.text) == (503, "not ready: keys registry\n")
    assert lacking.headers["Cache-Control"] == "no-store"
    assert app_of().test_client().get("/readyz").text == "ready\n"


def test_a_registry_is_ready_when_its_tables_are_as_new_as_the_program(tmp_path: Path) -> None:
    sessions = open_registry(f"sqlite:///{tmp_path}/registry.db")
    assert list(readiness.lacking(sessions)) == ["revision"]
    schema.upgrade(sessions, "0003")
    assert list(readiness.lacking(sessions)) == ["revision"]
    schema.upgrade(sessions)
    assert list(readiness.lacking(sessions)) == []
    with schema.migrating(sessions) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    assert list(readiness.lacking(sessions)) == [], "newer tables come before the newer program"
    sessions.kw["bind"].dispose()
    away = open_registry("postgresql+psycopg://127.0.0.1:1/none")
    assert list(readiness.lacking(away)) == ["registry"]
    away.kw["bind"].dispose()
