"""The log: addresses that tell nothing, counts that are links, pages that never skip an entry."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.db.session import Sessions, reading
from shared.db.tables import JournalEntry, LogLine, SavedView
from shared.search_key import printed
from tests.acting_world import console_app
from tests.builders import (
    AUDITOR,
    DESK,
    SUPERVISOR,
    TARO,
    House,
    house,
    receiver_sheet,
    showing,
    text_of,
)
from tests.console_day import LONG, play
from tests.console_world import send, sign_in
from tests.tamper import tamper
from verifier.console.filters import Filters, read_filters, written
from verifier.console.finding import BOUND, PAGE, Counts, Found, Search
from verifier.console.periods import today_in_tokyo

LOG = "/console/journal"


@pytest.fixture
def at(registry: Sessions) -> House:
    """A morning at the counters."""
    built = house(registry)
    play(built)
    return built


@pytest.fixture
def client(at: House) -> FlaskClient:
    """A supervisor's browser."""
    client = console_app(at).test_client()
    sign_in(client)
    return client


def listed(client: FlaskClient, query: str = "") -> list[int]:
    html = client.get(f"{LOG}?{query}").get_data(as_text=True)
    return [int(seq) for seq in re.findall(r'href="/console/entries/(\d+)"', html)]


def page(at: House, query: dict[str, str], after: int | None = None, bound: int = BOUND) -> Found:
    """The entries of a page of a view."""
    with reading(at.sessions) as session:
        return Search(session, _filters(at, query), bound).page(after)


def counts(at: House, query: dict[str, str], bound: int = BOUND) -> Counts:
    """The counts beside a view."""
    with reading(at.sessions) as session:
        return Search(session, _filters(at, query), bound).counts()


def _filters(at: House, query: dict[str, str]) -> Filters:
    filters = read_filters(query, today_in_tokyo(at.clock.now))
    assert filters.problems == ()
    return filters


def narrowed(client: FlaskClient, **typed: str) -> str:
    """Send the form; gives the address it leads to."""
    answer = send(client, LOG, typed)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"receiver_name": "東日本広域"}, LONG),
        ({"receiver_name": "ﾋｶﾞｼ"}, None),
        ({"receiver_name": "長太郎(12345678)"}, LONG),
        ({"vehicle": "い 00-07"}, TARO),
        ({"vehicle": "700007"}, TARO),
    ],
)
def test_what_is_typed_is_looked_up_and_stands_in_no_address(client, typed, shown) -> None:
    if shown is None:
        answer = send(client, LOG, typed)
        assert answer.status_code == 422
        assert "この文字を含む受取者は登録されていません" in answer.get_data(as_text=True)
        return
    location = narrowed(client, **typed)
    query = parse_qs(urlparse(location).query)
    assert set(query) <= {"receiver", "filing"}
    assert re.fullmatch("[0-9.]+", "".join(*query.values()))
    html = client.get(location).get_data(as_text=True)
    assert shown in html
    assert len(re.findall(r"<tr>", html)) > 1


def test_a_search_key_becomes_a_digest_and_finds_every_showing_of_its_sheet(client, at) -> None:
    sheet = receiver_sheet(issued_at=at.clock.now)
    at.counter.present(DESK, showing(text_of(sheet)))
    at.counter.present(DESK, showing(text_of(sheet)))
    typed = printed(sheet.search_key).replace(" ", "－")
    location = narrowed(client, search_key=typed)
    assert re.fullmatch(r"/console/journal\?key=[0-9a-f]{64}", location)
    with at.sessions() as session:
        newest = list(session.scalars(select(JournalEntry.seq).order_by(JournalEntry.seq.desc())))
    assert listed(client, urlparse(location).query) == newest[:2]


def test_a_filing_number_finds_where_it_lay_however_it_is_typed(client, at) -> None:
    with at.sessions() as session:
        body = session.scalars(select(JournalEntry.body).where(JournalEntry.act == "confirmed"))
        number = re.search(r'"released":\["(\d+)"', body.first())[1]
    spaced = "－".join(number[i : i + 4] for i in range(0, 16, 4))
    location = narrowed(client, filing_number=spaced)
    assert number not in location
    assert listed(client, urlparse(location).query) == [2, 1]


