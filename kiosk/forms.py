"""What the clerk's browser sends, as values or as sentences about what is missing."""

import re
import unicodedata
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from kiosk.state import Choice
from shared.search_key import InvalidSearchKey, parse
from verifier.acts import DeclineReason, Holding, HoldReason, TypedReason

KEY_LENGTH = 16
MOST_COLLECTOR = 60
Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TypedKey:
    """A search key that has no typing error in it."""

    key: str
    reason: TypedReason


def read_choice(form: Form) -> Choice:
    """The ticks, hold reasons, checks and collector of the basket form."""
    held = (
        Holding(int(name.removeprefix("hold-")), HoldReason(value))
        for name, value in form.items()
        if re.fullmatch(r"hold-[0-9]{1,18}", name) and value in set(HoldReason)
    )
    return Choice(
        released=read_released(form),
        held=tuple(sorted(held, key=lambda holding: holding.filing_id)),
        checked=frozenset(form.getlist("checked")),
        collector=_one_line(form.get("collector", ""))[:MOST_COLLECTOR],
    )


def read_released(form: Form) -> frozenset[int]:
    """The ids of the ticked rows."""
    return frozenset(
        int(value) for value in form.getlist("released") if re.fullmatch(r"[0-9]{1,18}", value)
    )


def read_typed_key(form: Form) -> TypedKey | tuple[FieldError, ...]:
    """A search key and why it was typed; the check digits are tried before anybody is asked."""
    key, reason = form.get("key", ""), form.get("reason", "")
    errors = [FieldError("key", text)] if (text := _wrong_with(key)) else []
    if reason not in set(TypedReason):
        errors.append(FieldError("reason", "手入力の理由を選んでください"))
    return tuple(errors) or TypedKey(key, TypedReason(reason))


def read_decline(form: Form) -> DeclineReason | None:
    """Why the evidence did not convince; None when nothing was chosen."""
    reason = form.get("reason", "")
    return DeclineReason(reason) if reason in set(DeclineReason) else None


def _wrong_with(key: str) -> str | None:
    typed = re.sub(r"[\s\-‐‑–—―−ー]", "", unicodedata.normalize("NFKC", key[:80]))
    if not typed:
        return "検索キーを入力してください"
    if len(typed) < KEY_LENGTH:
        return f"検索キーは{KEY_LENGTH}けたです（あと{KEY_LENGTH - len(typed)}けた）"
    if len(typed) > KEY_LENGTH:
        return f"検索キーは{KEY_LENGTH}けたです（{len(typed) - KEY_LENGTH}けた多い）"
    try:
        parse(key)
    except InvalidSearchKey:
        return "検索キーに打ち間違いがあります。数字を1けたずつ確かめてください"
    return None


def _one_line(text: str) -> str:
    """Nothing invisible: this is printed on a receipt."""
    return "".join(char for char in text.strip() if not unicodedata.category(char).startswith("C"))
