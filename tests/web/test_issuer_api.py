"""`/api/v1`: what programs get, in which format, and how they are told what is wrong."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from issuer.api.document import DOCUMENT
from issuer.api.problems import KINDS
from issuer.limits import Limits
from kiosk.reading.pages import read_page
from shared.db.tables import IssuedSheet
from tests.issuer_world import RECEIVER, World, a_press, a_world, make_world
from tests.paper import Grey, rendered

SHEETS = "/api/v1/sheets"
ORDER = {
    "purpose": "authentication",
    "procedure": 1,
    "receiver_name": RECEIVER,
    "password": "mihon-no-himitsu",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from a_world(tmp_path)


def order(world: World, accept: str | None = "application/json", /, **headers: str) -> TestResponse:
    return send(world, ORDER, accept, **headers)


def send(
    world: World, body: Any, accept: str | None = "application/json", /, **headers: str
) -> TestResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if accept is not None:
        given["Accept"] = accept
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = world.app.test_client()
    return client.post(
        SHEETS,
        data=content,
        headers=given,
        content_type=given.pop("Content-Type", "application/json"),
    )


def stored(world: World) -> list[str]:
    with world.sessions() as session:
        return list(session.scalars(select(IssuedSheet.text)))


def problem(answer: TestResponse) -> dict[str, Any]:
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == answer.status_code
    return dict(answer.json)


def code_on(content: bytes, mimetype: str) -> str:
    if mimetype == "application/pdf":
        page: Grey = rendered(content, 150)
    else:
        page = np.asarray(Image.open(io.BytesIO(content)), np.uint8)
    [code] = read_page(page).codes
    return code.text


@pytest.mark.parametrize("mimetype", ["application/pdf", "image/png"])
def test_a_sheet_comes_as_a_file_that_reads_back_to_the_stored_code(
    world: World, mimetype: str
) -> None:
    answer = order(world, mimetype)
    assert (answer.status_code, answer.mimetype) == (201, mimetype)
    assert [code_on(answer.data, mimetype)] == stored(world)
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'filename="oss-authentication.' in answer.headers["Content-Disposition"]


def test_a_sheet_comes_as_a_drawing(world: World) -> None:
    answer = order(world, "image/svg+xml")
    assert (answer.status_code, answer.mimetype) == (201, "image/svg+xml")
    assert answer.get_data(as_text=True).startswith("<svg ")


def test_a_sheet_comes_as_data(world: World) -> None:
    body = order(world).json
    assert body is not None
    assert body["code"] == stored(world)[0]
    assert body["search_key"][0] == "2"
    assert body["procedure"] == "継続検査"
    assert body["receiver_name"].startswith("見本行政書士事務所　試験")
    assert body["issued_at"] == "2026-11-23T00:05:00Z"
    assert body["expires_at"] == "2026-12-23T00:05:00Z"
    assert body["notices"] == ["半角の文字を全角に直しました：「00000001」→「０００００００１」"]


def test_who_says_nothing_gets_a_pdf_and_who_accepts_nothing_of_ours_is_told(world: World) -> None:
    assert order(world, None).mimetype == "application/pdf"
    assert order(world, "text/html, */*;q=0.1").mimetype == "application/pdf"
    assert order(world, "image/*").mimetype == "image/svg+xml"
    refused = problem(order(world, "text/html"))
    assert refused["code"] == "not-acceptable"
    assert len(stored(world)) == 3


@pytest.mark.parametrize(
    ("change", "field", "detail"),
    [
        ({"purpose": "individual"}, "purpose", "registration、authentication"),
        ({"procedure": None}, "procedure", "手続種別を選択してください"),
        ({"procedure": 3}, "procedure", "受け付けていません"),
        ({"procedure": "1"}, "procedure", "整数で指定してください"),
        ({"purpose": "registration"}, "procedure", "authentication のときだけ"),
        ({"receiver_name": "見本😀"}, "receiver_name", "使えない文字があります：「😀」"),
        ({"receiver_name": "見" * 61}, "receiver_name", "60文字以内"),
        ({"receiver_name": "見" * 201}, "receiver_name", "長すぎます"),
        ({"receiver_name": 7}, "receiver_name", "文字列で指定してください"),
        ({"password": "1234567"}, "password", "8文字以上"),
        ({"password": "x" * 129}, "password", "128文字以内"),
        ({"telephone": "1"}, "", "知らない項目です"),
    ],
)
def test_a_field_that_is_wrong_is_named(
    world: World, change: dict[str, Any], field: str, detail: str
) -> None:
    answer = send(world, ORDER | change)
    assert answer.status_code == 422
    body = problem(answer)
    assert body["code"] == "invalid-fields"
    [error] = body["errors"]
    assert error["field"] == field
    assert detail in error["detail"]
    assert stored(world) == []


def test_all_fields_that_are_wrong_are_named_together(world: World) -> None:
    body = problem(
        send(world, {"purpose": "authentication", "receiver_name": "😀", "password": ""})
    )
    assert [error["field"] for error in body["errors"]] == [
        "procedure",
        "receiver_name",
        "password",
    ]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 8000, b'{"receiver_name": "\\ud800"}', b"nan"]
)
def test_what_is_not_json_is_told_so(world: World, body: bytes) -> None:
    assert problem(send(world, body))["code"] == "invalid-json"


def test_json_that_is_no_object_is_an_invalid_order(world: World) -> None:
    assert problem(send(world, [1, 2]))["errors"][0]["detail"].startswith("JSONのオブジェクト")


def test_another_content_type_a_large_body_and_wrong_addresses_are_problems_too(
    world: World,
) -> None:
    client = world.app.test_client()
    assert problem(client.post(SHEETS, data=ORDER))["code"] == "unsupported-media-type"
    assert problem(send(world, b" " * 9000))["code"] == "too-large"
    assert problem(client.get("/api/v1/nothing"))["code"] == "not-found"
    answer = client.get(SHEETS)
    assert problem(answer)["code"] == "method-not-allowed"
    assert answer.headers["Allow"] == "POST"


def test_no_cookie_and_no_token_is_needed_and_none_is_set(world: World) -> None:
    assert "Set-Cookie" not in order(world).headers


def test_the_same_key_and_order_give_the_same_sheet_in_any_format(world: World) -> None:
    first = order(world, Idempotency_Key="morning-1")
    again = order(world, Idempotency_Key="morning-1")
    assert first.json == again.json
    pdf = order(world, "application/pdf", Idempotency_Key="morning-1")
    assert [code_on(pdf.data, "application/pdf")] == stored(world)
    assert order(world, Idempotency_Key="morning-2").json != first.json


def test_the_same_key_for_another_order_is_refused(world: World) -> None:
    order(world, Idempotency_Key="morning-1")
    other = send(world, ORDER | {"password": "another-himitsu"}, Idempotency_Key="morning-1")
    assert problem(other)["code"] == "idempotency-key-reused"
    assert len(stored(world)) == 1


def test_a_key_is_forgotten_when_its_sheet_is(world: World) -> None:
    order(world, Idempotency_Key="morning-1")
    world.clock.move(minutes=15)
    order(world, Idempotency_Key="morning-1")
    assert len(stored(world)) == 2


@pytest.mark.parametrize("key", ["", "with blank", "é", "x" * 129])
def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    assert problem(order(world, Idempotency_Key=key))["code"] == "bad-request"


def test_the_portals_limits_count_and_say_when_to_come_back(tmp_path: Path) -> None:
    world = make_world(tmp_path, a_press(), Limits(issuing="2 per hour"))
    codes = [order(world).status_code for _ in range(3)]
    answer = order(world)
    world.sessions.kw["bind"].dispose()
    assert codes == [201, 201, 429]
    assert problem(answer)["code"] == "too-many-requests"
    assert int(answer.headers["Retry-After"]) > 0


def test_known_and_unknown_names_get_the_same_answer(world: World) -> None:
    answers = [
        send(world, ORDER | {"receiver_name": f"見本行政書士事務所　試験　{name}（00000001）"}).json
        for name in ("太郎", "花子")
    ]
    kept = [
        {
            k: v
            for k, v in (answer or {}).items()
            if k not in ("code", "search_key", "receiver_name")
        }
        for answer in answers
    ]
    assert kept[0] == kept[1]


def test_neither_name_nor_password_reaches_the_log_even_when_something_breaks(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    order(world)
    send(world, ORDER | {"password": "short", "receiver_name": "試験😀"})
    with world.sessions.begin() as session:
        session.connection().exec_driver_sql("DROP TABLE issued_sheets")
    answer = order(world)
    assert problem(answer)["code"] == "internal"
    incident = answer.json["instance"].rsplit(":", 1)[1] if answer.json else ""
    assert incident in caplog.text
    assert "himitsu" not in caplog.text
    assert "試験" not in caplog.text


def test_procedures_are_listed_by_their_codes(world: World) -> None:
    assert world.app.test_client().get("/api/v1/procedures").json == [
        {"code": 1, "name": "継続検査"},
        {"code": 2, "name": "新車（新規検査・地方税申告）"},
    ]


def test_the_documentation_page_tells_all_that_the_document_does(world: World) -> None:
    page = world.app.test_client().get("/api/v1/").get_data(as_text=True)
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in page
            assert operation["summary"] in page
            assert all(answer["description"] in page for answer in operation["responses"].values())
    for field in DOCUMENT["components"]["schemas"]["SheetOrder"]["properties"]:
        assert f"<code>{field}</code>" in page
    assert all(f'id="{kind.code}"' in page for kind in KINDS)


def test_orders_are_counted_by_the_registry(world: World) -> None:
    for _ in range(3):
        order(world)
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(IssuedSheet)) == 3
