"""What can go wrong, as programs are told: problem details (RFC 9457), each with a stable code."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    NotAcceptable,
    UnprocessableEntity,
    UnsupportedMediaType,
)

MIMETYPE = "application/problem+json"
_KEPT = ("Allow", "Retry-After")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. Codes are never renamed, only added."""

    code: str
    status: HTTPStatus
    title: str
    advice: str


KINDS = (
    Kind("invalid-json", HTTPStatus.BAD_REQUEST, "JSONとして読み取れません",
         "UTF-8で書いたJSONのオブジェクトを送信してください。"),
    Kind("bad-request", HTTPStatus.BAD_REQUEST, "要求を読み取れません",
         "ヘッダーの値を確かめてください。"),
    Kind("not-found", HTTPStatus.NOT_FOUND, "このアドレスには何もありません",
         "アドレスを確かめてください。"),
    Kind("method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "この方法では呼び出せません",
         "Allowヘッダーにある方法で呼び出してください。"),
    Kind("not-acceptable", HTTPStatus.NOT_ACCEPTABLE, "求められた形式では返せません",
         "Acceptヘッダーに application/pdf、image/svg+xml、image/png、application/json の"
         "どれかを指定してください。"),
    Kind("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "送信された内容が大きすぎます",
         "8 KiB以内にしてください。"),
    Kind("unsupported-media-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
         "この形式の内容は受け付けていません",
         "Content-Typeヘッダーに application/json を指定してください。"),
    Kind("invalid-fields", HTTPStatus.UNPROCESSABLE_ENTITY, "項目の内容を確かめてください",
         "errors にある項目を直して、もう一度送信してください。"),
    Kind("idempotency-key-reused", HTTPStatus.UNPROCESSABLE_ENTITY,
         "同じIdempotency-Keyで別の内容が送信されました",
         "新しい内容には新しいIdempotency-Keyを付けてください。"),
    Kind("too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "短い間に何度も呼び出されました",
         "Retry-Afterヘッダーの秒数だけ待ってから、もう一度送信してください。"),
    Kind("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "処理できませんでした",
         "instance の番号を添えてお問い合わせください。"),
    Kind("busy", HTTPStatus.SERVICE_UNAVAILABLE, "混み合っています",
         "Retry-Afterヘッダーの秒数だけ待ってから、もう一度送信してください。"),
)  # fmt: skip
BY_CODE = {kind.code: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field."""

    field: str
    """Empty where it concerns the whole order."""
    detail: str


class InvalidJson(BadRequest):
    """The body is not JSON."""

    problem = "invalid-json"


class NotOffered(NotAcceptable):
    """The caller accepts none of our formats."""

    problem = "not-acceptable"


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


def answer(error: HTTPException) -> Response:
    """The problem an expected error is told as; Allow and Retry-After stay with it."""
    response = _response(_kind_of(error), fields=getattr(error, "fields", ()))
    for name, text in error.get_headers():
        if name in _KEPT:
            response.headers[str(name)] = text
    return response


def bug(incident: str) -> Response:
    """The problem a bug is told as; the incident's number is in the log."""
    return _response(BY_CODE["internal"], incident=incident)


def _kind_of(error: HTTPException) -> Kind:
    named = getattr(error, "problem", None)
    if named is not None:
        return BY_CODE[named]
    fitting = (kind for kind in KINDS if kind.status == error.code and kind.code != "invalid-json")
    return next(fitting, BY_CODE["bad-request"])


def _response(
    kind: Kind, *, fields: tuple[FieldProblem, ...] = (), incident: str | None = None
) -> Response:
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
    return Response(
        text, int(kind.status), mimetype=MIMETYPE, headers={"Cache-Control": "no-store"}
    )
