"""車両から探す: one field for plate, chassis, filing number, receiver or receipt number."""

import unicodedata
from collections.abc import Sequence

from flask import g, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Filing, HandOver, HandOverItem, Receiver
from shared.domain import FilingNumber, FilingStatus, InvalidFilingNumber
from verifier.console.access import only
from verifier.console.filters import ids
from verifier.console.house import installation
from verifier.console.supervising import may_supervise
from verifier.console.typed import LONGEST, NotFound, filings_marked, receivers_named
from verifier.console.whereabouts import Hit, hits
from verifier.console_sign_in import CONSOLE_ROLES
from verifier.registry import journal as chain
from verifier.registry.journal import Act, Author

MOST_HITS = 50
_IDS = 1000
"""Characters of ids in an address: fifty of them fit."""
_SETTLED = (FilingStatus.RELEASED, FilingStatus.WITHDRAWN)


def search() -> str:
    """The field, and where the papers of the filings in the address are. Looking is noted."""
    found = _filings_of_request()
    if found is None:
        return _page([], text="")
    house = installation()
    with reading(house.sessions) as session:
        filings = [f for id_ in found if (f := session.get(Filing, id_)) is not None]
        answer = hits(session, filings)
    with house.sessions.begin() as session:
        body: dict[str, chain.Json] = {"looked_up": [hit.filing_id for hit in answer]}
        chain.append(session, Act.LOOKED, Author(None, g.person.number), body, house.clock())
    return _page(answer, text="", more=len(found) >= MOST_HITS)


@only(CONSOLE_ROLES)
def take_search() -> Response | tuple[str, int]:
    """Look up what was typed; what is found goes into the address as ids."""
    text = request.form.get("text", "").strip()[:LONGEST]
    with reading(installation().sessions) as session:
        found = find(session, text)
    if not found:
        return _page([], text, problem=_problem(text)), 422
    return redirect(url_for("console.search", filing=".".join(map(str, found))), 303)


def find(session: Session, text: str) -> list[int]:
    """Ids of the filings that a text names: the most exact reading of it that finds some."""
    if not text:
        return []
    for look in (_by_number, _by_receipt, _by_mark, _by_receiver):
        if found := look(session, text):
            return found[:MOST_HITS]
    return []


def _by_number(session: Session, text: str) -> list[int]:
    try:
        number = FilingNumber.parse(text)
    except InvalidFilingNumber:
        return []
    return list(session.scalars(select(Filing.id).where(Filing.number == number.digits)))


def _by_receipt(session: Session, text: str) -> list[int]:
    receipt = unicodedata.normalize("NFKC", text).replace(" ", "")
    items = select(HandOverItem.filing_id).join(HandOver)
    return list(
        session.scalars(
            items.where(HandOver.receipt_number.in_([receipt, receipt.upper()])).order_by(
                HandOverItem.filing_id
            )
        )
    )


def _by_mark(session: Session, text: str) -> list[int]:
    return [filing.id for filing in filings_marked(session, text, MOST_HITS)]


def _by_receiver(session: Session, text: str) -> list[int]:
    """What still lies here first, then what was collected, the newest first."""
    try:
        receivers = receivers_named(session, text)
    except NotFound:
        return []
    keys = select(Receiver.compare_key).where(Receiver.id.in_(receivers))
    theirs = select(Filing.id).where(Filing.receiver_key.in_(session.scalars(keys).all()))
    newest = (Filing.updated_at.desc(), Filing.id.desc())
    here = theirs.where(Filing.status.not_in(_SETTLED)).order_by(*newest).limit(MOST_HITS)
    gone = theirs.where(Filing.status.in_(_SETTLED)).order_by(*newest).limit(MOST_HITS)
    return [*session.scalars(here), *session.scalars(gone)]


def _filings_of_request() -> list[int] | None:
    value = request.args.get("filing", "")[:_IDS]
    try:
        return ids(value)[:MOST_HITS] if value else None
    except ValueError:
        return None


def _problem(text: str) -> str:
    if not text:
        return "探す番号か名前を入力してください。"
    return (
        "あてはまる申請がありません。番号は終わりの4けただけでも探せます。"
        "受取者名は、登録されている名前の一部を入力してください。"
    )


def _page(
    answer: Sequence[Hit], text: str, problem: str | None = None, *, more: bool = False
) -> str:
    return render_template(
        "console/search.html",
        hits=answer,
        text=text,
        problem=problem,
        more=more,
        may_supervise=may_supervise(),
        person=g.person,
    )
