"""Who is called for what: alerts, the console's list of them, log lines, figures for monitoring."""

import hashlib
import json
import logging
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, text

from kiosk import faults as kiosk_faults
from shared.db.session import Sessions, reading
from shared.db.tables import Alert, AlertKind, Kiosk, Receiver
from tests.acting_world import Browser, browser, entries, hidden_in
from tests.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    DESK,
    SUPERVISOR,
    TARO,
    WINDOW,
    House,
    house,
    keys,
    receiver_sheet,
    showing,
    text_of,
)
from tests.tamper import drop_triggers
from verifier.acts import NotPermitted, Report
from verifier.checkpoints import read_lines
from verifier.console import words
from verifier.console.alert_words import ALERTS, detail_of
from verifier.full_check import FullCheck
from verifier.lookout import MEGABYTE
from verifier.metrics import exposition
from verifier.registry import alerts
from verifier.watch import Watch

PLENTY = 10_000 * MEGABYTE


@pytest.fixture
def at(registry: Sessions) -> House:
    return house(registry)


@pytest.fixture
def watch(at: House) -> Watch:
    """A watch that tests make look, on a machine with room on its disk."""
    new = Watch(at.installation, lambda: PLENTY)
    new.look()
    return new


def waiting(at: House) -> list[tuple[str, str, str]]:
    with at.sessions() as session:
        rows = session.scalars(select(Alert).where(Alert.acknowledged_at.is_(None)))
        return [(row.kind.value, row.subject, row.detail) for row in rows]


def look_around(watch: Watch) -> None:
    for _ in range(10):
        watch.look()


def show(at: House, **fields: object) -> None:
    sheet = receiver_sheet(issued_at=at.clock.now, **fields)
    at.counter.present(DESK, showing(text_of(sheet)))


def show_forged(at: House) -> None:
    sheet = receiver_sheet(issued_at=at.clock.now)
    at.counter.present(DESK, showing(text_of(sheet, by=keys(seed=9))))


