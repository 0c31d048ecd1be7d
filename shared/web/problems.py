"""What can go wrong, as programs are told: problem details (RFC 9457), each with a stable code."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, HTTPException, UnprocessableEntity, UnsupportedMediaType

from shared.web.errors import report

MIMETYPE = "application/problem+json"
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. Codes are never renamed, only added."""

    code: str
    status: HTTPStatus
    title: str
    advice: str


INVALID_JSON = Kind(
    "invalid-json", HTTPStatus.BAD_REQUEST, "JSONとして読み取れません",
    "UTF-8で書いたJSONのオブジェクトを送信してください。",
)  # fmt: skip
BAD_REQUEST = Kind(
    "bad-request", HTTPStatus.BAD_REQUEST, "要求を読み取れません",
    "ヘッダーの値を確かめてください。",
)  # fmt: skip
NOT_FOUND = Kind(
    "not-found", HTTPStatus.NOT_FOUND, "このアドレスには何もありません",
    "アドレスを確かめてください。",
)  # fmt: skip
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "この方法では呼び出せません",
    "Allowヘッダーにある方法で呼び出してください。",
)  # fmt: skip
UNSUPPORTED = Kind(
    "unsupported-media-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "この形式の内容は受け付けていません",
    "Content-Typeヘッダーに application/json を指定してください。",
)  # fmt: skip
INVALID_FIELDS = Kind(
    "invalid-fields", HTTPStatus.UNPROCESSABLE_ENTITY, "項目の内容を確かめてください",
    "errors にある項目を直して、もう一度送信してください。",
)  # fmt: skip
KEY_REUSED = Kind(
    "idempotency-key-reused", HTTPStatus.UNPROCESSABLE_ENTITY,
    "同じIdempotency-Keyで別の内容が送信されました",
    "新しい内容には新しいIdempotency-Keyを付けてください。",
)  # fmt: skip
INTERNAL = Kind(
    "internal", HTTPStatus.INTERNAL_SERVER_ERROR, "処理できませんでした",
    "instance の番号を添えてお問い合わせください。",
)  # fmt: skip
BUSY = Kind(
    "busy", HTTPStatus.SERVICE_UNAVAILABLE, "混み合っています",
    "Retry-Afterヘッダーの秒数だけ待ってから、もう一度送信してください。",
)  # fmt: skip


def too_large(limit: str) -> Kind:
    """The body is longer than an API takes."""
    title = "送信された内容が大きすぎます"
    advice = f"{limit}以内にしてください。"
    return Kind("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, title, advice)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field."""

    field: str
    """Empty where it concerns the whole order."""
    detail: str


class InvalidJson(BadRequest):
    """The body is not JSON."""

    problem = "invalid-json"


class NotJson(UnsupportedMediaType):
    """The body is not called JSON."""

    problem = "unsupported-media-type"


class KeyReused(UnprocessableEntity):
    """The idempotency key belongs to another order."""

    problem = "idempotency-key-reused"


class InvalidFields(UnprocessableEntity):
    """Fields of the order to put right."""

    problem = "invalid-fields"

    def __init__(self, fields: tuple[FieldProblem, ...]) -> None:
        super().__init__()
        self.fields = fields


class Problems:
    """The kinds of problems that one API tells."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self.kinds = tuple(kinds)
        self._by_code = {kind.code: kind for kind in self.kinds}

    def tell_on(self, bp: Blueprint) -> None:
        """Answer every error of a blueprint with a problem."""
        bp.register_error_handler(HTTPException, self.answer)
        for status in sorted({int(kind.status) for kind in self.kinds}):
            # By status too: the application's own pages for one status would come first.
            bp.register_error_handler(status, self.answer)
        bp.register_error_handler(Exception, self.bug)

    def answer(self, error: HTTPException) -> Response:
        """The problem an expected error is told as; Allow and Retry-After stay with it."""
        response = self.response(self._kind_of(error), getattr(error, "fields", ()))
        for name, text in error.get_headers():
            if name in _KEPT:
                response.headers[str(name)] = text
        return response

    def response(
        self, kind: Kind, fields: tuple[FieldProblem, ...] = (), incident: str | None = None
    ) -> Response:
        """One problem as an answer."""
        body: dict[str, object] = {
            "type": f"/api/v1/#{kind.code}",
            "title": kind.title,
            "status": int(kind.status),
            "detail": kind.advice,
            "code": kind.code,
        }
        if fields:
            body["errors"] = [{"field": one.field, "detail": one.detail} for one in fields]
        if incident is not None:
            body["instance"] = f"urn:uketori:incident:{incident}"
        text = json.dumps(body, ensure_ascii=False)
        never_kept = {"Cache-Control": "no-store"}
        return Response(text, int(kind.status), mimetype=MIMETYPE, headers=never_kept)

    def bug(self, error: Exception) -> Response:
        """Where it broke is in the log, without what was sent."""
        return self.response(INTERNAL, incident=report(error, request.endpoint))

    def _kind_of(self, error: HTTPException) -> Kind:
        named = getattr(error, "problem", None)
        if named is not None:
            return self._by_code[named]
        fitting = (
            kind for kind in self.kinds if kind.status == error.code and kind != INVALID_JSON
        )
        return next(fitting, BAD_REQUEST)
