"""The OpenAPI 3.1 document: shapes from the verbs' signatures, words from their docstrings."""

from typing import Any, Literal

from pydantic import TypeAdapter

from shared.web.api_document import SCHEMAS, problem_schema, ref, responses
from verifier.api import problems
from verifier.api.enrolment import NEW_DEVICE, ORDER_KEY, TRUST, DeviceCode
from verifier.api.passes import STAFF_HEADER
from verifier.api.pushed import PUSHED, FilingsPush
from verifier.dayplan.envelope import SEALED
from verifier.dayplan.ledger import RETURNED, PlanReturn
from verifier.verbs import KEYED, VERBS, Verb

KEY_HEADER = "Idempotency-Key"
PREFIX = "/api/v1"
_JSON = "application/json"
_FOR_ALL = ("bad-request", "internal", "busy", "registry-away")
_FOR_BODIES = ("invalid-json", "too-large", "unsupported-media-type", "invalid-fields")
_OF_ACTS = tuple(kind.code for kind in problems.CONFLICTS.values())


def methods_of(path: str) -> list[str]:
    """What the document offers at an address; empty where there is nothing."""
    return [method.upper() for method in DOCUMENT["paths"].get(path, {})]


def _problems(*codes: str) -> dict[str, Any]:
    wanted = {*codes, *_FOR_ALL}
    return responses(kind for kind in problems.KINDS if kind.code in wanted)


def _operation(verb: Verb, answer: dict[str, Any] | None) -> dict[str, Any]:
    codes = ["device-unknown", "not-permitted"]
    codes += ["not-signed-in"] * verb.by_staff
    codes += ["invalid-fields"] if verb.method == "GET" else [*_FOR_BODIES, *_OF_ACTS]
    codes += ["no-such-receipt"] * (verb.name == "receipt")
    operation: dict[str, Any] = {
        "operationId": verb.name,
        "summary": verb.says.partition("\n")[0],
        "description": verb.says,
        "security": [{"device": [], "staff": []} if verb.by_staff else {"device": []}],
        "parameters": _parameters(verb),
        "responses": {**_answered(answer), **_problems(*codes)},
    }
    if verb.method == "POST":
        operation["requestBody"] = _body(verb.order.__name__)
    return operation


def _body(shape: str) -> dict[str, Any]:
    return {"required": True, "content": {_JSON: {"schema": ref(shape)}}}


