"""What a supervisor types to narrow the log, looked up: ids and digests go into the address.

So a name, a plate, a filing number or a search key is in no address, no history and no log.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, Receiver
from shared.domain import FilingNumber, InvalidFilingNumber
from shared.lookup import lookup_digest
from shared.names import compare_key
from shared.search_key import InvalidSearchKey, parse
from shared.vehicle_marks import ends_with, tail
from verifier.console.filters import MOST_IDS

LONGEST = 80
FIELDS = ("receiver_name", "vehicle", "filing_number", "search_key")
_TOO_MANY = f"{MOST_IDS}件より多くあてはまります。もう少し長く入力してください。"


class NotFound(ValueError):
    """Nothing, or too much, answers to what was typed; the message says what to do."""


@dataclass(slots=True)
class LookedUp:
    """The filters found for what was typed, and a sentence for each field that found none."""

    filters: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def look_up(session: Session, form: Mapping[str, str], lookup_key: bytes) -> LookedUp:
    """Look every typed field up; empty ones narrow nothing."""
    result = LookedUp()
    finders: dict[str, tuple[str, Callable[[str], str]]] = {
        "receiver_name": ("receiver", lambda text: _joined(receivers_named(session, text))),
        "vehicle": ("filing", lambda text: _joined(_filings_of_vehicle(session, text))),
        "filing_number": ("filing", lambda text: _joined(_filing_of_number(session, text))),
        "search_key": ("key", lambda text: _digest(text, lookup_key)),
    }
    for name, (target, find) in finders.items():
        text = form.get(name, "").strip()[:LONGEST]
        if not text:
            continue
        try:
            result.filters[target] = find(text)
        except NotFound as problem:
            result.problems[name] = str(problem)
    return result


def receivers_named(session: Session, part: str) -> list[int]:
    """Receivers whose name holds this, width and blanks aside. Raises NotFound."""
    key = compare_key(part).replace(" ", "")
    if not key:
        raise NotFound("受取者名の一部を入力してください。")
    names = session.execute(select(Receiver.id, Receiver.compare_key).order_by(Receiver.id))
    found = [id_ for id_, name in names if key.casefold() in name.replace(" ", "").casefold()]
    if not found:
        raise NotFound("この文字を含む受取者は登録されていません。")
    if len(found) > MOST_IDS:
        raise NotFound(f"受取者が{len(found)}件あてはまります。もう少し長く入力してください。")
    return found


def filings_marked(session: Session, mark: str, most: int) -> list[Filing]:
    """Filings whose plate or chassis number ends with what was typed, newest first."""
    digits = tail(mark)
    if digits is None:
        return []
    either = (Filing.plate_tail == digits) | (Filing.chassis_tail == digits)
    newest = select(Filing).where(either).order_by(Filing.updated_at.desc(), Filing.id.desc())
    fitting = (f for f in session.scalars(newest) if _is_marked(f, mark))
    return [filing for _, filing in zip(range(most), fitting, strict=False)]


def _is_marked(filing: Filing, mark: str) -> bool:
    return ends_with(filing.plate, mark) or ends_with(filing.chassis, mark)


def _filings_of_vehicle(session: Session, mark: str) -> list[int]:
    found = filings_marked(session, mark, MOST_IDS + 1)
    if not found:
        raise NotFound("この番号で終わる車両番号・車台番号の申請はありません。")
    if len(found) > MOST_IDS:
        raise NotFound(_TOO_MANY)
    return [filing.id for filing in found]


def _filing_of_number(session: Session, text: str) -> list[int]:
    try:
        number = FilingNumber.parse(text)
    except InvalidFilingNumber as error:
        raise NotFound("受付番号は16けたまたは17けたの数字で入力してください。") from error
    found = session.scalars(select(Filing.id).where(Filing.number == number.digits)).all()
    if not found:
        raise NotFound("この受付番号の申請はありません。")
    return list(found)


def _digest(text: str, lookup_key: bytes) -> str:
    try:
        return lookup_digest(parse(text), lookup_key)
    except InvalidSearchKey as error:
        said = "検索キーが違います。16けた（個別申告用はKと15けた）を確かめてください。"
        raise NotFound(said) from error


def _joined(ids: list[int]) -> str:
    return ".".join(map(str, ids))