def test_what_is_not_found_is_said_beside_its_field_and_loses_nothing(client) -> None:
    typed = {"search_key": "1234", "filing_number": "12", "vehicle": "0000", "period": "today"}
    answer = send(client, LOG, typed)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("search_key", "filing_number", "vehicle"):
        assert f'value="{typed[name]}"' in html
        assert f'id="{name}-error"' in html
        assert f'href="#{name}"' in html
    assert '<option value="today" selected>' in html


def test_what_is_found_stays_when_the_form_is_sent_again(client) -> None:
    location = narrowed(client, receiver_name="東日本広域")
    receiver = parse_qs(urlparse(location).query)["receiver"][0]
    again = narrowed(client, receiver=receiver, outcome="accepted")
    assert parse_qs(urlparse(again).query) == {"receiver": [receiver], "outcome": ["accepted"]}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"outcome": "refused"},
        {"kiosk": "W1", "act": "presented"},
        {"purpose": "authentication", "outcome": "accepted", "source": "camera"},
        {"receiver": "1"},
        {"receiver": "1", "outcome": "refused", "kiosk": "W1"},
        {"filing": "2", "act": "confirmed"},
        {"period": "today", "staff": "1001"},
    ],
)
def test_counts_are_those_of_the_views_they_lead_to(at: House, query: dict[str, str]) -> None:
    beside = counts(at, query)
    assert beside.total == len(page(at, query).seqs)
    for name, values in beside.facets.items():
        for raw, count in values:
            led_to = page(at, {**query, name: written(name, raw)})
            assert len(led_to.seqs) == count, (name, raw)


def test_a_chosen_count_is_a_link_that_takes_the_choice_away(client) -> None:
    html = client.get(f"{LOG}?period=today&outcome=refused").get_data(as_text=True)
    chosen = re.findall(r'href="([^"]+)" aria-current="true">', html)
    assert [parse_qs(urlparse(link.replace("&amp;", "&")).query) for link in chosen] == [
        {"period": ["today"]}
    ]
    assert "条件を外す" in html


@pytest.mark.parametrize("order", [{}, {"order": "oldest"}])
@pytest.mark.parametrize("narrow", [{}, {"act": "looked"}, {"act": "looked", "staff": SUPERVISOR}])
def test_pages_follow_each_other_without_gap_or_double(client, at, order, narrow) -> None:
    for _ in range(PAGE * 2 + 5):
        client.get("/console/entries/1")
    wanted = {**order, **narrow}
    seqs: list[int] = []
    after, pages = None, 0
    while pages == 0 or after is not None:
        found = page(at, wanted, after)
        seqs, after, pages = seqs + found.seqs, found.goes_on_from, pages + 1
    assert pages == 3
    assert seqs == sorted(set(seqs), reverse=not order)
    with at.sessions() as session:
        lines = select(LogLine.seq)
        if narrow:
            lines = lines.where(LogLine.act == "looked")
        assert set(seqs) == set(session.scalars(lines))


def test_a_page_says_where_it_stands_and_leads_on(client) -> None:
    for _ in range(PAGE):
        client.get("/console/entries/1")
    first = client.get(LOG).get_data(as_text=True)
    assert f"1–{PAGE}件" in first
    onward = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = client.get(onward).get_data(as_text=True)
    assert f"{PAGE + 1}–" in second
    assert "最初のページに戻る" in second


def test_beyond_the_bound_counts_say_so_and_the_search_goes_on(at: House) -> None:
    rare = {"outcome": "refused", "kiosk": "W2"}
    with at.sessions() as session:
        lines = select(LogLine.seq).where(LogLine.kiosk_code == "W2", LogLine.accepted.is_(False))
        expected = list(session.scalars(lines))
    assert counts(at, rare, bound=2).bounded
    seqs: list[int] = []
    after, looks = None, 0
    while looks == 0 or after is not None:
        found = page(at, rare, after, bound=2)
        assert found.goes_on_from is None or found.looked_in_vain
        seqs, after, looks = seqs + found.seqs, found.goes_on_from, looks + 1
    assert seqs == expected
    assert looks > 1
    assert not counts(at, rare).bounded


