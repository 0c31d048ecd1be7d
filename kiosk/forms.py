"""What the clerk's browser sends, as values or as sentences about what is missing."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from kiosk.handing import Ticks
from kiosk.state import Choice, TypingKey
from kiosk.words import TYPING_REASONS
from shared.search_key import InvalidSearchKey, parse
from shared.texts import Text
from verifier.acts import DeclineReason, Holding, HoldReason, TypedReason
from verifier.desk_acts import Layout

KEY_LENGTH = 16
MOST_COLLECTOR = 60
MOST_MEMO = 60
MOST_TYPED = 120
_ID = r"[0-9]{1,18}"
Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class TypedKey:
    """A search key that has no typing error in it."""

    key: str
    reason: TypedReason


def read_ticks(form: Form) -> Ticks:
    """The ticks, hold reasons, papers, checks and collector of the basket form."""
    held = (
        Holding(int(id_), HoldReason(value), _memo(form, id_))
        for name, value in form.items()
        if (id_ := _id_in(name, "hold-")) and value in set(HoldReason)
    )
    choice = Choice(
        released=read_released(form),
        held=tuple(sorted(held, key=lambda holding: holding.filing_id)),
        checked=frozenset(form.getlist("checked")),
        collector=_one_line(form.get("collector", ""))[:MOST_COLLECTOR],
        taken=frozenset(_papers(form)),
    )
    return Ticks(choice, read_number(form, "known") or 0)


def read_released(form: Form) -> frozenset[int]:
    """The ids of the ticked rows."""
    return frozenset(int(value) for value in form.getlist("released") if re.fullmatch(_ID, value))


def read_number(form: Form, name: str) -> int | None:
    """A number in a field; None when there is none."""
    value = form.get(name, "")
    return int(value) if re.fullmatch(_ID, value) else None


def read_typed(form: Form) -> str:
    """What was typed from a paper."""
    return _one_line(form.get("text", ""))[:MOST_TYPED]


def read_layout(form: Form) -> Layout:
    """The paper of a receipt: A4 unless the roll was asked for."""
    return Layout.ROLL if form.get("layout") == Layout.ROLL else Layout.A4


def read_typed_key(form: Form) -> TypedKey | TypingKey:
    """A search key and why it was typed; the check digits are tried before anybody is asked."""
    key, reason = _one_line(form.get("key", ""))[:MOST_TYPED], form.get("reason", "")
    problems = [("key", text)] if (text := _wrong_with(key)) else []
    if reason not in set(TYPING_REASONS):
        problems.append(("reason", "手入力の理由を選んでください"))
    if problems:
        return TypingKey(key, reason, tuple(problems))
    return TypedKey(key, TypedReason(reason))


def read_decline(form: Form) -> DeclineReason | None:
    """Why the evidence did not convince; None when nothing was chosen."""
    reason = form.get("reason", "")
    return DeclineReason(reason) if reason in set(DeclineReason) else None


def _wrong_with(key: str) -> str | None:
    typed = re.sub(r"[\s\-‐‑–—―−ー]", "", unicodedata.normalize("NFKC", key[:80]))
    if not typed:
        return "検索キーを入力してください"
    if len(typed) < KEY_LENGTH:
        return Text("検索キーは16けたです（あと%(count)sけた）", count=KEY_LENGTH - len(typed))
    if len(typed) > KEY_LENGTH:
        return Text("検索キーは16けたです（%(count)sけた多い）", count=len(typed) - KEY_LENGTH)
    try:
        parse(key)
    except InvalidSearchKey:
        return "検索キーに打ち間違いがあります。数字を1けたずつ確かめてください"
    return None


def _one_line(text: str) -> str:
    """Nothing invisible: this is printed on a receipt."""
    return "".join(char for char in text.strip() if not unicodedata.category(char).startswith("C"))


def _id_in(name: str, prefix: str) -> str | None:
    id_ = name.removeprefix(prefix)
    return id_ if name.startswith(prefix) and re.fullmatch(_ID, id_) else None


def _memo(form: Form, id_: str) -> str | None:
    return _one_line(form.get(f"memo-{id_}", ""))[:MOST_MEMO] or None


def _papers(form: Form) -> Iterator[tuple[int, int]]:
    """Ticked papers: the filing, and the place of the paper in its row."""
    for value in form.getlist("taken"):
        if found := re.fullmatch(rf"({_ID})-([0-9]{{1,2}})", value):
            yield int(found[1]), int(found[2])
