"""業務終了 of an office: its figures, the forms used, and the signature of the journal."""

import json
import re
import uuid
from datetime import date

import pytest

from shared.db.session import Sessions
from shared.db.tables import Checkpoint
from tests.acting_world import Browser, browser, entries, hidden_in
from tests.builders import (
    AUDITOR,
    DESK,
    OSAKA,
    SHINAGAWA,
    SUPERVISOR,
    WINDOW,
    House,
    house,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from verifier.acts import Confirming, Desk, Holding, HoldReason, Report, Undoing
from verifier.office_figures import figures_of
from verifier.state_check import check_everything

TODAY = "2026-11-23"
PATH = f"/console/days/{SHINAGAWA}/{TODAY}"


@pytest.fixture
def at(registry: Sessions) -> House:
    """Three vehicles: two handed over, of which one was taken back, one held; one sheet refused."""
    built = house(registry)
    built.receiver()
    for _ in range(3):
        built.filing()
    shown = built.counter.present(DESK, showing(text_of(receiver_sheet())))
    first, second, third = (row.filing_id for row in shown.basket.rows)
    held = (Holding(third, HoldReason.PAPER_MISSING),)
    key = str(uuid.uuid4())
    ticks = Confirming(
        shown.basket.hand_over_id,
        (first, second),
        held,
        None,
        key,
        **seen_to(shown.basket, (first, second)),
    )
    built.counter.confirm(DESK, ticks)
    built.counter.undo(Desk("", SUPERVISOR), Undoing(second, "別の車両", str(uuid.uuid4())))
    built.counter.present(DESK, showing(text_of(receiver_sheet(password="chigau-mono"))))
    return built


def close(who: Browser, used: str = "1", **fields: str):
    numbers = {f"used-{place}": used for place in range(3)}
    return who.post(PATH, numbers | fields)


def test_the_figures_of_a_day_are_those_of_the_counter(at: House) -> None:
    with at.sessions() as session:
        figures = figures_of(session, SHINAGAWA, date(2026, 11, 23))
        elsewhere = figures_of(session, OSAKA, date(2026, 11, 23))
        tomorrow = figures_of(session, SHINAGAWA, date(2026, 11, 24))
    assert (figures.presented, figures.accepted, figures.refused) == (2, 1, 1)
    assert figures.refusals == (("NG-PW", 1),)
    assert (figures.hand_overs, figures.given_out, figures.undone) == (1, 1, 1)
    assert (figures.held, figures.still_held) == (1, 1)
    each = ("検査標章", "自動車検査証", "自動車検査証記録事項")
    assert figures.deliverables == tuple((name, 1) for name in each)
    assert (elsewhere.presented, elsewhere.held, elsewhere.deliverables) == (0, 0, ())
    assert (tomorrow.presented, tomorrow.held, tomorrow.still_held) == (0, 0, 1)


@pytest.mark.parametrize(("hours", "day"), [(14, "2026-11-23"), (15, "2026-11-24")])
def test_a_day_ends_at_midnight_in_tokyo(registry: Sessions, hours: int, day: str) -> None:
    at = house(registry)
    at.clock.move(hours=hours - 1, minutes=54)  # 09:05 and that
    at.clock.move(minutes=59 if hours == 15 else 0)
    at.counter.present(DESK, showing("12345"))
    with at.sessions() as session:
        assert figures_of(session, SHINAGAWA, date.fromisoformat(day)).presented == 1


def test_a_day_is_closed_with_a_signature_over_everything_so_far(at: House) -> None:
    who = browser(at)
    assert close(who).location == PATH
    closed = entries(at)[-1]
    assert (closed.act, closed.staff_number) == ("office_closed", SUPERVISOR)
    body = json.loads(closed.body)
    assert (body["day"], body["given_out"], body["undone"]) == (TODAY, 1, 1)
    assert body["forms"][0] == ["検査標章", 1, 1]
    with at.sessions() as session:
        signed = session.get_one(Checkpoint, closed.seq)
    page = who.page(PATH)
    for said in (signed.head, signed.signature, "見本　三子", "NG-PW", "責任者"):
        assert said in page
    found = check_everything(at.sessions, publics=at.installation.keys.checkpoint_publics)
    assert (found.holds, found.agreed) == (True, 1)


def test_forms_that_do_not_match_need_a_remark_and_are_recorded(at: House) -> None:
    who = browser(at)
    refused = close(who, used="2")
    page = refused.get_data(as_text=True)
    assert (refused.status_code, "ADM-REASON" in page) == (422, True)
    assert page.count('value="2"') == 3, "nothing typed is lost"
    assert close(who, used="2", remark="書き損じ").status_code == 303
    page = who.page(PATH)
    assert page.count("+1") == 3
    assert "書き損じ" in page


@pytest.mark.parametrize("used", ["-1", "1.5", "一", "1000000", "²"])
def test_a_number_that_is_none_is_refused(at: House, used: str) -> None:
    assert "ADM-SETTING" in close(browser(at), used=used).get_data(as_text=True)


def test_a_double_click_closes_once_and_closing_again_adds_a_version(at: House) -> None:
    who = browser(at)
    form = hidden_in(who.page(PATH)) | {f"used-{place}": "1" for place in range(3)}
    assert who.client.post(PATH, data=form).status_code == 303
    assert who.client.post(PATH, data=form).status_code == 303
    assert [e.act for e in entries(at)].count("office_closed") == 1
    assert "業務を終了する" not in who.page(PATH)
    assert "もう一度終了する" in who.page(f"{PATH}?again=1")
    again = form | {"key": str(uuid.uuid4()), "used-0": "3", "remark": "数え直した"}
    assert who.client.post(PATH, data=again).status_code == 303
    page = who.page(PATH)
    assert "2回目" in page
    assert "+2" in page


def test_what_was_printed_stays_what_it_was(at: House) -> None:
    who = browser(at)
    close(who)
    before = re.search(r"<table.*</table>", who.page(PATH), re.S)[0]
    at.counter.present(DESK, showing("12345"))
    assert re.search(r"<table.*</table>", who.page(PATH), re.S)[0] == before


def test_what_windows_report_as_wrong_is_on_the_report(at: House) -> None:
    who = browser(at)
    assert "続いています" not in who.page(PATH)
    at.counter.report(WINDOW, Report(at.clock.now, frozenset({"ERR-SCAN-MISSING"})))
    assert "窓口1　スキャナーが見つかりません" in who.page(PATH)
    close(who)
    at.counter.report(WINDOW, Report(at.clock.now))
    assert "窓口1　スキャナーが見つかりません" in who.page(PATH), "as it was closed"


def test_days_to_come_and_offices_that_are_none_are_not_found(at: House) -> None:
    who = browser(at)
    for path in (f"/console/days/{SHINAGAWA}/2026-11-24", f"/console/days/X/{TODAY}",
                 f"/console/days/{SHINAGAWA}/gestern"):  # fmt: skip
        assert who.client.get(path).status_code == 404


def test_the_list_of_days_says_which_are_closed(at: House) -> None:
    who = browser(at)
    assert "終了済み" not in who.page("/console/days")
    close(who)
    assert who.page("/console/days").count("終了済み") == 1


def test_an_auditor_reads_the_report_and_closes_nothing(at: House) -> None:
    page = browser(at, AUDITOR).page(PATH)
    assert "業務日報" in page
    assert "終了を記録する" not in page
