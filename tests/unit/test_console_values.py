"""The console's plain values: days in Tokyo, checks, charts, plates, cells."""

from datetime import UTC, date, datetime

import pytest

from shared.domain import Purpose
from shared.vehicle_marks import ends_with, folded, tail
from verifier.console.charts import hour_chart, reason_chart
from verifier.console.checks import Answer, checks_of
from verifier.console.day_counts import Tally
from verifier.console.periods import Period, read_period, today_in_tokyo
from verifier.decision.reasons import Reason

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("values", "period"),
    [
        ({}, Period()),
        ({"period": "today"}, Period(MONDAY, MONDAY)),
        ({"period": "yesterday"}, Period(date(2026, 11, 22), date(2026, 11, 22))),
        ({"period": "week"}, Period(MONDAY, MONDAY)),
        ({"period": "last_month"}, Period(date(2026, 10, 1), date(2026, 10, 31))),
        ({"since": "2024-02-29"}, Period(date(2024, 2, 29), None)),
        ({"since": "2026-11-01", "until": "2026-11-23"}, Period(date(2026, 11, 1), MONDAY)),
        ({"period": "today", "hour": "9"}, Period(MONDAY, MONDAY, 9)),
    ],
)  # fmt: skip
def test_a_period_is_whole_days(values: dict[str, str], period: Period) -> None:
    assert read_period(values, MONDAY) == (period, [])


@pytest.mark.parametrize(
    "values",
    [
        {"period": "tomorrow"},
        {"since": "2026-02-29"},
        {"until": "9999-12-31"},
        {"since": "2026-11-24", "until": "2026-11-23"},
        {"hour": "9"},
        {"period": "week", "hour": "9", "since": ""},
        {"period": "today", "hour": "24"},
    ],
)
def test_what_is_no_period_is_named(values: dict[str, str]) -> None:
    assert read_period(values, date(2026, 11, 25))[1] != []


def test_the_last_day_ends_at_the_next_midnight_in_tokyo() -> None:
    period = Period(MONDAY, MONDAY)
    assert period.begins == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert period.ends == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert today_in_tokyo(datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert today_in_tokyo(datetime(2026, 11, 22, 15, tzinfo=UTC)) == MONDAY


def test_an_hour_of_a_day_is_an_hour_in_tokyo() -> None:
    hour = Period(MONDAY, MONDAY, 9)
    assert hour.begins == datetime(2026, 11, 23, 0, tzinfo=UTC)
    assert hour.ends == datetime(2026, 11, 23, 1, tzinfo=UTC)


def answers(purpose: Purpose | None, *refusals: Reason) -> dict[str, Answer]:
    return {check.question: check.answer for check in checks_of(purpose, refusals)}


def test_an_accepted_sheet_was_asked_everything_and_answered_yes() -> None:
    assert set(answers(Purpose.AUTHENTICATION).values()) == {Answer.YES}
    assert set(answers(Purpose.INDIVIDUAL).values()) == {Answer.YES}


def test_a_forged_sheet_was_not_asked_who_it_is_about() -> None:
    asked = answers(None, Reason.FORGED)
    assert asked["正しく読み取れた"] is Answer.YES
    assert asked["発行元の署名が正しい"] is Answer.NO
    assert asked["期限の中にある"] is Answer.NOT_ASKED
    assert asked["端末が停止されていない"] is Answer.YES
    assert "受取者または申請が登録簿にある" not in asked
    assert "渡せる交付物がある" not in asked


def test_an_unknown_receiver_has_no_password_to_compare() -> None:
    asked = answers(Purpose.AUTHENTICATION, Reason.NOT_REGISTERED, Reason.NOTHING_TO_COLLECT)
    assert asked["受取者または申請が登録簿にある"] is Answer.NO
    assert asked["パスワードが登録と一致する"] is Answer.NOT_ASKED
    assert asked["渡せる交付物がある"] is Answer.NO


def test_every_reason_belongs_to_one_check() -> None:
    for reason in Reason:
        said = [
            check
            for check in checks_of(Purpose.AUTHENTICATION, [reason])
            if check.reasons == (reason.value,)
        ]
        assert [check.answer for check in said] == [Answer.NO], reason


def test_registration_is_not_asked_about_papers() -> None:
    asked = answers(Purpose.REGISTRATION)
    assert "まだ登録されていない名前である" in asked
    assert "渡せる交付物がある" not in asked


def test_bars_stand_on_the_ground_and_reach_the_top() -> None:
    hours = [Tally() for _ in range(24)]
    hours[7] = Tally(accepted=30, refused=20)
    chart = hour_chart(hours)
    assert [bar.hour for bar in chart.bars] == list(range(7, 17))
    bar = chart.bars[0]
    assert bar.accepted_y + bar.accepted_height == pytest.approx(chart.ground)
    assert bar.refused_y + bar.refused_height == pytest.approx(bar.accepted_y)
    assert chart.lines[-1] == (50, bar.refused_y)


def test_an_empty_day_has_a_chart_too() -> None:
    chart = hour_chart([Tally() for _ in range(24)])
    assert [bar.hour for bar in chart.bars] == list(range(9, 17))
    assert {bar.accepted_height for bar in chart.bars} == {0}
    assert reason_chart({}, 8).bars == []


def test_the_longest_reason_is_drawn_longest() -> None:
    chart = reason_chart({"NG-PW": 40, "NG-NAME": 10}, 8)
    assert [bar.code for bar in chart.bars] == ["NG-PW", "NG-NAME"]
    assert chart.bars[0].length == pytest.approx(4 * chart.bars[1].length)


@pytest.mark.parametrize(
    ("mark", "last"),
    [
        ("見本 580 あ 12-34", "1234"),
        ("見本　５８０　あ　・・・１", "0001"),
        ("ＨＡ３６Ｓ－１２３４５６", "3456"),
        ("MIHON-000123", "0123"),
        ("見本", None),
        (None, None),
    ],
)
def test_a_vehicle_is_called_by_its_last_digits(mark: str | None, last: str | None) -> None:
    assert tail(mark) == last


def test_marks_are_compared_without_width_blanks_and_hyphens() -> None:
    assert folded("見本 580 あ 12-34") == folded("見本５８０あ１２３４")
    assert ends_with("見本 580 あ 12-34", "あ1234")
    assert ends_with("HA36S-123456", "ha36s123456")
    assert not ends_with("見本 580 あ 12-34", "い1234")
    assert not ends_with(None, "1234")