def test_days_end_at_midnight_in_tokyo(registry: Sessions) -> None:
    at = house(registry)
    for second in (-1, 0, 86_399, 86_400):
        at.clock.now = datetime(2026, 11, 22, 15, tzinfo=UTC) + timedelta(seconds=second)
        at.counter.present(DESK, showing("12345"))
    day = {"since": "2026-11-23", "until": "2026-11-23"}
    assert page(at, day).seqs == [3, 2]
    assert page(at, {"period": "yesterday"}).seqs == [3, 2]
    assert page(at, {"period": "today"}).seqs == [4]
    assert page(at, {**day, "hour": "0"}).seqs == [2]
    assert page(at, {**day, "hour": "23"}).seqs == [3]


def test_an_empty_log_says_so(registry: Sessions) -> None:
    at = house(registry)
    client = console_app(at).test_client()
    sign_in(client)
    html = client.get(f"{LOG}?reason=NG-PW").get_data(as_text=True)
    assert "条件に合う記録がありません" in html
    assert "条件を消す" in html
    assert len(listed(client)) == 1


def test_an_entry_that_was_deleted_is_missed_in_the_list(client, at) -> None:
    tamper(at.sessions, "DELETE FROM journal WHERE seq = 5")
    html = client.get(LOG).get_data(as_text=True)
    assert "この番号の記録がありません。消されたおそれがあります" in html


def test_a_view_is_kept_under_a_name_shown_to_its_owner_and_shared_on_wish(client, at) -> None:
    other = console_app(at).test_client()
    sign_in(other, AUDITOR)
    kept = {"query": "period=today&outcome=refused", "name": "今日 断ったもの"}
    send(client, "/console/views", kept, form_on=LOG)
    html = client.get(LOG).get_data(as_text=True)
    link = 'href="/console/journal?period=today&amp;outcome=refused">今日 断ったもの'
    assert link in html
    assert "今日 断ったもの" not in other.get(LOG).get_data(as_text=True)
    send(client, "/console/views", kept | {"shared": "yes"}, form_on=LOG)
    assert link in other.get(LOG).get_data(as_text=True)
    with at.sessions() as session:
        (view,) = session.scalars(select(SavedView))
    assert send(other, f"/console/views/{view.id}/forget", {}, form_on=LOG).status_code == 404
    send(client, f"/console/views/{view.id}/forget", {}, form_on=LOG)
    assert "今日 断ったもの" not in other.get(LOG).get_data(as_text=True)


@pytest.mark.parametrize("name", ["", "　", "あ" * 41])
def test_a_view_needs_a_name(client, name: str) -> None:
    send(client, "/console/views", {"query": "", "name": name}, form_on=LOG)
    html = client.get(LOG).get_data(as_text=True)
    assert "表示の名前を1～40文字で入力してください" in html
    assert "保存した表示（0）" in html


def test_a_kept_view_holds_nothing_but_what_filters_understand(client, at) -> None:
    send(
        client,
        "/console/views",
        {"query": "x=1&kiosk=W1&receiver=見本", "name": "窓口1"},
        form_on=LOG,
    )
    with at.sessions() as session:
        assert session.scalars(select(SavedView.query)).one() == "kiosk=W1"


def test_reading_the_log_writes_nothing(client, at) -> None:
    with reading(at.sessions) as session:
        before = session.scalar(select(LogLine.seq).order_by(LogLine.seq.desc()).limit(1))
    client.get(LOG)
    client.get(f"{LOG}?receiver=1")
    with reading(at.sessions) as session:
        assert session.scalar(select(LogLine.seq).order_by(LogLine.seq.desc()).limit(1)) == before
