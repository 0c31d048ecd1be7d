"""The law of the counter: the rules in their order, and the one loop that asks them."""

from datetime import datetime

from shared.domain import Sheet
from verifier.decision import rules
from verifier.decision.evidence import Evidence
from verifier.decision.verdict import Accepted, Refused, Verdict

RULES: tuple[rules.Rule, ...] = (
    rules.kiosk_locked,
    rules.wrong_window,
    rules.not_on_plan,
    rules.not_registered,
    rules.already_registered,
    rules.no_such_filing,
    rules.suspended,
    rules.cannot_open,
    rules.password_locked,
    rules.wrong_password,
    rules.former_password,
    rules.not_before,
    rules.older_than_credential,
    rules.reused_password,
    rules.superseded,
    rules.shown_before,
    rules.procedure_closed,
    rules.other_office,
    rules.individual_only,
    rules.nothing_to_collect,
    rules.not_ready,
    rules.being_handed_over,
    rules.already_released,
    rules.on_hold,
)
"""Validity before state, state before "already released": a duplicate hides no invalid sheet.

What concerns the text alone (ours, version, misread, key, signature, structure, times) was
answered by `shared.payload.decode` before a Sheet existed.
"""


def decide(sheet: Sheet, evidence: Evidence, now: datetime) -> Verdict:
    """Ask every rule; one "no" refuses. All answers are kept, the first is shown."""
    if not RULES:
        raise RuntimeError("a counter without rules would accept everything")
    answers = (rule(sheet, evidence, now) for rule in RULES)
    reasons = tuple(answer for answer in answers if answer is not None)
    return Refused(reasons) if reasons else Accepted(rules.notices(sheet, evidence))
