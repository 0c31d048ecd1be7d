"""Where the papers of a car are: one field, one plain sentence for each filing."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Filing, JournalEntry
from shared.domain import FilingStatus
from tests.acting_world import console_app
from tests.builders import HANAKO, House, house, receiver_sheet
from tests.console_day import LONG, play
from tests.console_world import send, sign_in


@pytest.fixture
def at(registry: Sessions) -> House:
    built = house(registry)
    play(built)
    return built


@pytest.fixture
def client(at: House) -> FlaskClient:
    client = console_app(at).test_client()
    sign_in(client)
    return client


def sentences(client: FlaskClient, text: str) -> list[str]:
    """What the page answers; what was typed is in no address."""
    answer = send(client, "/console/search", {"text": text})
    assert answer.status_code == 303, text
    assert re.fullmatch(r"/console/search\?filing=[0-9.]+", answer.location)
    page = client.get(answer.location).get_data(as_text=True)
    return re.findall(r'oss-hits__sentence">([^<]+)', page)


def test_a_car_that_was_collected(client: FlaskClient) -> None:
    expected = [
        "見本 580 い 00-07 の書類は、2026-11-23 09:05:00 に窓口1で見本　一郎が"
        "見本　使者 さんに渡しました（受領書 W1-000002）。"
    ]
    for typed in (
        "見本 580 い 00-07",
        "い０００７",
        "0007",
        "ＭＩＨＯＮ－７００００７",
        "W1-000002",
    ):
        assert sentences(client, typed) == expected, typed


def test_a_car_that_is_kept_back(client: FlaskClient) -> None:
    (said,) = sentences(client, "MIHON-025002")
    assert said == (
        "見本 582 う 25-02 の書類は、見本第一事務所で保留しています"
        "（書面が足りない：納税証明書。2026-11-30 09:07:00 から）。"
    )


def test_a_car_whose_papers_lie_on_a_counter_now(client: FlaskClient) -> None:
    (said,) = sentences(client, "MIHON-015000")
    assert said == "見本 580 う 15-00 の書類は、窓口2の見本　一郎がいま受け渡しの途中です。"


def test_a_car_that_is_not_ready(client: FlaskClient) -> None:
    (said,) = sentences(client, "99-99")
    assert "まだ交付できません（審査中です。申請先：見本第一事務所）" in said


def test_a_release_that_was_taken_back(client: FlaskClient) -> None:
    said = sentences(client, f"MIHON-{len(LONG):03d}000")
    assert "受け渡しが取り消されて、見本第一事務所にあり、認証用の用紙で受け渡せます" in said[0]


def test_other_states_have_their_sentences(client: FlaskClient, at: House) -> None:
    withdrawn = at.filing(status=FilingStatus.WITHDRAWN, plate="見本 500 あ 11-11")
    elsewhere = at.filing(status=FilingStatus.RELEASED, plate="見本 500 あ 22-22")
    alone = at.filing(receiver_name=None, plate=None)
    at.individual(alone, receiver_sheet())
    assert "取り下げられたため" in sentences(client, withdrawn)[0]
    assert "窓口の記録はありません" in sentences(client, elsewhere)[0]
    (said,) = sentences(client, alone)
    grouped = " ".join(alone[i : i + 4] for i in range(0, 16, 4))
    assert said == f"{grouped} の書類は、見本第一事務所にあり、個別申告用の用紙で受け渡せます。"


def test_a_receiver_is_answered_with_what_lies_here_first(client: FlaskClient) -> None:
    said = sentences(client, "東日本広域")
    assert len(said) == 4
    assert "渡しました" in said[-1]
    assert all("渡しました" not in sentence for sentence in said[:3])
    assert len(sentences(client, HANAKO)) == 3


@pytest.mark.parametrize("text", ["", "  ", "8888", "居ない名前", "9" * 16])
def test_nothing_found_is_said_and_the_text_stays(client: FlaskClient, text: str) -> None:
    answer = send(client, "/console/search", {"text": text})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="text-error"' in page
    assert f'value="{text.strip()}"' in page


def test_looking_is_noted_by_ids(client: FlaskClient, at: House) -> None:
    sentences(client, "0007")
    with at.sessions() as session:
        id_ = session.scalars(select(Filing.id).where(Filing.plate_tail == "0007")).one()
        last = session.scalars(select(JournalEntry).order_by(JournalEntry.seq.desc())).first()
    assert (last.act, last.body) == ("looked", f'{{"looked_up":[{id_}]}}')


@pytest.mark.parametrize("value", ["x", "1.x", "..", "1;DROP", "999999"])
def test_an_address_that_names_nothing_shows_the_field(client: FlaskClient, value: str) -> None:
    answer = client.get(f"/console/search?filing={value}")
    assert answer.status_code == 200
    assert "oss-hits__sentence" not in answer.get_data(as_text=True)
