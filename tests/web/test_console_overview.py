"""Today's page: its numbers are those of the log, beside the same weekday, window by window."""

import re

import pytest
from flask.testing import FlaskClient

from shared.db.session import Sessions
from shared.db.tables import Kiosk
from tests.acting_world import console_app
from tests.builders import WINDOW, House, house
from tests.console_day import play, report
from tests.console_world import sign_in

TODAY = "/console/"


def browser(at: House) -> FlaskClient:
    client = console_app(at).test_client()
    sign_in(client)
    return client


@pytest.fixture
def at(registry: Sessions) -> House:
    built = house(registry)
    play(built)
    return built


def words(client: FlaskClient) -> str:
    """The page as read aloud."""
    page = client.get(TODAY).get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.S))


def test_the_tiles_count_today_and_compare_with_the_same_weekday(at: House) -> None:
    said = words(browser(at))
    assert "受付（提示） 7 件 先週の同じ曜日 1件（+6）" in said
    assert "引渡 3 件 先週の同じ曜日 1件（+2）" in said
    assert "断った 3 件 先週の同じ曜日 0件（+3）" in said
    assert "保留中 3 件" in said
    assert "交付待ち 4 件" in said


def test_every_number_leads_to_as_many_entries(at: House) -> None:
    client = browser(at)
    page = client.get(TODAY).get_data(as_text=True)
    table = re.search(r"断った理由（.*?</table>", page, re.S)[0]
    links = re.findall(r'href="([^"]+)">NG-(?:NAME|PW|FORMAT)</a>.*?number">(\d+)', table, re.S)
    assert len(links) == 3
    for link, count in links:
        log = client.get(link.replace("&amp;", "&")).get_data(as_text=True)
        assert log.count('href="/console/entries/') == int(count)
    hours = re.search(r"時間ごとの受付（.*?</table>", page, re.S)[0]
    at_nine = re.search(r'href="([^"]+hour=9[^"]*)"', hours)[1].replace("&amp;", "&")
    assert client.get(at_nine).get_data(as_text=True).count('href="/console/entries/') == 4


def test_charts_stand_in_the_page_with_a_table_each(at: House) -> None:
    page = browser(at).get(TODAY).get_data(as_text=True)
    assert page.count("<svg class") == 2
    assert page.count("<caption>") == 2
    assert "style=" not in page
    assert page.count("<script") == 1  # that of the text size, on every page


def test_a_window_is_marked_when_nothing_was_heard_of_it_for_a_minute(at: House) -> None:
    report(at, "W2")
    client = browser(at)
    at.clock.move(seconds=59)
    assert "59秒前 異常なし" in words(client)
    at.clock.move(seconds=1)
    said = words(client)
    assert "△ 応答なし 1分前" in said
    assert "稼働窓口 0 / 3" in said
    assert "まだ一度も通信がありません" in said


def test_a_window_says_which_devices_it_misses(at: House) -> None:
    report(at, WINDOW, "ERR-CAM-MISSING", "ERR-SCAN-MISSING")
    assert "カメラが見つかりません・スキャナーが見つかりません" in words(browser(at))
    report(at, WINDOW)
    assert "カメラが見つかりません" not in words(browser(at))


def test_a_locked_or_revoked_window_is_told_apart(at: House) -> None:
    with at.sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).locked_at = at.clock.now
        session.get_one(Kiosk, "W9").revoked_at = at.clock.now
    said = words(browser(at))
    assert "× 停止中" in said
    assert "窓口9" not in said


def test_a_day_without_anything_is_a_page_too(registry: Sessions) -> None:
    said = words(browser(house(registry)))
    assert "受付（提示） 0 件" in said
    assert "今日はまだ、断った受付がありません" in said
