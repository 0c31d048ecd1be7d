"""`verifier keys`: a rotation rehearsed from the first day to the last, with the clock moved."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from shared.db.schema import upgrade
from shared.db.session import open_registry
from shared.db.tables import JournalEntry
from shared.key_files import (
    KEY_SET_LIVES,
    file_of,
    make_keys,
    read_checkpoint_public,
    read_pinned_key_set,
    read_sealing_keys,
    signing_key_in_use,
)
from shared.keys import InvalidKeys, KeySet, SigningKey, TestKeys, read_key_set
from shared.payload import CannotOpen, decode, encode, open_tag
from tests.builders import (
    DESK,
    LOOKUP_KEY,
    START,
    SYSTEM,
    Clock,
    House,
    Keys,
    house,
    house_on,
    receiver_sheet,
    showing,
)
from verifier.cli import main
from verifier.counter import Counter
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused
from verifier.opening import Opener

SETTINGS = (
    'registry = "sqlite:///{folder}/registry.db"\nsystem_id = "tests"\nkeys = "keys/registry"\n'
)
DAY = timedelta(days=1)


class Office:
    """An installation with keys on disk, its counter reading them anew when it is started."""

    def __init__(self, folder: Path, built: House, clock: Clock) -> None:
        self.folder, self.built, self.clock = folder, built, clock
        self.keys = folder / "keys" / "registry"

    def run(self, *arguments: str, answers: str | None = None) -> Result:
        config = ("--config", str(self.folder / "verifier.toml"))
        return CliRunner().invoke(main, ["keys", *arguments, *config], input=answers)

    def done(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def key_set(self) -> KeySet:
        return read_pinned_key_set(self.keys, self.clock.now)

    def restarted(self, test_keys: TestKeys = TestKeys.REFUSED) -> Counter:
        sealing = read_sealing_keys(self.keys)
        opener = Opener(self.key_set(), sealing, LOOKUP_KEY, SYSTEM, test_keys)
        return Counter(replace(self.built.installation, opener=opener))

    def portal(self) -> Keys:
        """The portal's keys as it reads them when it is started."""
        key_set, now = self.key_set(), self.clock.now
        signing = signing_key_in_use(self.folder / "keys" / "issuer", key_set, now)
        public = key_set.sealing_key(now)
        [sealing] = [key for key in read_sealing_keys(self.keys) if key.key_id == public.key_id]
        return Keys(signing, sealing, key_set)

    def sheet(self, valid_days: int = 30) -> str:
        by = self.portal()
        sheet = receiver_sheet(issued_at=self.clock.now, valid_days=valid_days, by=by)
        return encode(sheet, by.signing, SYSTEM)

    def answer(self, text: str, test_keys: TestKeys = TestKeys.REFUSED) -> Reason | None:
        """The counter's answer; None when it is accepted. What it opens is given back."""
        counter = self.restarted(test_keys)
        shown = counter.judge(DESK.kiosk, showing(text))
        return shown.verdict.reason if isinstance(shown.verdict, Refused) else None

    def noted(self) -> list[tuple[str, int]]:
        with self.built.sessions() as session:
            found = session.scalars(
                select(JournalEntry.body)
                .where(JournalEntry.act == "key_changed")
                .order_by(JournalEntry.seq)
            )
            return [(body["change"], body["key"]) for body in map(json.loads, found)]


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    sessions = open_registry(f"sqlite:///{tmp_path}/registry.db")
    upgrade(sessions)
    house(sessions)
    clock = Clock(START)
    built = house_on(sessions, clock)
    built.receiver()
    built.filing()
    make_keys(tmp_path / "keys", START)
    (tmp_path / "verifier.toml").write_text(SETTINGS.format(folder=tmp_path))
    monkeypatch.setattr("verifier.cli_keys.utc_now", clock)
    yield Office(tmp_path, built, clock)
    sessions.kw["bind"].dispose()


def test_a_rotation_from_the_first_day_to_the_last(office: Office) -> None:
    office.clock.move(days=330)
    assert "Key 2: created" in office.done("create")
    assert office.portal().signing.key_id == 1
    office.done("publish", "2")
    assert office.key_set().version == 2
    assert office.portal().signing.key_id == 1, "published thirty days before it is used"
    office.clock.move(days=29)
    old = office.sheet(valid_days=90)
    office.clock.move(days=1)
    assert office.portal().signing.key_id == office.portal().sealing.key_id == 2
    new = office.sheet()
    assert (office.answer(old), office.answer(new)) == (None, None)

    office.clock.move(days=88)
    assert office.answer(old) is None, "old sheets live out their validity"
    refused = office.run("retire", "1")
    assert refused.exit_code == 1
    assert "sheets made with key 1 may be shown until" in refused.output
    office.clock.move(days=32)
    assert office.answer(old) is Reason.EXPIRED
    kept = office.key_set()
    office.done("retire", "1")
    assert office.answer(old) is Reason.UNKNOWN_KEY
    listed = office.done("list").splitlines()
    assert [line.split()[:2] for line in listed] == [["1", "retired"], ["2", "in"], ["Key", "set"]]

    sheet = decode(old, kept, SYSTEM, office.clock.now - 40 * DAY)
    assert open_tag(sheet, read_sealing_keys(office.keys), SYSTEM)
    asked = office.run("destroy", "1", answers="2\n")
    assert (asked.exit_code, "nothing was changed" in asked.output) == (1, True)
    done = office.run("destroy", "1", answers="1\n")
    assert done.exit_code == 0, done.output
    with pytest.raises(CannotOpen):
        open_tag(sheet, read_sealing_keys(office.keys), SYSTEM)
    assert not list(office.folder.rglob(file_of("s*", 1)))
    assert office.noted() == [
        ("created", 2), ("published", 2), ("retired", 1), ("destroyed", 1),
    ]  # fmt: skip
    assert office.answer(office.sheet()) is None


