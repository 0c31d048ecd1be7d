"""What must be seen to before papers go over the counter: papers in exchange, identity, slips.

A paper that is always asked for is the one given in exchange: it carries the vehicle's numbers and
is compared with its row, by machine or, if the clerk says so, by eye. What is asked here as boxes
to tick, the registry asks of every client (`verifier.registry.owed`).
"""

from collections.abc import Iterator

from kiosk.state import Choice, InHand
from kiosk.words import PAPER_RULES
from shared.db.tables import Compared, PaperRule
from shared.domain import Purpose
from shared.texts import Text
from verifier.acts import BasketRow, Check, PaperAsked, Taken
from verifier.decision.reasons import Notice

NOTHING_CHOSEN = "渡す車両に印を付けるか、保留の理由を選んでください。"
_ONE_EACH = "引き換える書面を受け取ったか、まだ印のない車両が%(count)s台あります（%(first)s）。"
_BY_EYE = "書面の車両番号を目で見比べた（読取・入力で照合していない%(count)s台）"


def checks(state: InHand) -> tuple[tuple[str, str], ...]:
    """(name, sentence) of what must be ticked below the rows before anything is released."""
    asked = list(_individual_papers(state))
    if count := len(_uncompared(state)):
        asked.append((Check.BY_EYE, Text(_BY_EYE, count=count)))
    if Notice.STEP_UP in state.basket.notices:
        asked.append((Check.IDENTITY, "受け取る方の身分証を確かめた"))
    if state.basket.from_hold_list:
        asked.append((Check.SLIP, "保留票か元の用紙で、受け取る方を確かめた"))
    if state.basket.number is not None:
        number = state.basket.number
        asked.append(
            (
                Check.NUMBER,
                Text("番号票（%(number)s番）か元の用紙で、受け取る方を確かめた", number=number),
            )
        )
    return tuple(asked)


def problems(state: InHand) -> tuple[str, ...]:
    """What is missing before the second look, as sentences."""
    choice = state.choice
    if not choice.released and not choice.held:
        return (NOTHING_CHOSEN,)
    if not choice.released:
        return ()
    missing = [text for name, text in checks(state) if name not in choice.checked]
    found = [Text("「%(check)s」に印を付けてください。", check=_text(text)) for text in missing]
    if rows := _without_papers(state):
        first = rows[0].plate or rows[0].number
        found.insert(0, Text(_ONE_EACH, count=len(rows), first=first))
    return tuple(found)


def _text(text: str) -> Text:
    return text if isinstance(text, Text) else Text(text)


def vouched(state: InHand) -> tuple[Check, ...]:
    """Which of the clerk's ticks the registry asks for too."""
    return tuple(check for check in Check if check in state.choice.checked)


def is_exchanged(paper: PaperAsked) -> bool:
    """The old certificate: compared with its row rather than only ticked."""
    return paper.rule is PaperRule.ALWAYS


def taken(state: InHand) -> tuple[Taken, ...]:
    """The papers taken for the released rows, and how each was compared."""
    by_machine = _compared(state.choice)
    return tuple(
        Taken(row.filing_id, paper.name, by_machine.get(row.filing_id, Compared.SEEN))
        if is_exchanged(paper)
        else Taken(row.filing_id, paper.name, Compared.SEEN)
        for row in _released(state)
        for place, paper in enumerate(row.papers)
        if _is_taken(state, row, place)
    )


def comparisons(state: InHand) -> dict[Compared, int]:
    """How many of the released rows with a paper in exchange were compared how."""
    by_machine = _compared(state.choice)
    counts = dict.fromkeys(Compared, 0)
    for row in _released(state):
        if any(is_exchanged(paper) for paper in row.papers):
            counts[by_machine.get(row.filing_id, Compared.SEEN)] += 1
    return {how: count for how, count in counts.items() if count}


def _is_taken(state: InHand, row: BasketRow, place: int) -> bool:
    paper = row.papers[place]
    if is_exchanged(paper):
        return True  # nothing is released before it was compared or seen
    if state.basket.purpose is Purpose.INDIVIDUAL:
        return paper.rule is not PaperRule.IF_ANY
    return (row.filing_id, place) in state.choice.taken


def _individual_papers(state: InHand) -> Iterator[tuple[str, str]]:
    """One vehicle: each paper is a line of its own."""
    if state.basket.purpose is not Purpose.INDIVIDUAL or not state.basket.rows:
        return
    for place, paper in enumerate(state.basket.rows[0].papers):
        if not is_exchanged(paper):
            note = PAPER_RULES[paper.rule]
            sentence = "%(paper)s（%(note)s）を確かめた" if note else "%(paper)sを確かめた"
            yield f"paper-{place}", Text(sentence, paper=paper.name, note=Text(note))


def _uncompared(state: InHand) -> list[BasketRow]:
    """Of a bundle those that are ticked; a single vehicle is asked about from the start."""
    by_machine = _compared(state.choice)
    alone = state.basket.purpose is Purpose.INDIVIDUAL
    return [
        row
        for row in (state.basket.rows if alone else _released(state))
        if row.filing_id not in by_machine and any(is_exchanged(paper) for paper in row.papers)
    ]


def _without_papers(state: InHand) -> list[BasketRow]:
    """Released rows for which an unconfirmed tax asks a paper that was not ticked."""
    if state.basket.purpose is Purpose.INDIVIDUAL:
        return []
    return [
        row
        for row in _released(state)
        if any(
            paper.rule is PaperRule.TAX_UNCONFIRMED
            and (row.filing_id, place) not in state.choice.taken
            for place, paper in enumerate(row.papers)
        )
    ]


def _released(state: InHand) -> list[BasketRow]:
    return [row for row in state.basket.rows if row.filing_id in state.choice.released]


def _compared(choice: Choice) -> dict[int, Compared]:
    return {comparison.filing_id: comparison.compared for comparison in choice.compared}
