"""A machine becomes a window by a one-time code, and trusts no older keys than it has seen."""

import json
import stat
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from kiosk.cli import main
from kiosk.registry import device_folder, registry_for
from kiosk.settings import KioskSettings
from shared.db.schema import upgrade
from shared.db.session import open_registry
from shared.db.tables import JournalEntry
from shared.domain import FilingStatus
from shared.keys import InvalidKeys
from shared.settings import InvalidSettings, read_settings
from tests.builders import (
    ADMINISTRATOR,
    CLERK,
    KEYS,
    LOOKUP_KEY,
    OTHER_WINDOW,
    PIN,
    SUPERVISOR,
    WINDOW,
    House,
    Keys,
    house,
    keys,
    own_keys,
    receiver_sheet,
    text_of,
)
from tests.cut_line import CutLine
from tests.cut_line import Line as Cut
from tests.key_shapes import found_in
from tests.planning import allow_plans, hand_over
from tests.served_registry import Slot, slot
from verifier.acts import Desk, NotPermitted, SignedIn
from verifier.administration.orders import carry_out
from verifier.administration.windows import IssueEnrolmentCode, RevokeWindow, enrolment_letters
from verifier.client import Line, RemoteCounter
from verifier.client.device import read_device
from verifier.client.line import Call
from verifier.client.trusted import Trusted
from verifier.dayplan.local import PlanCounter


@pytest.fixture(scope="module")
def server() -> Iterator[Slot]:
    with slot() as made:
        yield made


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    upgrade(sessions)
    made = house(sessions)
    made.clock.now = datetime.now(UTC)  # a window's own clock is the machine's
    yield made
    sessions.kw["bind"].dispose()


def settings_in(folder: Path, address: str, window: str = WINDOW) -> Path:
    path = folder / "kiosk.toml"
    path.write_text(f'kiosk = "{window}"\nvar = "var"\n[registry]\nurl = "{address}"\n')
    return path


def code_for(at: House, window: str = WINDOW, word: str = "a click") -> str:
    """What the console shows an administrator."""
    letters = enrolment_letters(word, at.installation.keys.console)
    carry_out(at.installation, ADMINISTRATOR, word, IssueEnrolmentCode(window, letters))
    return letters


def enrol(config: Path, code: str) -> Result:
    return CliRunner().invoke(main, ["enrol", "--config", str(config)], input=f"{code}\n")


def test_a_machine_is_enrolled_with_the_code_and_works_with_its_credential(
    at: House, server: Slot, tmp_path: Path
) -> None:
    config = settings_in(tmp_path, server.address)
    with server.serves(at):
        code = code_for(at)
        result = enrol(config, code.upper())
        assert result.exit_code == 0, result.output
        assert f"window {WINDOW}" in result.output
        settings = read_settings(KioskSettings, config)
        with registry_for(settings) as registry:
            assert registry.installation is None
            assert registry.counter.kiosk_facts(WINDOW).office == "見本第一事務所"
            assert isinstance(registry.counter.sign_in(WINDOW, CLERK, PIN, "a-key"), SignedIn)
            assert registry.counter.holds(Desk(WINDOW, CLERK)) == ()
            sheet = receiver_sheet(issued_at=at.clock.now)
            claim = registry.look(text_of(sheet)).claim
            assert claim is not None
            assert claim.procedure == "継続検査"
        assert enrol(config, code).exit_code == 3, "a code counts once"
    lies_there = {kept.name: kept.read_bytes() for kept in device_folder(settings).rglob("*")}
    secrets = {
        "signing": KEYS.signing.private.private_bytes_raw(),
        "sealing": KEYS.sealing.private.private_bytes_raw(),
        "checkpoint": own_keys().checkpoint.private.private_bytes_raw(),
        "console": own_keys().console,
        "lookup": LOOKUP_KEY,
    }
    assert lies_there
    for name, content in lies_there.items():
        assert b"PRIVATE KEY" not in content, name
        assert found_in(content, secrets) == [], name
    for kept in device_folder(settings).iterdir():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("runs", [1, 2])
