"""The shell both applications share: headers, CSRF, error pages, text size, times, serving."""

import logging
import re
import socket
from datetime import UTC, datetime

import pytest
from flask import Flask, abort, render_template_string
from flask.testing import FlaskClient

from shared.web import install
from shared.web.crowds import Crowd
from shared.web.errors import waiting
from shared.web.serving import CannotServe, bound, make_server, serve
from shared.web.times import jst_date, jst_datetime, jst_log

PAGE = (
    '{% extends "base.html" %}{% block title %}見本{% endblock %}'
    "{% block main %}<h1>見本</h1>{% endblock %}"
)
SECRETS = "見本　太郎 himitsu-0001"
MORNING = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
LATE = datetime(2026, 5, 6, 15, 0, 1, tzinfo=UTC)


@pytest.fixture
def app() -> Flask:
    app = Flask("sample")
    app.config.update(SECRET_KEY="for tests only", MAX_CONTENT_LENGTH=1000)

    @app.route("/page", methods=["GET", "POST"])
    def page() -> str:
        return render_template_string(PAGE)

    @app.route("/answer/<int:status>")
    def answer(status: int) -> str:
        abort(status)

    @app.route("/bug")
    def bug() -> str:
        raise ValueError(SECRETS)

    install(app)
    return app


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def token(browser: FlaskClient) -> str:
    page = browser.get("/page").get_data(as_text=True)
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


def test_every_answer_carries_the_headers(browser: FlaskClient) -> None:
    for path in ("/page", "/nowhere", "/bug", "/shared/base.css"):
        with browser.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_the_shell_has_nothing_inline(browser: FlaskClient) -> None:
    page = browser.get("/page").get_data(as_text=True)
    assert not re.search(r"<style|<script(?![^>]*src=)|\sstyle=|\son\w+=", page)
    assert re.search(r"</header>\s*<main id=\"main\"", page)


def test_a_form_without_token_is_refused_and_says_what_to_do(browser: FlaskClient) -> None:
    answer = browser.post("/page")
    assert answer.status_code == 400
    assert "画面を開き直して" in answer.get_data(as_text=True)
    assert browser.post("/page", data={"csrf_token": token(browser)}).status_code == 200


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 429, 503])
def test_every_error_page_is_ours(browser: FlaskClient, status: int) -> None:
    answer = browser.get(f"/answer/{status}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert "最初の画面へ" in page
    assert f"コード {status}" in page


@pytest.mark.parametrize(
    ("seconds", "said"),
    [("1", "およそ1秒後"), ("90", "およそ90秒後"), ("91", "およそ2分後"), ("3600", "およそ60分後"),
     ("0", "およそ1秒後"), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)  # fmt: skip
def test_when_to_come_back_is_said_as_people_say_it(seconds: str | None, said: str | None) -> None:
    assert waiting(seconds) == said


def test_a_path_nobody_has_and_a_body_too_large_have_pages(browser: FlaskClient) -> None:
    assert "ページが見つかりません" in browser.get("/nowhere").get_data(as_text=True)
    answer = browser.post("/page", data={"csrf_token": "x" * 2000})
    assert answer.status_code == 413
    assert browser.put("/page").headers["Allow"]


def test_a_bug_shows_an_incident_that_is_in_the_log_without_what_it_said(
    browser: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = browser.get("/bug")
    page = answer.get_data(as_text=True)
    incident = re.findall(r"<strong>([0-9a-f]{8})</strong>", page)
    assert answer.status_code == 500
    assert incident
    assert incident[0] in caplog.text
    assert "ValueError" in caplog.text
    assert "in bug" in caplog.text
    for secret in ("太郎", "himitsu"):
        assert secret not in page
        assert secret not in caplog.text


def test_the_text_size_is_remembered_and_leads_back(browser: FlaskClient) -> None:
    assert 'data-text-size="medium"' in browser.get("/page").get_data(as_text=True)
    form = {"csrf_token": token(browser), "size": "large", "back": "/page?a=1"}
    answer = browser.post("/text-size", data=form)
    assert (answer.status_code, answer.location) == (303, "/page?a=1")
    page = browser.get("/page").get_data(as_text=True)
    assert 'data-text-size="large"' in page
    assert re.search(r'value="large" aria-pressed="true"', page)


@pytest.mark.parametrize(
    "back", ["//evil.example/", "https://evil.example/", "/\\evil.example", "", "/a\r\nX: y"]
)
def test_the_text_size_never_leads_to_another_site(browser: FlaskClient, back: str) -> None:
    form = {"csrf_token": token(browser), "size": "small", "back": back}
    assert browser.post("/text-size", data=form).location == "/"


def test_an_unknown_text_size_is_refused(browser: FlaskClient) -> None:
    form = {"csrf_token": token(browser), "size": '"><script>', "back": "/page"}
    assert browser.post("/text-size", data=form).status_code == 400


def test_times_are_those_of_tokyo() -> None:
    assert jst_date(MORNING) == "2026年 11月 23日"
    assert jst_datetime(MORNING) == "2026年 11月 23日 09時 05分 00秒"
    assert jst_log(MORNING) == "2026-11-23 09:05:00"
    assert jst_datetime(LATE) == "2026年 05月 07日 00時 00分 01秒"


def test_a_busy_port_is_one_line_and_exit_code_3(app: Flask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe) as refusal:
            serve(app, "127.0.0.1", port, 8)
    assert refusal.value.exit_code == 3
    assert str(port) in refusal.value.format_message()
    assert "\n" not in refusal.value.format_message()


def test_what_the_server_itself_refuses_has_our_page(app: Flask) -> None:
    """A body of 10 MB never reaches the application."""
    server = make_server(app, bound("127.0.0.1", 0), 4, Crowd())
    with socket.create_connection(("127.0.0.1", server.effective_port)) as client:
        client.sendall(b"POST /page HTTP/1.0\r\nContent-Length: 10000000\r\n\r\nxxx")
        server.asyncore.loop(timeout=0.05, map=server._map, count=40)
        answer = client.recv(65536).decode()
    server.task_dispatcher.shutdown()
    server.close()
    server.asyncore.close_all(server._map)
    head, page = answer.split("\r\n\r\n", 1)
    assert head.startswith("HTTP/1.0 413 ")
    assert "Content-Security-Policy: default-src 'self'" in head
    assert "Content-Type: text/html; charset=utf-8" in head
    assert "送信された内容が大きすぎます" in page
    assert "コード 413" in page
