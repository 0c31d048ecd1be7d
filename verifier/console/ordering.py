"""From a sent form to an order that is carried out, once, or to a sentence that says why not."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import abort, flash, g, redirect, request
from werkzeug.wrappers import Response

from verifier.acts import IdempotencyMismatch, NotPermitted
from verifier.administration.orders import Order, carry_out
from verifier.administration.why import NotDone, Why
from verifier.console.house import installation

_KEY_LENGTH = len(str(uuid.UUID(int=0)))


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: empty at first, as it was sent when something is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    problem: str | None = None
    about: str = ""
    """Which form of a page the problem is about."""

    def get(self, name: str, default: str = "") -> str:
        """A value as typed."""
        return self.values.get(name, default)


def order_key() -> str:
    """The key that came with a form: the same one for both clicks of a double click."""
    key = request.form.get("key", "")
    if len(key) != _KEY_LENGTH:
        abort(400)
    return key


def give(about: str, make: Callable[[], Order]) -> Form | None:
    """Carry an order out; the form to show again when it was not done."""
    key = order_key()
    try:
        carry_out(installation(), g.person.number, key, make())
    except NotDone as refused:
        return sent(about, f"{refused.sentence}（{refused.why.value}）")
    except NotPermitted:
        abort(403)
    except IdempotencyMismatch:
        abort(422)
    return None


def answer(
    form: Form | None, show: Callable[[Form], str], said: str, onward: str
) -> Response | tuple[str, int]:
    """The page with what is wrong, or onward with a word that it was done."""
    if form is not None:
        return show(form), 422
    flash(said)
    return redirect(onward, 303)


def sent(about: str, problem: str) -> Form:
    """The form as it came, without what nobody should see again."""
    hidden = {"csrf_token", "key", "pin", "pin_again", "password", "again"}
    values = {name: text for name, text in request.form.items() if name not in hidden}
    return Form(values, request.form["key"], problem, about)


def typed(name: str) -> str:
    """What came in a field of the form."""
    return request.form.get(name, "").strip()


def number(text: str) -> int:
    """A whole number as typed. Raises NotDone."""
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise NotDone(Why.BAD_SETTING)
    return int(text)
