"""The parts of an OpenAPI 3.1 document that every API of ours has: its problems."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from shared.web.problems import MIMETYPE, Kind

SCHEMAS = "#/components/schemas/{model}"
_SAYS_WHEN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def ref(name: str) -> dict[str, str]:
    """A reference to one of the document's schemas."""
    return {"$ref": SCHEMAS.format(model=name)}


def responses(kinds: Iterable[Kind]) -> dict[str, Any]:
    """A response for each status that these problems have."""
    wanted = list(kinds)
    statuses = dict.fromkeys(kind.status for kind in wanted)
    return {
        str(int(status)): _response(status, [kind for kind in wanted if kind.status == status])
        for status in statuses
    }


def problem_schema(kinds: Iterable[Kind]) -> dict[str, Any]:
    """The shape of a problem."""
    error = {
        "type": "object",
        "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
        "required": ["field", "detail"],
    }
    return {
        "type": "object",
        "description": "RFC 9457の問題の詳細",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "format": "uri-reference"},
            "code": {"type": "string", "enum": [kind.code for kind in kinds]},
            "errors": {"type": "array", "items": error},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }


def _response(status: HTTPStatus, kinds: list[Kind]) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": "／".join(f"{kind.title}（{kind.code}）" for kind in kinds),
        "content": {MIMETYPE: {"schema": ref("Problem")}},
    }
    if status in _SAYS_WHEN:
        seconds = {"type": "integer", "minimum": 1}
        response["headers"] = {
            "Retry-After": {"description": "待つ秒数", "required": True, "schema": seconds}
        }
    return response
