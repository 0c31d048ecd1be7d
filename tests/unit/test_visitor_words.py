"""What the display turned to the visitor says: counts and plain words in two languages."""

import pytest

from kiosk.state import Idle, InHand
from kiosk.visitor import Mood, words_for
from shared.db.tables import PaperRule
from shared.domain import Purpose
from tests.builders import START
from verifier.acts import Basket, BasketRow, PaperAsked, WaitingRow
from verifier.decision.catalogue import CATALOGUE
from verifier.decision.english import ENGLISH
from verifier.decision.reasons import Notice

TAX = PaperAsked("納税証明書", PaperRule.TAX_UNCONFIRMED)


def basket(paid: int, unpaid: int, waiting: int = 0, notices: tuple[Notice, ...] = ()) -> InHand:
    rows = tuple(
        BasketRow(place, "", None, (), (TAX,) if place >= paid else (), None)
        for place in range(paid + unpaid)
    )
    others = tuple(WaitingRow("", None, "correction", None) for _ in range(waiting))
    made = Basket("", Purpose.AUTHENTICATION, None, "", None, START, rows, others, notices)
    return InHand(made, None)


def said(state: InHand) -> list[tuple[str, str]]:
    return [(line.japanese, line.english) for line in words_for(state).sentences]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (basket(1, 0), [("1台お渡しできます。", "1 vehicle is ready for you.")]),
        (
            basket(2, 1),
            [
                ("3台お渡しできます。", "3 vehicles are ready for you."),
                ("うち1台は納税証明書の確認が必要です。", "1 of them needs a tax certificate."),
            ],
        ),
        (
            basket(1, 2, 4),
            [
                ("3台お渡しできます。", "3 vehicles are ready for you."),
                ("うち2台は納税証明書の確認が必要です。", "2 of them need a tax certificate."),
                ("ほかの4台は、まだお渡しできません。", "4 more not ready yet."),
            ],
        ),
        (
            basket(0, 1),
            [
                ("1台お渡しできます。", "1 vehicle is ready for you."),
                ("納税証明書の確認が必要です。", "We need to see the tax certificate."),
            ],
        ),
    ],
)
def test_a_basket_is_told_in_counts(state: InHand, expected: list[tuple[str, str]]) -> None:
    assert said(state) == expected


def test_what_is_asked_of_the_visitor_changes_how_the_page_looks() -> None:
    assert words_for(basket(3, 0)).mood is Mood.YES
    assert words_for(basket(2, 1)).mood is Mood.LOOK
    asked = words_for(basket(1, 0, notices=(Notice.STEP_UP,)))
    assert asked.mood is Mood.LOOK
    assert asked.sentences[-1].japanese == CATALOGUE[Notice.STEP_UP].visitor
    assert words_for(Idle()).mood is Mood.WAIT


def test_every_reason_has_its_sentence_in_english() -> None:
    assert set(ENGLISH) == set(CATALOGUE)
    assert all(text.isascii() and text.endswith((".", "?")) for text in ENGLISH.values())


def test_sentences_that_are_the_same_in_japanese_are_the_same_in_english() -> None:
    pairs = {(CATALOGUE[reason].visitor, text) for reason, text in ENGLISH.items()}
    assert len(pairs) == len({words.visitor for words in CATALOGUE.values()})
