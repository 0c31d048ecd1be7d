"""練習: every page of a rehearsal says so, whatever its route, and none of a real counter does."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kiosk.house import FRAGMENT
from shared.domain import Source
from tests.acting_world import Browser
from tests.builders import CLERK, SUPERVISOR, receiver_sheet, text_of
from tests.kiosk_world import Clerk, World, make_world
from tests.rehearsal_world import PRACTICE, make_rehearsal

VALUES = {
    "code": "W1", "day": "2026-11-23", "filename": "kiosk.css", "office": "S1", "number": CLERK,
}  # fmt: skip
MARK = '<p class="oss-rehearsal" role="note"><strong>練習用 '


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    for world in make_rehearsal(tmp_path_factory.mktemp("rehearsal")):
        world.house.receiver()
        world.house.filing()
        yield world


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from make_world(tmp_path_factory.mktemp("real"))


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """(endpoint, page) of everything that is shown: signed out, at the counter, at the console."""
    clerk, console = Clerk(app.test_client()), Browser(app.test_client())
    stranger = app.test_client()
    clerk.post("/sign-in", {"number": SUPERVISOR, "pin": "4701"})
    console.sign_in()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint.startswith("events."):
            continue
        values = {name: VALUES.get(name, "1") for name in rule.arguments}
        if rule.endpoint == "console.procedure":
            values["code"] = "1"
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values)
        for client in (stranger, clerk.client, console.client):
            answer = client.get(address)
            if is_page(answer):
                yield rule.endpoint, answer.get_data(as_text=True)
            answer.close()
    for address in ("/no-such-page", "/console/no-such-page"):
        yield "error", clerk.client.get(address).get_data(as_text=True)
    yield "error", stranger.post("/next").get_data(as_text=True)


def is_page(answer: TestResponse) -> bool:
    return answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303, 308)


def title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.S)
    return found[1] if found else ""


def test_every_page_of_a_rehearsal_is_marked(rehearsal: World) -> None:
    shown = [(endpoint, page) for endpoint, page in pages(rehearsal.app) if "<html" in page]
    assert len({endpoint for endpoint, _ in shown}) >= 30
    assert [e for e, page in shown if MARK not in page] == []
    assert [e for e, page in shown if not title(page).startswith("【練習】")] == []


def test_no_page_of_a_real_counter_is(real: World) -> None:
    assert [e for e, page in pages(real.app) if "【練習】" in page or MARK in page] == []


def test_receipt_and_slips_of_a_rehearsal_are_marked(rehearsal: World) -> None:
    clerk = rehearsal.clerk()
    rehearsal.house.filing()
    sheet = receiver_sheet(by=PRACTICE)
    rehearsal.station.take(text_of(sheet, PRACTICE), Source.CAMERA)
    held = {f"hold-{row}": "not_made" for row in clerk.rows()}
    assert held
    clerk.press("選んだ車両を受け渡した", held)
    rehearsal.seconds.pass_(1)
    clerk.press("保留を確定する")
    assert rehearsal.station.last is not None
    receipt = rehearsal.station.last.receipt.number
    for address in (f"/receipt/{receipt}", f"/slip?filing={rehearsal.station.last.held[0]}"):
        page = clerk.page(address)
        assert MARK in page, address
        assert "<article" in page


def test_the_stage_that_a_script_swaps_keeps_the_marked_title(rehearsal: World) -> None:
    clerk = rehearsal.clerk()
    stage = clerk.client.get("/stage", headers={FRAGMENT: "1"}).get_data(as_text=True)
    assert 'data-title="【練習】' in stage


def test_a_real_sheet_at_a_rehearsal_is_named_with_its_code(
    rehearsal: World,
) -> None:
    clerk = rehearsal.clerk()
    rehearsal.show_authentication()
    page = clerk.text()
    assert "NG-REAL" in page
    assert "本物の用紙です。練習では使えません" in page
    clerk.press("次の読み取りへ")


def test_a_practice_sheet_at_a_real_counter_is_named_with_its_code(real: World) -> None:
    clerk = real.clerk()
    real.station.take(text_of(receiver_sheet(by=PRACTICE), PRACTICE), Source.CAMERA)
    page = clerk.text()
    assert "NG-TEST" in page
    assert "試験用のコードです。本番の窓口では使えません" in page
