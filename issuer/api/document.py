"""The OpenAPI 3.1 document: the shapes come from the models, the words are here."""

import json
from typing import Any

from issuer.api.orders import SheetAnswer, SheetOrder
from issuer.api.problems import KINDS
from shared.web.api_document import SCHEMAS, problem_schema, ref, responses

KEY_HEADER = "Idempotency-Key"
VERSION = "1.0.0"
_PREFIX = "/api/v1"
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
    return model.model_json_schema(ref_template=SCHEMAS)


def _problems(*codes: str) -> dict[str, Any]:
    return responses(kind for kind in KINDS if kind.code in (*codes, *_ALWAYS))


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
            "content": {"application/json": {"schema": ref("SheetOrder")}},
        },
        "responses": {
            "201": {
                "description": "発行した用紙（A4、1ページ）、またはその内容",
                "content": {
                    "application/pdf": _BINARY,
                    "image/svg+xml": {"schema": {"type": "string"}},
                    "image/png": _BINARY,
                    "application/json": {"schema": ref("SheetAnswer")},
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
                    "application/json": {"schema": {"type": "array", "items": ref("Procedure")}}
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
            "Problem": problem_schema(KINDS),
        }
    },
}
