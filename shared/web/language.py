"""The language of a page: each application says whose it is; templates ask for texts by ``_``."""

from collections.abc import Callable, Iterable
from datetime import datetime

from flask import Flask, current_app
from markupsafe import Markup, escape

from shared.texts import Language, Text, said
from shared.web.times import jst_date, jst_log, jst_moment

EXTENSION = "language"
Choose = Callable[[], Language]


def always_japanese() -> Language:
    """For applications without a choice."""
    return Language.JAPANESE


def install(app: Flask, choose: Choose) -> None:
    """Let templates say texts in the language that `choose` names for the request."""
    app.extensions[EXTENSION] = choose
    app.context_processor(lambda: {"language": current()})
    app.jinja_env.globals.update(
        _=say, _language=current, strong=strong, japanese=japanese, listed=listed
    )
    app.jinja_env.filters.update(moment=moment, day=day)


def current() -> Language:
    """The language of this request."""
    choose: Choose = current_app.extensions[EXTENSION]
    return choose()


def say(text: str, **values: object) -> str:
    """A text in the language of this request, its places filled in."""
    return said(Text(text, **values) if values else text, current())


def strong(value: object) -> Markup:
    """A value that stands out of its sentence."""
    return Markup("<strong>{}</strong>").format(value)


def japanese(value: object) -> Markup:
    """A name or sentence that stays Japanese, marked as such for those who listen to the page."""
    return Markup('<span lang="ja">{}</span>').format(value) if value else escape("")


def listed(names: Iterable[str]) -> Markup:
    """Names one after another, as Japanese lists them."""
    return japanese("、".join(names))


def moment(at: datetime) -> str:
    """``11月23日 09:05`` or ``2026-11-23 09:05``."""
    return jst_moment(at) if current() is Language.JAPANESE else jst_log(at)[:16]


def day(at: datetime) -> str:
    """``2026年 11月 23日`` or ``2026-11-23``."""
    return jst_date(at) if current() is Language.JAPANESE else jst_log(at)[:10]
