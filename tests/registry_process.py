"""`verifier serve` as a process with its workers, and windows that go on whatever happens to it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psutil
from sqlalchemy import select, update

from shared.db.session import Sessions
from shared.db.tables import Filing, HandOver, HandOverItem, ItemState, JournalEntry
from shared.domain import FilingStatus, PickupMethod
from shared.key_files import (
    LOOKUP,
    make_keys,
    read_pinned_key_set,
    read_sealing_keys,
    read_signing_key,
)
from shared.lookup import lookup_digest
from shared.settings import read_secret
from tests.builders import (
    CLERK,
    PIN,
    Clock,
    House,
    Keys,
    filing_sheet,
    house,
    seen_to,
    showing,
    text_of,
)
from tests.insisting import insist
from tests.served_registry import give_credential
from verifier.acts import Confirming, Desk, Presented, Receipt, RegistryLost, SignedIn
from verifier.client import Line, Patience, RemoteCounter
from verifier.registry.journal import GENESIS, hash_of, link_of
from verifier.settings import VerifierSettings, open_installation

ROOT = Path(__file__).parents[1]
STARTING_SECONDS = 60.0
QUICK = Patience(connect=1, act=6, look=3, pause=0.1, rest=0.1)
Answer = TypeVar("Answer")


@dataclass
class Running:
    """The process, where it answers, and what it serves."""

    process: "subprocess.Popen[str]"
    address: str
    house: House
    keys: Keys
    lookup_key: bytes
    folder: Path
    """Of its settings, keys and log."""

    def kill_with_master(self) -> None:
        """Kill the process that keeps the workers; they must end by themselves. Then start anew."""
        workers = self.workers
        self.process.kill()
        self.process.wait(10)
        _close(self.process)
        until = time.monotonic() + STARTING_SECONDS
        while any(map(_lives, workers)):
            assert time.monotonic() < until, "workers without a master go on"
            time.sleep(0.05)
        self.process, _ = _serve(self.folder, urlsplit(self.address).port or 0)

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return [one for one in psutil.Process(self.process.pid).children() if _lives(one)]

    def individual_sheets(self, count: int) -> list[str]:
        """Ready filings, each with a sheet without a password: bcrypt is not what is tried here."""
        texts = []
        for _ in range(count):
            number = self.house.filing(receiver_name=None)
            sheet = filing_sheet(number, issued_at=datetime.now(UTC), by=self.keys)
            digest = lookup_digest(sheet.search_key, self.lookup_key)
            with self.house.sessions.begin() as session:
                session.execute(
                    update(Filing)
                    .where(Filing.number == number)
                    .values(pickup_method=PickupMethod.INDIVIDUAL, individual_digest=digest)
                )
            texts.append(text_of(sheet, self.keys))
        return texts


@contextmanager
def running(folder: Path, sessions: Sessions, url: str, workers: int = 3) -> Iterator[Running]:
    """Serve a registry, furnished by this, for as long as the block."""
    at = house(sessions)
    with serving(folder, at, url, workers) as served:
        yield served


@contextmanager
def serving(
    folder: Path, at: House, url: str, workers: int = 3, threads: int = 4
) -> Iterator[Running]:
    """Serve a registry that is furnished already, with keys made for it."""
    config = folder / "verifier.toml"
    config.write_text(
        f'registry = "{url}"\nsystem_id = "tests"\nkeys = "keys/registry"\n'
        f"workers = {workers}\nthreads = {threads}\n"
    )
    make_keys(folder / "keys", datetime.now(UTC))
    registry, issuer = folder / "keys" / "registry", folder / "keys" / "issuer"
    signing, sealing = read_signing_key(issuer), read_sealing_keys(registry)[0]
    keys = Keys(signing, sealing, read_pinned_key_set(registry, datetime.now(UTC)))
    installation = open_installation(
        VerifierSettings(registry=url, system_id="tests", keys=registry)
    )
    installation.sessions.kw["bind"].dispose()
    at = House(at.sessions, Clock(datetime.now(UTC)), installation, at.counter)
    process, address = _serve(folder)
    served = Running(process, address, at, keys, read_secret(registry / LOOKUP), folder)
    try:
        yield served
    finally:
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(20)
        _close(served.process)
        installation.sessions.kw["bind"].dispose()


def _serve(folder: Path, port: int = 0) -> "tuple[subprocess.Popen[str], str]":
    """Start it with the settings of a folder; gives the process and its address."""
    entry = "from verifier.cli import main; main(prog_name='verifier')"
    command = [sys.executable, "-c", entry, "serve", "--port", str(port)]
    with (folder / "verifier.log").open("a") as log:
        process = subprocess.Popen(
            [*command, "--config", str(folder / "verifier.toml")],
            stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    return process, _address(process)


def _lives(process: psutil.Process) -> bool:
    """An orphan that has ended stays a zombie where nobody fetches it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _close(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    process.stdout.close()


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    found = re.search(r"http://[0-9.:]+", process.stdout.readline())
    assert found
    until = time.monotonic() + STARTING_SECONDS
    with Line(found[0], Patience(act=1, look=1, rest=0)) as line:
        while True:
            try:
                RemoteCounter(line, "", "nobody").registry_time()
            except RegistryLost:
                assert time.monotonic() < until, "the registry does not answer"
            except Exception:  # noqa: BLE001 - it answers that it does not know us
                return found[0]


@dataclass
class Window:
    """One window: hands over sheet by sheet, and insists on an answer as a clerk would."""

    counter: RemoteCounter
    desk: Desk
    receipts: list[Receipt] = field(default_factory=list)
    filings: list[int] = field(default_factory=list)
    lost: int = 0
    """How often the registry was lost."""

    def hand_over(self, text: str) -> None:
        """Show a sheet and confirm what it opened; the same id and key at every attempt."""
        shown = showing(text)
        presented: Presented = self._insist(lambda: self.counter.present(self.desk, shown))
        if presented.basket is None:
            return
        rows = tuple(row.filing_id for row in presented.basket.rows)
        vouched = seen_to(presented.basket)
        key = str(uuid.uuid4())
        wish = Confirming(presented.basket.hand_over_id, rows, (), None, key, **vouched)
        self.receipts.append(self._insist(lambda: self.counter.confirm(self.desk, wish)))
        self.filings.extend(rows)

    def _insist(self, ask: Callable[[], Answer]) -> Answer:
        return insist(ask, self.counter, self.desk.kiosk, self._note_lost)

    def _note_lost(self) -> None:
        self.lost += 1


@contextmanager
def window(house: House, address: str, code: str, patience: Patience = QUICK) -> Iterator[Window]:
    """A window somebody signed in at."""
    with Line(address, patience) as line:
        counter = RemoteCounter(line, code, give_credential(house, code))
        assert isinstance(counter.sign_in(code, CLERK, PIN, str(uuid.uuid4())), SignedIn)
        yield Window(counter, Desk(code, CLERK))


def at_once(*acts: Callable[[], None]) -> None:
    """Do them in threads; what one raises is raised here."""
    errors: list[BaseException] = []

    def guarded(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def assert_each_released_once(sessions: Sessions, windows: Sequence[Window]) -> None:
    """No double release, no lost acknowledgement, no release without its entry, a whole chain."""
    with sessions() as session:
        statuses = set(session.scalars(select(Filing.status)))
        released = list(
            session.scalars(
                select(HandOverItem.filing_id).where(HandOverItem.state == ItemState.RELEASED)
            )
        )
        kept = set(session.scalars(select(HandOver.receipt_number)))
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
    assert statuses == {FilingStatus.RELEASED}
    acknowledged = [filing for one in windows for filing in one.filings]
    assert sorted(acknowledged) == sorted(released)
    assert len(released) == len(set(released))
    receipts = [receipt.number for one in windows for receipt in one.receipts]
    assert set(receipts) <= kept
    confirmed = [entry for entry in entries if entry.act == "confirmed"]
    assert len(confirmed) == len(receipts) == len(set(receipts))
    before = GENESIS
    for entry in entries:
        assert entry.prev == before
        before = hash_of(link_of(entry))
        assert entry.hash == before