def test_a_forged_sheet_calls_somebody_once_however_often_it_comes(
    at: House, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        show_forged(at)
        watch.look()
        show_forged(at)
        watch.look()
    assert [alert[:2] for alert in waiting(at)] == [("forged", WINDOW)]
    with at.sessions() as session:
        assert session.scalars(select(Alert)).one().times == 2
    lines = [record.getMessage() for record in caplog.records if "alert" in record.getMessage()]
    assert lines == [f"alert forged subject={WINDOW} entry=1"]


def test_a_window_that_locks_calls_somebody(at: House, watch: Watch) -> None:
    for _ in range(3):
        show_forged(at)
    watch.look()
    assert {alert[:2] for alert in waiting(at)} == {("forged", WINDOW), ("kiosk_locked", WINDOW)}


def test_many_refusals_of_one_receiver_call_somebody_without_the_name(
    at: House, watch: Watch
) -> None:
    receiver = at.receiver()
    for number in range(9):
        show(at, password=f"chigau-{number}-mono")
        at.clock.move(minutes=5)
    watch.look()
    assert waiting(at) == []
    show(at, password="chigau-9-mono")
    watch.look()
    assert waiting(at) == [("many_refusals", str(receiver), "refusals=10")]
    page = browser(at).page("/console/alerts")
    assert TARO in page, "the console looks the name up"


def test_refusals_are_counted_by_the_day_in_tokyo(at: House, watch: Watch) -> None:
    at.receiver()
    for number in range(9):
        show(at, password=f"chigau-{number}-mono")
    at.clock.move(hours=15)  # midnight in Tokyo has passed
    show(at, password="chigau-9-mono")
    watch.look()
    assert waiting(at) == []


def test_what_happened_before_the_first_watch_calls_nobody(at: House) -> None:
    show_forged(at)
    Watch(at.installation, lambda: PLENTY).look()
    assert waiting(at) == []


def test_two_watches_on_one_registry_call_once(at: House, watch: Watch) -> None:
    other = Watch(at.installation, lambda: PLENTY)
    show_forged(at)
    watch.look()
    other.look()
    with at.sessions() as session:
        assert session.scalars(select(Alert)).one().times == 1


def test_a_full_disk_calls_and_is_quiet_for_an_hour_after_it_was_seen(at: House) -> None:
    watch = Watch(at.installation, lambda: 1000 * MEGABYTE)
    look_around(watch)
    assert waiting(at) == [("disk_full", "server", "free_megabytes=1000")]
    who = browser(at)
    page = who.page("/console/alerts")
    path = "/console/alerts/1"
    assert who.client.post(path, data=hidden_in(page)).status_code == 303
    look_around(watch)
    assert waiting(at) == []
    at.clock.move(hours=1)
    look_around(watch)
    assert waiting(at) != []


def test_a_clock_that_was_set_back_calls_somebody(at: House, watch: Watch) -> None:
    show(at)
    at.clock.move(seconds=-61)
    look_around(watch)
    assert waiting(at) == [("clock_off", "server", "seconds=-61")]


@pytest.mark.parametrize(("off", "called"), [(60, False), (61, True), (-61, True)])
def test_a_window_whose_clock_is_off_calls_somebody(at: House, off: int, called: bool) -> None:
    at.counter.report(WINDOW, Report(at.clock.now + timedelta(seconds=off)))
    assert waiting(at) == ([("clock_off", WINDOW, f"seconds={off}")] if called else [])


def test_a_frozen_camera_calls_and_a_lost_one_only_shows(
    at: House, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = frozenset({"ERR-CAM-FROZEN", "ERR-SCAN-MISSING"})
    with caplog.at_level(logging.INFO):
        at.counter.report(WINDOW, Report(at.clock.now, faults))
        look_around(watch)
        at.counter.report(WINDOW, Report(at.clock.now))
    assert waiting(at) == [("camera_frozen", WINDOW, "fault=ERR-CAM-FROZEN")]
    told = [record.getMessage() for record in caplog.records]
    assert f"fault begins kiosk={WINDOW} ERR-CAM-FROZEN" in told
    assert f"fault ends kiosk={WINDOW} ERR-SCAN-MISSING" in told
    with at.sessions() as session:
        kiosk = session.get_one(Kiosk, WINDOW)
        assert (kiosk.faults, kiosk.seen_at) == ("", at.clock.now)


def test_the_console_has_words_for_every_fault_of_a_window() -> None:
    named = [
        fault for fault in vars(kiosk_faults).values() if isinstance(fault, kiosk_faults.Fault)
    ]
    named += [*kiosk_faults.CAMERA.values(), *kiosk_faults.SCANNER.values()]
    codes = {fault.code for fault in named if fault.code.startswith("ERR-")}
    assert codes == set(words.FAULTS)


def test_a_revoked_window_reports_nothing(at: House) -> None:
    with at.sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).revoked_at = at.clock.now
    with pytest.raises(NotPermitted):
        at.counter.report(WINDOW, Report(at.clock.now))


def test_an_old_entry_that_is_changed_is_found_by_the_watch(at: House, watch: Watch) -> None:
    at.receiver()
    for _ in range(3):
        show(at)
    for _ in range(2):
        watch.look()
    with at.sessions.begin() as session:
        drop_triggers(session)
        session.execute(text("UPDATE journal SET staff_number = '1002' WHERE seq = 2"))
    for _ in range(2):
        watch.look()
    assert waiting(at) == [("chain_broken", "", "entry=2 how=edited")]


def test_while_windows_are_busy_little_of_the_old_journal_is_checked_again(
    at: House, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.watch.STRETCH", 6)
    monkeypatch.setattr("verifier.watch.LITTLE", 2)
    monkeypatch.setattr("verifier.watch.BUSY", 0.05)  # this machine may have others to serve
    for _ in range(12):
        show_forged(at)
    watch.checked = 0
    until = time.process_time() + 0.2
    while time.process_time() < until:
        hashlib.sha256(bytes(10_000)).digest()
    watch.look()
    assert watch.checked == 2
    time.sleep(1)
    watch.look()
    assert watch.checked == 8


def test_checkpoints_are_copied_outside_and_a_lost_disk_is_logged_once(
    at: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "elsewhere" / "checkpoints.jsonl"
    policy = replace(at.installation.policy, checkpoint_copy=copy)
    watch = Watch(replace(at.installation, policy=policy), lambda: PLENTY)
    show(at)
    with caplog.at_level(logging.INFO):
        watch.look()
        watch.look()
        copy.parent.mkdir()
        watch.look()
    told = [record.getMessage() for record in caplog.records if "copy" in record.getMessage()]
    assert told == [
        "watch: copy of the checkpoints: FileNotFoundError",
        "watch: copy of the checkpoints: works again",
    ]
    [words] = read_lines(copy.read_text().splitlines(), at.installation.keys.checkpoint_publics)
    assert words.size == 1


def test_the_watch_runs_beside_a_server_and_ends_with_it(at: House) -> None:
    show(at)
    watch = Watch(at.installation, lambda: PLENTY)
    with watch:
        thread = watch._thread
        assert thread.is_alive()
    assert not thread.is_alive()


# --- the console's list ----------------------------------------------------------------------


def test_an_alert_is_acknowledged_once_in_ones_own_name(at: House, watch: Watch) -> None:
    show_forged(at)
    watch.look()
    who, path = browser(at), "/console/alerts"
    page = who.page(path)
    assert "偽造された用紙が読み取られました：窓口1" in page
    assert "身元を確かめてください" in page
    assert 'href="/console/entries/1"' in page
    form = hidden_in(page)
    assert who.client.post(f"{path}/1", data=form).status_code == 303
    assert who.client.post(f"{path}/1", data=form).status_code == 303
    again = who.client.post(f"{path}/1", data=form | {"key": str(uuid.uuid4())})
    assert (again.status_code, "ADM-STALE" in again.get_data(as_text=True)) == (422, True)
    last = entries(at)[-1]
    assert (last.act, last.staff_number) == ("alert_acknowledged", SUPERVISOR)
    assert json.loads(last.body) == {"alert": 1, "kind": "forged", "subject": WINDOW}
    page = who.page(path)
    assert "確認を待っている通知はありません" in page
    assert "見本　三子" in page


def test_an_auditor_sees_alerts_and_cannot_acknowledge(at: House, watch: Watch) -> None:
    show_forged(at)
    watch.look()
    page = browser(at, AUDITOR).page("/console/alerts")
    assert "偽造された用紙" in page
    assert "確認した" not in page


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("seconds=-61", (None, "61秒遅れ")),
        ("seconds=61", (None, "61秒進み")),
        ("free_megabytes=9", (None, "空き 9 MB")),
        ("refusals=10", (None, "今日 10 回")),
        ("fault=ERR-CAM-FROZEN", (None, "カメラの映像が止まっています")),
        ("entry=5 how=edited", (5, "内容が書き換えられています")),
        ("", (None, "")),
    ],
)
def test_the_detail_of_an_alert_is_told_in_words(detail: str, said: tuple[int | None, str]) -> None:
    assert detail_of(Alert(detail=detail)) == said


def test_an_alert_about_a_receiver_who_is_gone_is_still_shown(at: House) -> None:
    with at.sessions.begin() as session:
        now = at.clock.now
        session.add(
            Alert(kind=AlertKind.MANY_REFUSALS, subject="99", detail="", raised_at=now, last_at=now)
        )
    assert browser(at).client.get("/console/alerts").status_code == 200
    with at.sessions() as session:
        assert session.get(Receiver, 99) is None


def test_every_alert_is_a_line_in_the_console_one_in_the_log_and_a_figure(
    at: House, caplog: pytest.LogCaptureFixture
) -> None:
    with at.sessions.begin() as session:
        for kind in AlertKind:
            alerts.call(session, kind, "1", "entry=1", at.clock.now)
    lines = [r.getMessage() for r in caplog.records if r.name == alerts.__name__]
    assert lines == [f"alert {kind.value} subject=1 entry=1" for kind in AlertKind]
    page, now = browser(at).page("/console/alerts"), figures(at)
    for kind in AlertKind:
        assert ALERTS[kind].title in page
        assert ALERTS[kind].advice in page
        assert now["uketori_alerts_open", (("kind", kind.value),)] == 1
        assert now["uketori_alerts_total", (("kind", kind.value),)] == 1


# --- figures for monitoring ------------------------------------------------------------------


def figures(at: House) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(exposition(at.installation).decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_monitoring_reads_alerts_journal_and_windows(at: House, watch: Watch) -> None:
    show_forged(at)
    show_forged(at)
    watch.look()
    at.counter.report(WINDOW, Report(at.clock.now, frozenset({"ERR-CAM-FROZEN"})))
    at.clock.move(seconds=40)
    now = figures(at)
    assert now["uketori_alerts_open", (("kind", "forged"),)] == 1
    assert now["uketori_alerts_total", (("kind", "forged"),)] == 2
    assert now["uketori_alerts_open", (("kind", "disk_full"),)] == 0
    assert now["uketori_journal_entries", ()] == 2
    assert now["uketori_journal_unsigned_entries", ()] == 0
    assert now["uketori_kiosk_report_age_seconds", (("kiosk", WINDOW),)] == 40
    assert now["uketori_kiosk_fault", (("fault", "ERR-CAM-FROZEN"), ("kiosk", WINDOW))] == 1
    assert now["uketori_kiosk_locked", (("kiosk", WINDOW),)] == 0


def test_monitoring_learns_no_name(at: House, watch: Watch) -> None:
    at.receiver()
    for number in range(10):
        show(at, password=f"chigau-{number}-mono")
    watch.look()
    said = exposition(at.installation).decode()
    assert not any(part in said for part in ("見本", TARO, "試験"))
    labels = {value for _, pairs in figures(at) for _, value in pairs}
    assert "forged" in labels, "the labels are looked at"
    # Only whole labels: a latency of 0.32001 seconds holds the digits of a staff number by chance.
    assert not labels & {CLERK, SUPERVISOR, ADMINISTRATOR}


# --- the check of everything -----------------------------------------------------------------


def checked(at: House, who: Browser) -> str:
    answer = who.post("/console/integrity", form_on="/console/integrity")
    assert answer.location == "/console/integrity"
    for console in (who.client.application.extensions["console"],):
        console.full_check.wait(60)
    return who.page("/console/integrity")


def test_anybody_at_the_console_may_check_the_whole_record(at: House, watch: Watch) -> None:
    show(at)
    who = browser(at, AUDITOR)
    page = checked(at, who)
    assert "改ざんは見つかりませんでした" in page
    assert "署名 0個と一致" in page, "the watch has not signed yet"
    last = entries(at)[-1]
    assert (last.act, last.staff_number) == ("verified", AUDITOR)
    assert json.loads(last.body) == {"entries": 2, "broken": 0}


def test_a_check_says_where_the_record_was_changed_and_calls_somebody(
    at: House, watch: Watch
) -> None:
    for _ in range(3):
        show(at)
    who = browser(at)
    with at.sessions.begin() as session:
        drop_triggers(session)
        session.execute(text("DELETE FROM journal WHERE seq = 2"))
    page = checked(at, who)
    assert "記録が変えられています" in page
    assert "この記録の前が消されています" in page
    assert waiting(at) == [("chain_broken", "", "entry=3 how=missing")]
    assert json.loads(entries(at)[-1].body)["entry"] == 3


def test_two_checks_do_not_run_at_once(at: House) -> None:
    show(at)
    check = FullCheck(at.installation)
    with reading(at.sessions):
        assert check.start(SUPERVISOR)
    started = check.start(SUPERVISOR)
    check.wait(60)
    assert [e.act for e in entries(at)].count("verified") == 1 + started
    assert check.newest.percent == 100
