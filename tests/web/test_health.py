"""What a supervisor of processes and a monitoring ask: health, readiness, measures, log lines."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from shared import logs
from tests import issuer_world, kiosk_world
from tests.builders import DESK, PASSWORD, TARO, House, house, receiver_sheet, showing, text_of
from verifier.metrics import exposition


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[kiosk_world.World]:
    yield from kiosk_world.make_world(tmp_path)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[issuer_world.World]:
    yield from issuer_world.a_world(tmp_path)


def test_a_portal_is_ready_with_its_registry_and_its_keys(portal: issuer_world.World) -> None:
    client = portal.app.test_client()
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"
    portal.clock.now += timedelta(days=400)
    assert client.get("/readyz").text == "not ready: keys\n"
    with portal.sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    assert client.get("/readyz").text == "not ready: keys revision\n"
    assert client.get("/healthz").status_code == 200


def test_a_window_is_ready_while_its_registry_and_devices_are_there(
    counter: kiosk_world.World,
) -> None:
    client = counter.app.test_client()
    assert client.get("/readyz").text == "ready\n"
    counter.sign_in()
    counter.lose_the_registry()
    counter.show_authentication()
    away = client.get("/readyz")
    assert (away.status_code, away.text) == (503, "not ready: registry\n")
    assert client.get("/healthz").status_code == 200


def measured(at: House) -> dict[tuple[str, str], float]:
    families = text_string_to_metric_families(exposition(at.installation).decode())
    return {
        (sample.name, next(iter(sample.labels.values()))): sample.value
        for family in families
        for sample in family.samples
        if family.name in ("uketori_presentations", "uketori_part_seconds")
        and "le" not in sample.labels
    }


def test_presentations_are_counted_by_verdict_and_timed_by_part(registry) -> None:
    at = house(registry)
    at.receiver()
    at.filing()
    before = measured(at)
    for sheet in (receiver_sheet(password="another-one"), receiver_sheet()):
        at.counter.present(DESK, showing(text_of(sheet)))
    after = measured(at)
    gained = {name: value - before.get(name, 0) for name, value in after.items()}
    assert gained["uketori_presentations_total", "accepted"] == 1
    assert gained["uketori_presentations_total", "NG-PW"] == 1
    for part in ("password", "judge"):
        assert gained["uketori_part_seconds_count", part] == 2
        assert gained["uketori_part_seconds_sum", part] > 0


def test_a_log_is_one_json_object_a_line_whatever_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    logs.configure("kiosk")
    logging.getLogger("one").warning('first\n{"level": "forged"}\r\x1b[2J%s', "end")
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("two").exception("second")
    logging.getLogger("alembic.runtime").info("chatty")
    lines = [json.loads(line) for line in sys.stderr.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert [(line["process"], line["logger"], line["level"]) for line in lines] == [
        ("kiosk", "one", "warning"),
        ("kiosk", "two", "error"),
    ]
    assert "ValueError: why" in lines[1]["traceback"]


def test_a_presentation_leaves_no_name_and_no_code_in_log_and_metrics(
    registry, caplog: pytest.LogCaptureFixture
) -> None:
    at = house(registry)
    at.receiver()
    at.filing()
    sheet = receiver_sheet()
    with caplog.at_level(logging.DEBUG, "verifier"):
        at.counter.present(DESK, showing(text_of(sheet)))
    said = caplog.text + exposition(at.installation).decode()
    for secret in (TARO, PASSWORD, text_of(sheet), str(sheet.search_key.number), "00-01"):
        assert secret not in said