def _answered(schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {"204": {"description": "Done."}}
    return {"200": {"description": "The answer.", "content": {_JSON: {"schema": schema}}}}


def _parameters(verb: Verb) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = []
    if verb.name in KEYED:
        text = "Drawn for each act: the same key and request is the same act."
        key = {"type": "string", "pattern": "^[!-~]{1,36}$"}
        parameters.append(
            {
                "name": KEY_HEADER, "in": "header", "required": True,
                "description": text, "schema": key,
            }
        )  # fmt: skip
    if verb.method == "GET":
        asked = verb.order.model_json_schema().get("properties", {})
        parameters += [
            {"name": name, "in": "query", "required": True, "schema": schema}
            for name, schema in asked.items()
        ]
    return parameters


def _shapes() -> tuple[dict[str, Any], dict[str, dict[str, Any] | None]]:
    """Every schema by its name, and the schema of each verb's answer."""
    wanted: list[tuple[str, Literal["serialization", "validation"], TypeAdapter[Any]]] = [
        *((v.name, "serialization", v.answer) for v in VERBS if not v.says_nothing),
        *((v.name, "validation", TypeAdapter(v.order)) for v in VERBS if v.method == "POST"),
        ("enrol_device", "validation", TypeAdapter(DeviceCode)),
        ("enrol_device", "serialization", NEW_DEVICE),
        ("trust", "serialization", TRUST),
        ("push_filings", "validation", TypeAdapter(FilingsPush)),
        ("push_filings", "serialization", PUSHED),
        ("make_plan", "serialization", SEALED),
        ("return_plan", "validation", TypeAdapter(PlanReturn)),
        ("return_plan", "serialization", RETURNED),
    ]
    keyed, schemas = TypeAdapter.json_schemas(wanted, ref_template=SCHEMAS)
    answers: dict[str, dict[str, Any] | None] = {
        verb.name: keyed.get((verb.name, "serialization")) for verb in VERBS
    }
    return schemas["$defs"], answers


_ENROL = {
    "operationId": "enrol_device",
    "summary": "Make a device the window that a one-time code of the console stands for.",
    "security": [],
    "parameters": [
        {
            "name": KEY_HEADER,
            "in": "header",
            "required": False,
            "description": "Secret, drawn for this enrolment: with it the same request may be sent "
            "again while the code lasts, and is answered the same. Without it a code counts once.",
            "schema": {"type": "string", "pattern": ORDER_KEY},
        }
    ],
    "requestBody": _body("DeviceCode"),
    "responses": {
        **_answered(ref("NewDevice")),
        **_problems("enrolment-refused", "moved", *_FOR_BODIES),
    },
}
_TRUST = {
    "operationId": "trust",
    "summary": "What a window checks seals with: the signed key set, and the names of procedures.",
    "security": [{"device": []}],
    "responses": {**_answered(ref("Trust")), **_problems("device-unknown")},
}
_FILINGS = {
    "operationId": "push_filings",
    "summary": "Bring filings in from the application system; sent again, nothing changes.",
    "description": "Each filing is judged by itself: those in order are in when this answers, the "
    "others are named with what is wrong. A filing in hand or handed over stays as it is.",
    "security": [{"sender": []}],
    "requestBody": _body("FilingsPush"),
    "responses": {**_answered(ref("Pushed")), **_problems("sender-unknown", *_FOR_BODIES)},
}
_PLANS = {
    "operationId": "make_plan",
    "summary": "Make the next day plan of this window: signed, and encrypted for its device alone.",
    "description": "Deals ready filings of the office out to this window until the plan is over.",
    "security": [{"device": []}],
    "responses": {
        **_answered(ref("SealedPlan")),
        "204": {"description": "The windows of this office keep no plan."},
        **_problems("device-unknown", "not-permitted"),
    },
}
_RETURNS = {
    "operationId": "return_plan",
    "summary": "Take back the journal of a day plan, part by part; sent again, nothing changes.",
    "description": "With the last part every hand-over is set against the registry; what had "
    "changed meanwhile becomes a conflict for a supervisor.",
    "security": [{"device": []}],
    "requestBody": _body("PlanReturn"),
    "responses": {
        **_answered(ref("PlanReturned")),
        **_problems("device-unknown", "not-permitted", "no-such-plan", "plan-broken", *_FOR_BODIES),
    },
}
_THIS = {
    "operationId": "describe",
    "summary": "This document.",
    "security": [],
    "responses": _answered({"type": "object"}),
}


def _document() -> dict[str, Any]:
    schemas, answers = _shapes()
    verbs = {
        PREFIX + verb.path: {verb.method.lower(): _operation(verb, answers[verb.name])}
        for verb in VERBS
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "登録簿API",
            "version": "1.0.0",
            "description": "What a counter window asks its registry. The registry decides which "
            "window, office and person asks: by the device's credential and the person's pass.",
        },
        "servers": [{"url": "/"}],
        "paths": {
            **verbs,
            f"{PREFIX}/devices": {"post": _ENROL},
            f"{PREFIX}/trust": {"get": _TRUST},
            f"{PREFIX}/filings": {"post": _FILINGS},
            f"{PREFIX}/plans": {"post": _PLANS},
            f"{PREFIX}/plans/returns": {"post": _RETURNS},
            f"{PREFIX}/openapi.json": {"get": _THIS},
        },
        "components": {
            "schemas": schemas | {"Problem": problem_schema(problems.KINDS)},
            "securitySchemes": {
                "device": {"type": "http", "scheme": "bearer"},
                "sender": {"type": "http", "scheme": "bearer"},
                "staff": {"type": "apiKey", "in": "header", "name": STAFF_HEADER},
            },
        },
    }


DOCUMENT = _document()