def test_a_stolen_key_is_refused_at_once_and_its_successor_takes_over(office: Office) -> None:
    old = office.sheet()
    office.done("create")
    office.done("publish", "2")
    asked = office.run("retire", "1", "--stolen", answers="\n")
    assert (asked.exit_code, office.answer(old)) == (1, None)
    office.done("retire", "1", "--stolen", "--yes")
    assert office.answer(old) is Reason.UNKNOWN_KEY
    assert office.portal().signing.key_id == 2
    assert office.answer(office.sheet()) is None
    assert office.noted()[-1] == ("revoked", 1)


def test_a_practice_key_never_passes_in_production(office: Office) -> None:
    office.done("create", "--test")
    office.done("publish", "128", "--in-use-from", "2026-11-23")
    assert office.portal().signing.key_id == 1, "the portal prefers a real key"
    key_set = office.key_set()
    signing = signing_key_in_use(
        office.folder / "keys" / "issuer",
        replace(key_set, signing={128: key_set.signing[128]}),
        office.clock.now,
    )
    [sealing] = [key for key in read_sealing_keys(office.keys) if key.key_id == 128]
    by = Keys(SigningKey(128, signing.private), sealing, key_set)
    text = encode(receiver_sheet(by=by), by.signing, SYSTEM)
    assert office.answer(text) is Reason.TEST_KEY
    assert office.answer(text, TestKeys.ACCEPTED) is None


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (("publish 2",), "signing-002.pem: No such file"),
        (("retire 1",), "key 1 has no successor: create and publish one first"),
        (("retire 1 --stolen --yes",), "key 1 has no successor"),
        (("destroy 1 --yes",), "key 1 is in the key set: retire it first"),
        (("destroy 9 --yes",), "there is no key 9"),
        (("create", "retire 2"), "key 2 is not in the key set"),
        (("create", "publish 2", "publish 2"), "key 2 is published already"),
        (("create", "create", "publish 3", "publish 2"), "key 2 is older"),
    ],
)
def test_a_step_out_of_turn_changes_nothing(
    office: Office, steps: tuple[str, ...], told: str
) -> None:
    *before, last = (step.split() for step in steps)
    for step in before:
        office.done(*step)
    left, noted = content(office.folder / "keys"), office.noted()
    result = office.run(*last)
    assert result.exit_code in (1, 3)
    assert told in result.output
    assert result.output.count("\n") == 1
    assert (content(office.folder / "keys"), office.noted()) == (left, noted)


def test_without_the_root_key_nothing_is_published(office: Office) -> None:
    office.done("create")
    (office.folder / "keys" / "root" / "root.pem").unlink()
    result = office.run("publish", "2")
    assert (result.exit_code, "root.pem: No such file" in result.output) == (3, True)
    assert office.key_set().version == 1
    assert office.noted() == [("created", 2)]


def test_an_unpublished_pair_may_be_destroyed(office: Office) -> None:
    office.done("create")
    office.done("destroy", "2", "--yes")
    assert [key.key_id for key in read_sealing_keys(office.keys)] == [1]


def test_new_files_are_for_their_owner_and_both_folders_get_the_key_set(office: Office) -> None:
    office.done("create")
    office.done("publish", "2")
    files = [path for path in (office.folder / "keys").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    sets = {path.read_bytes() for path in (office.folder / "keys").rglob("keyset.json")}
    assert len(sets) == 1


def test_an_older_key_set_is_refused_and_an_expired_one_is_told(office: Office) -> None:
    first = (office.keys / "keyset.json").read_bytes()
    office.done("create")
    office.done("publish", "2")
    newest = office.key_set().version
    pinned = read_checkpoint_public(office.keys / "root.pub.pem")
    with pytest.raises(InvalidKeys, match="older"):
        read_key_set(first, pinned, START, oldest_version=newest)
    office.clock.move(days=(KEY_SET_LIVES + DAY).days)
    assert "EXPIRED" in office.done("list")