def test_an_enrolment_whose_answer_is_lost_is_asked_for_again(
    at: House, server: Slot, tmp_path: Path, runs: int
) -> None:
    """By the line at once; or, when it was lost for long, by whoever runs it a second time."""
    with server.serves(at), CutLine(server.address) as cut:
        config, code = settings_in(tmp_path, cut.address), code_for(at)
        cut.become(Cut.ANSWER_CUT, answers=1 if runs == 1 else None)
        ran = [enrol(config, code)]
        if runs == 2:
            assert ran[0].exit_code == 3
            cut.become(Cut.WHOLE)
            ran.append(enrol(config, code))
        assert cut.state is Cut.WHOLE, "the line was not cut"
        assert ran[-1].exit_code == 0, ran[-1].output
        settings = read_settings(KioskSettings, config)
        with registry_for(settings) as registry:
            assert registry.counter.kiosk_facts(WINDOW).kiosk == WINDOW
        names = {kept.name for kept in device_folder(settings).iterdir()}
        assert names == {"device.json", "trust.json"}
        with at.sessions() as session:
            acts = session.scalars(select(JournalEntry.body)).all()
        assert sum("enrolled" in body for body in acts) == 1
        assert enrol(config, code).exit_code == 3, "another enrolment needs another code"


def test_a_code_counts_again_for_its_own_key_alone_and_while_it_lasts(
    at: House, server: Slot
) -> None:
    own, code = str(uuid.uuid4()), code_for(at)

    def ask(key: str | None) -> tuple[int, str]:
        headers = {"Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key is not None else {}
        body = json.dumps({"code": code}).encode()
        answer = line.ask(Call("POST", "/api/v1/devices", headers, body))
        return answer.status, answer.json().get("credential", "")

    with server.serves(at), Line(server.address) as line:
        assert ask("short")[0] == 400
        status, credential = ask(own)
        assert (status, len(credential)) == (200, 43)
        assert ask(own) == (200, credential)
        assert ask(str(uuid.uuid4()))[0] == 403
        assert ask(None)[0] == 403
        at.clock.move(minutes=30)
        assert ask(own)[0] == 403


def test_a_key_does_not_bring_back_a_device_that_was_replaced(at: House, server: Slot) -> None:
    def ask(code: str) -> int:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.UUID(int=7))}
        body = json.dumps({"code": code}).encode()
        return line.ask(Call("POST", "/api/v1/devices", headers, body)).status

    with server.serves(at), Line(server.address) as line:
        first = code_for(at)
        assert [ask(first), ask(first)] == [200, 200]
        second = code_for(at, word="another click")
        assert [ask(second), ask(first), ask(second)] == [200, 403, 200]
        carry_out(at.installation, ADMINISTRATOR, "revoke", RevokeWindow(WINDOW, "盗難"))
        assert ask(second) == 403


def test_a_kiosk_that_sends_no_key_enrols_as_before(at: House, server: Slot) -> None:
    code = json.dumps({"code": code_for(at)}).encode()
    call = Call("POST", "/api/v1/devices", {"Content-Type": "application/json"}, code)
    with server.serves(at), Line(server.address) as line:
        given = line.ask(call).json()
        assert given["window"] == WINDOW
        counter = RemoteCounter(line, WINDOW, given["credential"])
        assert counter.kiosk_facts(WINDOW).kiosk == WINDOW
        assert line.ask(call).status == 403


def test_the_registry_decides_which_window_and_office_a_machine_is(
    at: House, server: Slot, tmp_path: Path
) -> None:
    config = settings_in(tmp_path, server.address)
    with server.serves(at):
        result = enrol(config, code_for(at, OTHER_WINDOW))
    assert result.exit_code == 3
    assert f'kiosk = "{OTHER_WINDOW}"' in result.output
    with pytest.raises(InvalidSettings, match=OTHER_WINDOW):
        registry_for(read_settings(KioskSettings, config)).__enter__()


def test_nobody_acts_at_a_window_without_having_signed_in_there(
    at: House, server: Slot, tmp_path: Path
) -> None:
    config = settings_in(tmp_path, server.address)
    with server.serves(at):
        enrol(config, code_for(at))
        with registry_for(read_settings(KioskSettings, config)) as registry:
            counter = registry.counter
            for desk in (Desk(WINDOW, CLERK), Desk(OTHER_WINDOW, CLERK)):
                with pytest.raises(NotPermitted):
                    counter.holds(desk)
            assert not isinstance(counter.sign_in(WINDOW, CLERK, "0000", "a-key"), SignedIn)
            with pytest.raises(NotPermitted):
                counter.holds(Desk(WINDOW, CLERK))


