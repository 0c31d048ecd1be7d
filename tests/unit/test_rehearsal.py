"""練習: practice sheets at a practice counter, and neither where the other belongs."""

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from config.demo.places import WINDOW
from config.demo.settings import Wishes, write_settings
from config.rehearsal.__main__ import SHEETS, prepare, print_sheets
from config.rehearsal.lessons import Lesson
from issuer.settings import IssuerSettings, open_press
from shared.db.schema import upgrade
from shared.db.session import open_registry
from shared.db.tables import JournalEntry
from shared.domain import Source
from shared.key_files import make_keys
from shared.keys import TestKeys
from shared.settings import InvalidSettings, read_settings
from tests.builders import CLERK, house, house_on, receiver_sheet, showing, text_of
from verifier.acts import Desk
from verifier.counter import Counter
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused
from verifier.installation import Installation
from verifier.rehearsal import require_own_registry
from verifier.settings import VerifierSettings, open_installation

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsal")
    prepare(folder, Wishes(8200, 8200, "", TestKeys.ONLY), NOW)
    return folder


@pytest.fixture(scope="module")
def installation(var: Path):
    opened = open_installation(read_settings(VerifierSettings, var / "verifier.toml"))
    yield opened
    opened.sessions.kw["bind"].dispose()


@pytest.fixture(scope="module")
def issued(var: Path) -> list[Lesson]:
    known = prepare(var, Wishes(8200, 8200, "", TestKeys.ONLY), NOW)
    return print_sheets(var, known, NOW)


def test_every_lesson_is_answered_as_its_list_says(
    installation: Installation, issued: list[Lesson]
) -> None:
    counter = Counter(installation)
    answers = {}
    for lesson in issued:
        verdict = counter.judge(WINDOW, showing(lesson.facts.payload, Source.PICTURE)).verdict
        answers[lesson.teaches] = verdict.reason.value if isinstance(verdict, Refused) else ""
    assert answers == {lesson.teaches: lesson.answer for lesson in issued}
    assert len(issued) == 13


def test_the_sheets_are_printed_and_each_says_that_it_is_for_practice(
    var: Path, issued: list[Lesson]
) -> None:
    document = pypdfium2.PdfDocument(var / SHEETS)
    try:
        assert len(document) == len(issued)
        for page in document:
            text = page.get_textpage().get_text_bounded()
            assert "練習用" in text
    finally:
        document.close()


def test_a_practice_sheet_is_refused_at_a_real_counter(tmp_path: Path, issued) -> None:
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    upgrade(sessions)
    at = house(sessions)
    answer = at.counter.present(Desk("W1", CLERK), showing(issued[0].facts.payload))
    assert answer.verdict.reason is Reason.TEST_KEY
    assert answer.basket is None
    sessions.kw["bind"].dispose()


@pytest.mark.parametrize("source", [Source.CAMERA, Source.SCANNER, Source.PICTURE])
def test_a_real_sheet_is_refused_in_a_rehearsal(installation: Installation, source: Source) -> None:
    answer = Counter(installation).present(
        Desk(WINDOW, CLERK), showing(text_of(receiver_sheet()), source)
    )
    assert answer.verdict.reason is Reason.REAL_KEY
    assert answer.verdict.reason.value == "NG-REAL"
    assert (answer.claim, answer.basket) == (None, None), "nothing it says is shown"


def test_neither_counter_starts_with_the_others_keys(var: Path, tmp_path: Path) -> None:
    settings = (var / "verifier.toml").read_text()
    there = var / "as-if-real.toml"
    there.write_text(settings.replace('"only"', '"refused"'))
    with pytest.raises(InvalidSettings, match="practice keys"):
        open_installation(read_settings(VerifierSettings, there))
    make_keys(tmp_path / "keys", NOW)
    write_settings(tmp_path, WINDOW, Wishes(1, 2, "", TestKeys.ONLY))
    with pytest.raises(InvalidSettings, match="keys of a real counter"):
        open_installation(read_settings(VerifierSettings, tmp_path / "verifier.toml"))


def test_neither_counter_starts_on_the_others_registry(
    installation: Installation, tmp_path: Path
) -> None:
    require_own_registry(installation.sessions, installation.opener.test_keys)
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    upgrade(sessions)
    real = house(sessions)
    require_own_registry(real.installation.sessions, real.installation.opener.test_keys)
    real.counter.sign_in("W1", CLERK, "0000", "a-key")  # its journal begins
    require_own_registry(real.installation.sessions, real.installation.opener.test_keys)
    moved = Installation(
        sessions, installation.opener, clock=installation.clock, keys=installation.keys
    )
    with pytest.raises(InvalidSettings, match="a real counter's"):
        require_own_registry(moved.sessions, moved.opener.test_keys)
    elsewhere = house_on(installation.sessions, real.clock)
    with pytest.raises(InvalidSettings, match="a rehearsal's"):
        require_own_registry(
            elsewhere.installation.sessions, elsewhere.installation.opener.test_keys
        )
    with installation.sessions() as session:
        assert session.scalar(select(JournalEntry.body).limit(1)) == '{"rehearsal":true}'
    sessions.kw["bind"].dispose()


def test_a_second_start_keeps_registry_and_sign_ins(var: Path, issued: list[Lesson]) -> None:
    again = prepare(var, Wishes(8201, 8201, "", TestKeys.ONLY), NOW)
    assert again == prepare(var, Wishes(8200, 8200, "", TestKeys.ONLY), NOW)
    press = open_press(read_settings(IssuerSettings, var / "issuer.toml"))
    assert TestKeys.is_test(press.signing.key_id)
    assert issued
