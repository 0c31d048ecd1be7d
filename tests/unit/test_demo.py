"""The demo's registry, sheets and film: made once for this module, then looked at."""

import os
import stat
from collections import Counter as Tally
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select

from config.demo import clip, registry, sign_ins
from config.demo.people import CLERK, OTHER_CLERK, RECEIVERS, STAFF
from config.demo.places import OTHER_WINDOW, WINDOW
from config.demo.settings import Wishes, write_settings
from config.demo.sign_ins import SignIns
from issuer.layout import SheetFacts
from issuer.settings import IssuerSettings
from kiosk.reading.ladder import Reader
from shared.db.session import Sessions
from shared.db.tables import Filing, HandOverItem, ItemState, JournalEntry
from shared.domain import FilingStatus, PickupMethod, Purpose, Source
from shared.passwords import check_secret
from shared.settings import read_settings
from verifier.acts import Desk, Presenting, SignedIn
from verifier.counter import Counter
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused
from verifier.installation import Installation
from verifier.registry.journal import GENESIS, hash_of, link_of
from verifier.settings import VerifierSettings, open_installation

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Demo:
    """A furnished demo."""

    var: Path
    known: SignIns
    installation: Installation
    said: list[str]

    @property
    def sessions(self) -> Sessions:
        return self.installation.sessions

    @property
    def counter(self) -> Counter:
        return Counter(self.installation)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    var = tmp_path_factory.mktemp("var")
    known, said = sign_ins.draw(STAFF), list[str]()
    write_settings(var, WINDOW, Wishes(8000, 8100, str(var / "demo.avi")))
    registry.furnish(var, known, NOW, said.append)
    installation = open_installation(read_settings(VerifierSettings, var / "verifier.toml"))
    return Demo(var, known, installation, said)


@pytest.fixture(scope="module")
def sheets(demo: Demo) -> list[SheetFacts]:
    return clip.issue_sheets(demo.var, demo.known, NOW)


def test_there_are_some_hundred_filings_of_every_kind(demo: Demo) -> None:
    with demo.sessions() as session:
        rows = session.execute(
            select(Filing.status, Filing.pickup_method, Filing.office_code, Filing.procedure_code)
        ).all()
    assert 280 <= len(rows) <= 320
    assert {row.status for row in rows} == set(FilingStatus)
    assert {row.pickup_method for row in rows} == set(PickupMethod)
    assert len({(row.office_code, row.procedure_code) for row in rows}) == 6


def test_everything_handed_over_has_its_hand_over(demo: Demo) -> None:
    with demo.sessions() as session:
        statuses = Tally(session.scalars(select(Filing.status)))
        items = Tally(session.scalars(select(HandOverItem.state)))
    assert items[ItemState.RELEASED] == statuses[FilingStatus.RELEASED] > 50
    assert items[ItemState.HANDING] == statuses[FilingStatus.HANDING] > 0
    assert items[ItemState.HELD] == 2
    assert items[ItemState.UNDONE] == 1


def test_the_other_window_has_a_basket_left_open(demo: Demo) -> None:
    basket = demo.counter.unfinished(Desk(OTHER_WINDOW, OTHER_CLERK))
    assert basket is not None
    assert len(basket.rows) == 4
    assert demo.counter.unfinished(Desk(WINDOW, CLERK)) is None


def test_the_journal_is_one_unbroken_chain_from_the_installation_on(demo: Demo) -> None:
    with demo.sessions() as session:
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
    assert entries[0].act == "installed"
    assert [entry.hash for entry in entries] == [hash_of(link_of(entry)) for entry in entries]
    assert [entry.prev for entry in entries] == [GENESIS, *(entry.hash for entry in entries[:-1])]


def test_the_journal_was_written_in_the_order_of_time(demo: Demo) -> None:
    with demo.sessions() as session:
        times = session.scalars(select(JournalEntry.at).order_by(JournalEntry.seq)).all()
    assert times == sorted(times)


def test_a_printed_pin_opens_the_counter(demo: Demo) -> None:
    assert isinstance(
        demo.counter.sign_in(WINDOW, CLERK, demo.known.pins[CLERK], "a-key"), SignedIn
    )


def test_the_printed_password_of_filings_is_theirs(demo: Demo) -> None:
    with demo.sessions() as session:
        hashes = set(session.scalars(select(Filing.password_hash)))
    (stored,) = hashes
    assert stored is not None
    assert check_secret(demo.known.inquiry_password, stored)


def test_nobody_could_be_taken_for_a_real_person() -> None:
    people = [*RECEIVERS, *(name for name, _ in STAFF.values())]
    assert [name for name in people if "見本" not in name] == []


def test_the_sheets_of_the_film_show_what_a_counter_says(
    demo: Demo, sheets: list[SheetFacts]
) -> None:
    answers = []
    for n, facts in enumerate(sheets):
        shown = Presenting(f"00000000-0000-4000-8000-{n:012d}", facts.payload, Source.PICTURE)
        verdict = demo.counter.judge(WINDOW, shown).verdict
        answers.append((facts.purpose, verdict.reason if isinstance(verdict, Refused) else None))
    assert answers == [
        (Purpose.AUTHENTICATION, None),
        (Purpose.REGISTRATION, None),
        (Purpose.AUTHENTICATION, Reason.NOT_REGISTERED),
        (Purpose.PASSWORD_CHANGE, None),
        (Purpose.INDIVIDUAL, None),
    ]


def test_the_film_shows_a_sheet_that_can_be_read(
    demo: Demo, sheets: list[SheetFacts], tmp_path: Path
) -> None:
    film = tmp_path / "film.avi"
    written = list(clip.render(sheets[:1], film))
    assert written[-1] == pytest.approx(clip.frames(sheets[:1]), abs=5)
    capture = cv2.VideoCapture(str(film))
    capture.set(cv2.CAP_PROP_POS_FRAMES, len(written) // 2)
    grabbed, picture = capture.read()
    assert grabbed
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    assert [code.text for code in Reader().read(grey).codes] == [sheets[0].payload]
    assert clip.is_fresh(film, datetime.now(UTC))
    os.utime(film, (0, 0))
    assert not clip.is_fresh(film, NOW)


def test_a_later_start_finds_the_registry_as_it_was(demo: Demo) -> None:
    with demo.sessions() as session:
        before = session.scalar(select(func.max(JournalEntry.seq)))
    registry.bring_up_to_date(demo.var)
    with demo.sessions() as session:
        assert session.scalar(select(func.max(JournalEntry.seq))) == before


def test_the_sign_ins_come_back_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    path, drawn = tmp_path / "demo-sign-ins.txt", sign_ins.draw(STAFF)
    assert sign_ins.recall(path) is None
    sign_ins.keep(drawn, path)
    assert sign_ins.recall(path) == drawn
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert drawn.pins[CLERK] not in repr(drawn)


@pytest.mark.parametrize("text", ["pins = 1", "no toml at all", 'pins = {}\nother = "x"'])
def test_sign_ins_in_another_form_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "demo-sign-ins.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"."):
        sign_ins.recall(path)


def test_the_settings_to_start_from_are_accepted() -> None:
    issuer = read_settings(IssuerSettings, ROOT / "config" / "issuer.toml")
    verifier = read_settings(VerifierSettings, ROOT / "config" / "verifier.toml")
    assert (issuer.registry, issuer.system_id) == (verifier.registry, verifier.system_id)