def test_a_new_machine_or_a_revoked_window_ends_the_old_credential(
    at: House, server: Slot, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    configs = [settings_in(folder, server.address) for folder in (old, new)]
    with server.serves(at):
        assert enrol(configs[0], code_for(at)).exit_code == 0
        assert enrol(configs[1], code_for(at, word="another click")).exit_code == 0
        with (
            registry_for(read_settings(KioskSettings, configs[0])) as replaced,
            pytest.raises(NotPermitted),
        ):
            replaced.counter.kiosk_facts(WINDOW)
        with registry_for(read_settings(KioskSettings, configs[1])) as current:
            assert current.counter.kiosk_facts(WINDOW).kiosk == WINDOW
            carry_out(at.installation, ADMINISTRATOR, "revoke", RevokeWindow(WINDOW, "盗難"))
            with pytest.raises(NotPermitted):
                current.counter.kiosk_facts(WINDOW)


@pytest.mark.parametrize("left", ["work", "ledger"])
def test_a_machine_with_work_on_a_plan_returns_it_before_it_is_enrolled_anew(
    at: House, server: Slot, tmp_path: Path, left: str
) -> None:
    config = settings_in(tmp_path, server.address)
    allow_plans(at)
    at.receiver()
    number = at.filing()
    with server.serves(at):
        enrol(config, code_for(at))
        with registry_for(read_settings(KioskSettings, config)) as registry:
            assert registry.plans is not None
            registry.counter.sign_in(WINDOW, SUPERVISOR, PIN, "a-key")
            registry.plans.fetch()
            counter = registry.plans.begin(SUPERVISOR, PIN)
            assert isinstance(counter, PlanCounter)
            counter.sign_in(WINDOW, CLERK, PIN, "a-key")
            sheet = text_of(receiver_sheet(issued_at=at.clock.now))
            hand_over(counter, Desk(WINDOW, SUPERVISOR), sheet)
            if left == "ledger":
                registry.plans.close()
            registry.plans.forget()
        code = code_for(at, word="another click")
        refused = enrol(config, code)
        assert refused.exit_code == 3
        assert "not returned yet" in refused.output
        assert "kiosk run" in refused.output
        with registry_for(read_settings(KioskSettings, config)) as registry:
            assert registry.plans is not None
            registry.plans.close()
            registry.plans.give_back()
        assert at.status_of(number) is FilingStatus.RELEASED
        assert enrol(config, code).exit_code == 0, "the code was not used up"


def test_the_doctor_knows_a_window_of_a_registry_elsewhere(
    at: House, server: Slot, tmp_path: Path
) -> None:
    config = settings_in(tmp_path, server.address)
    found = lambda: {  # noqa: E731
        one["code"]: one
        for one in json.loads(
            CliRunner().invoke(main, ["doctor", "--json", "--config", str(config)]).stdout
        )["findings"]
    }
    assert found()["device"]["level"] == "fault"
    with server.serves(at):
        enrol(config, code_for(at))
        findings = found()
    assert {findings[code]["level"] for code in ("device", "registry", "clock")} == {"fine"}


def test_a_key_set_never_goes_back(at: House, server: Slot, tmp_path: Path) -> None:
    config = settings_in(tmp_path, server.address)
    folder = device_folder(read_settings(KioskSettings, config))
    first, second = KEYS, version(2)
    with server.serves(at, first.pinned):
        enrol(config, code_for(at))
    device = read_device(folder)
    with Line(server.address) as line:
        trusted = Trusted(line, device, folder, at.clock)
        with server.serves(at, second.pinned):
            trusted.refresh()
        assert trusted.version == 2
        with server.serves(at, first.pinned), pytest.raises(InvalidKeys, match="older"):
            trusted.refresh()
        assert trusted.version == 2
        assert Trusted(line, device, folder, at.clock).version == 2, "also after a restart"


def test_a_key_set_of_another_root_is_not_taken(at: House, server: Slot, tmp_path: Path) -> None:
    config = settings_in(tmp_path, server.address)
    folder = device_folder(read_settings(KioskSettings, config))
    with server.serves(at):
        enrol(config, code_for(at))
    device = read_device(folder)
    document = json.loads(keys(seed=9).pinned.key_set)
    document["key_set"]["version"] = 7
    stranger = replace(KEYS.pinned, key_set=json.dumps(document))
    with Line(server.address) as line, server.serves(at, stranger):
        trusted = Trusted(line, device, folder, at.clock)
        with pytest.raises(InvalidKeys, match="root"):
            trusted.refresh()
        assert trusted.version == 1


@pytest.mark.parametrize(
    "url", ["http://registry.example", "registry.example", "ftp://127.0.0.1", "https://"]
)
def test_a_line_is_encrypted_or_does_not_leave_the_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidSettings, match="https"):
        read_settings(KioskSettings, settings_in(tmp_path, url))


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_line_leads_to_a_port(tmp_path: Path, port: str) -> None:
    with pytest.raises(InvalidSettings, match=r"(?i)port"):
        read_settings(KioskSettings, settings_in(tmp_path, f"https://registry.example:{port}"))


def version(number: int) -> Keys:
    return replace(KEYS, key_set=replace(KEYS.key_set, version=number))
