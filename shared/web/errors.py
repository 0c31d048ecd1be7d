"""One set of error pages: each says what to do; a bug shows an incident id that is in the log."""

import logging
import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException

from shared.texts import Text

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Advice:
    """What one status means to the person in front of it."""

    title: str
    text: str


class Explained(BadRequest):
    """Something in what was sent cannot be read; the words say what."""

    def __init__(self, advice: Advice) -> None:
        super().__init__()
        self.advice = advice


EXTENSION = "error_pages"
_KEPT = ("Allow", "Retry-After")
_AGAIN = "前の画面に戻り、もう一度操作してください。"
STALE = Advice(
    "画面の有効期限が切れました",
    "画面を開いてから時間がたったか、別の画面で操作が進んでいます。画面を開き直して、もう一度操作してください。",
)
ADVICE = {
    400: Advice("送信された内容を読み取れませんでした", _AGAIN),
    401: Advice("サインインが必要です", "サインインしてから、もう一度操作してください。"),
    403: Advice("この操作はできません", "必要な権限がありません。責任者に確かめてください。"),
    404: Advice(
        "ページが見つかりません",
        "アドレスに間違いがないか確かめるか、トップページからたどってください。",
    ),
    405: Advice("この開き方はできません", "トップページからたどってください。"),
    409: Advice("ほかの操作が先に行われました", "画面を開き直して、今の状態を確かめてください。"),
    413: Advice(
        "送信された内容が大きすぎます",
        "内容は受け付けていません。ブラウザーの「戻る」で入力した画面に戻り、"
        "長すぎるところを短くして、もう一度送信してください。",
    ),
    422: Advice("送信された内容に食い違いがあります", _AGAIN),
    429: Advice(
        "アクセスが集中しています",
        "短い間に何度も操作されました。送信された内容は受け付けていません。",
    ),
    503: Advice(
        "ただいま混み合っています", "送信された内容は受け付けていません。少し時間をおいてください。"
    ),
}


@dataclass(frozen=True, slots=True)
class _Pages:
    shell: str
    advice: Mapping[int, Advice]


def install(app: Flask, shell: str, advice: Mapping[int, Advice]) -> None:
    """Register the pages on an application (a blueprint cannot answer for unknown paths)."""
    app.extensions[EXTENSION] = _Pages(shell, {**ADVICE, **advice})
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(Exception, _bug)


def answer(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
    """The page for an expected error; headers such as Allow and Retry-After stay with it."""
    status = error.code or 500
    if status < 400:
        return error
    pages = _pages()
    if status >= 500 and status not in pages.advice:
        page, code = _bug(error)
        return page, code, {}
    kept = {str(name): text for name, text in error.get_headers() if name in _KEPT}
    advice = pages.advice.get(status, pages.advice[400])
    if isinstance(error, Explained):
        advice = error.advice
    return _page(status, advice, waiting(kept.get("Retry-After"))), status, kept


def waiting(retry_after: str | None) -> str | None:
    """``およそ40秒後``, ``およそ5分後``: when to come back, as people say it."""
    if retry_after is None or not retry_after.isdecimal():
        return None
    seconds = max(1, int(retry_after))
    if seconds <= 90:
        return Text("およそ%(seconds)s秒後", seconds=seconds)
    return Text("およそ%(count)s分後", count=ceil(seconds / 60))


def _pages() -> _Pages:
    pages: _Pages = current_app.extensions[EXTENSION]
    return pages


def _page(status: int, advice: Advice, when: str | None = None) -> str:
    shell = _pages().shell
    return render_template("error.html", shell=shell, status=status, advice=advice, when=when)


def stale_page() -> tuple[str, int]:
    """What a form with a token that no longer counts is answered."""
    return _page(400, STALE), 400


def _stale(_error: CSRFError) -> tuple[str, int]:
    return stale_page()


def report(error: Exception, where: str | None) -> str:
    """Log a bug; gives the incident id to show.

    Says where it broke, but not the message: database errors quote names and passwords.
    """
    incident = secrets.token_hex(4)
    _log.error("incident %s at %s: %s", incident, where, _trace(error))
    return incident


def _bug(error: Exception) -> tuple[str, int]:
    return render_template("bug.html", incident=report(error, request.endpoint)), 500


def _trace(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    before = f"{_trace(cause)}\n" if cause else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{before}{type(error).__module__}.{type(error).__qualname__}\n{frames}"
