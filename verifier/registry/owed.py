"""What a confirmation owes before papers leave: the registry asks, whoever the client is.

A window shows the same as boxes to tick (`kiosk.obligations`); a client without them is refused.
"""

from collections.abc import Iterator

from shared.db.tables import Compared, PaperRule
from verifier.acts import Basket, BasketRow, Check, Confirming, NotSeenTo, Taken
from verifier.decision.reasons import Notice

_ASKED_FOR = frozenset({PaperRule.ALWAYS, PaperRule.TAX_UNCONFIRMED})


def require_nothing(basket: Basket, confirming: Confirming) -> None:
    """Raise NotSeenTo unless each released vehicle's papers and the person were seen to."""
    rows = [row for row in basket.rows if row.filing_id in set(confirming.released)]
    if not rows:
        return
    taken = {(paper.filing_id, paper.paper): paper for paper in confirming.taken}
    if any((row.filing_id, name) not in taken for row in rows for name in _papers(row)):
        raise NotSeenTo
    if not set(_checks(basket, rows, taken)) <= set(confirming.checked):
        raise NotSeenTo


def _papers(row: BasketRow) -> Iterator[str]:
    return (paper.name for paper in row.papers if paper.rule in _ASKED_FOR)


def _checks(
    basket: Basket, rows: list[BasketRow], taken: dict[tuple[int, str], Taken]
) -> Iterator[Check]:
    """What the clerk must have said besides: a paper that no machine compared was looked at."""
    exchanged = (
        taken[row.filing_id, paper.name]
        for row in rows
        for paper in row.papers
        if paper.rule is PaperRule.ALWAYS
    )
    if any(paper.compared is Compared.SEEN for paper in exchanged):
        yield Check.BY_EYE
    if Notice.STEP_UP in basket.notices:
        yield Check.IDENTITY
    if basket.from_hold_list:
        yield Check.SLIP
    if basket.number is not None:
        yield Check.NUMBER
