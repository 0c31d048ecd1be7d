"""The OpenAPI 3.1 document: the shapes come from the models, the words are here."""

import json
from http import HTTPStatus
from typing import Any

from issuer.api import problems
from issuer.api.orders import SheetAnswer, SheetOrder

KEY_HEADER = "Idempotency-Key"
VERSION = "1.0.0"
_PREFIX = "/api/v1"
_SCHEMAS = "#/components/schemas/{model}"
_ALWAYS = ("too-many-requests", "internal")
_WHEN_ISSUING = (
    "invalid-json", "bad-request", "not-acceptable", "too-large", "unsupported-media-type",
    "invalid-fields", "idempotency-key-reused", "busy",
)  # fmt: skip


def methods_of(path: str) -> list[str]:
    """What the document offers at an address; empty where there is nothing."""
    return [method.upper() for method in DOCUMENT["paths"].get(path, {})]


def example() -> str:
    """An order as it is sent."""
    fields = SheetOrder.model_json_schema()["properties"]
    order = {name: field["examples"][0] for name, field in fields.items()}
    return json.dumps(order, ensure_ascii=False, indent=2)


def _schema(model: type[SheetOrder] | type[SheetAnswer]) -> dict[str, Any]:
    return model.model_json_schema(ref_template=_SCHEMAS)


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _SCHEMAS.format(model=name)}


def _problems(*codes: str) -> dict[str, Any]:
    """A response for each status that these problems have."""
    wanted = [kind for kind in problems.KINDS if kind.code in (*codes, *_ALWAYS)]
    statuses = dict.fromkeys(kind.status for kind in wanted)
    return {
        str(int(status)): _problem(status, [kind for kind in wanted if kind.status == status])
        for status in statuses
    }


def _problem(status: HTTPStatus, kinds: list[problems.Kind]) -> dict[str, Any]:
    says_when = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    response: dict[str, Any] = {
        "description": "／".join(f"{kind.title}（{kind.code}）" for kind in kinds),
        "content": {problems.MIMETYPE: {"schema": _ref("Problem")}},
    }
    if says_when:
        seconds = {"type": "integer", "minimum": 1}
        response["headers"] = {
            "Retry-After": {"description": "待つ秒数", "required": True, "schema": seconds}
        }
    return response


_BINARY = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
_SHEETS = {
    "post": {
        "operationId": "issueSheet",
        "summary": "用紙を1枚発行する",
        "description": "受取者の登録の有無やパスワードの正しさは調べません。窓口で確かめます。"
        "返す形式はAcceptヘッダーで選びます。指定がなければPDFです。",
        "parameters": [
            {
                "name": KEY_HEADER,
                "in": "header",
                "required": False,
                "description": "呼び出しごとに作る重複しない値（UUIDなど）。同じ値で同じ内容を"
                "15分以内に送り直すと、新しく発行せず、前と同じ用紙を返します。",
                "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("SheetOrder")}},
        },
        "responses": {
            "201": {
                "description": "発行した用紙（A4、1ページ）、またはその内容",
                "content": {
                    "application/pdf": _BINARY,
                    "image/svg+xml": {"schema": {"type": "string"}},
                    "image/png": _BINARY,
                    "application/json": {"schema": _ref("SheetAnswer")},
                },
            },
            **_problems(*_WHEN_ISSUING),
        },
    }
}
_PROCEDURES = {
    "get": {
        "operationId": "listProcedures",
        "summary": "手続種別のコードを調べる",
        "description": "いま受け付けている手続種別です。",
        "responses": {
            "200": {
                "description": "コードの順",
                "content": {
                    "application/json": {"schema": {"type": "array", "items": _ref("Procedure")}}
                },
            },
            **_problems(),
        },
    }
}
_THIS = {
    "get": {
        "operationId": "describe",
        "summary": "この文書",
        "description": "OpenAPI 3.1の文書です。",
        "responses": {
            "200": {
                "description": "OpenAPI 3.1",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
        },
    }
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "二次元コード発行API",
        "version": VERSION,
        "description": "画面からの発行と同じ用紙を、プログラムから発行します。"
        "同じ回数の制限があります。受取者名とパスワードは記録に残しません。",
    },
    "servers": [{"url": "/"}],
    "paths": {
        f"{_PREFIX}/sheets": _SHEETS,
        f"{_PREFIX}/procedures": _PROCEDURES,
        f"{_PREFIX}/openapi.json": _THIS,
    },
    "components": {
        "schemas": {
            "SheetOrder": _schema(SheetOrder),
            "SheetAnswer": _schema(SheetAnswer),
            "Procedure": {
                "type": "object",
                "properties": {
                    "code": {"type": "integer", "description": "コード"},
                    "name": {"type": "string", "description": "名前"},
                },
                "required": ["code", "name"],
            },
            "Problem": {
                "type": "object",
                "description": "RFC 9457の問題の詳細",
                "properties": {
                    "type": {"type": "string", "format": "uri-reference"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string", "format": "uri-reference"},
                    "code": {"type": "string", "enum": [kind.code for kind in problems.KINDS]},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "field": {"type": "string"},
                                "detail": {"type": "string"},
                            },
                            "required": ["field", "detail"],
                        },
                    },
                },
                "required": ["type", "title", "status", "detail", "code"],
            },
        }
    },
}
