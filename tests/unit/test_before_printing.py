"""What the portal tells before printing, from the name alone."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from issuer.before_printing import compared_runs, notices
from shared.names import InvalidName, ReceiverName, as_compared, compare_key

GOOD = "見本行政書士事務所　試験　太郎（０００００００１）"


def test_a_good_name_has_nothing_to_look_at() -> None:
    assert notices(GOOD) == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("見本行政書士事務所　試験　太郎", "登録番号（8けた）がありません"),
        ("見本行政書士事務所　試験（１２３４５６）", "番号が6けたです"),
        ("見本（１２３４５６７８９）", "番号が9けたです"),
        ("ﾐﾎﾝ　太郎", "「ﾐﾎﾝ」→「ミホン」"),
        ("見本 太郎", "半角の文字を全角に直しました：空白"),
        ("見本(株)", "「(」→「（」、「)」→「）」"),
        ("　見本　太郎", "前後の空白を取り除きました"),
        ("見本　太郎 ", "前後の空白を取り除きました"),
        ("見本　　太郎", "空白が続いています"),
        ("見本ー太郎", "「ー」（のばす音の記号）があります"),
        ("ミホン－タロウ", "「－」（横線の記号）があります"),
        ("ミホン―タロウ", "「―」（横線の記号）があります"),
        ("見本タクシ一", "「一」（漢数字）があります"),
        ("カメラ二", "「二」（漢字）があります"),
        ("試験ロ見本", "「ロ」（カタカナ）があります"),
        ("髙見　太郎", "「髙」と「高」は別の文字として比べます"),
        ("𠮷田　太郎", "「𠮷」と「吉」は別の文字として比べます"),
    ],
)
def test_what_the_counter_would_stumble_over_is_told(typed: str, said: str) -> None:
    assert any(said in sentence for sentence in notices(typed)), notices(typed)


@pytest.mark.parametrize(
    "name",
    ["スーパー見本", "らーめん見本", "佐々木カメラ工房", "見本一番", "第一カメラ", "Ａ－１見本",
     "東京－見本", "八幡カメラ", "高崎　吉田", "井ノ口", "三ツ谷", "見本エイト"],
)  # fmt: skip
def test_ordinary_names_are_left_in_peace(name: str) -> None:
    assert notices(name) == ()


def test_each_thing_is_said_once() -> None:
    assert len(notices("髙髙髙")) == 1


def test_the_runs_are_the_name_as_compared_kind_by_kind() -> None:
    runs = compared_runs("ﾐﾎﾝ行政書士  太郎さん(00000001)")
    assert [(run.text, run.kind) for run in runs] == [
        ("ミホン", "カタカナ"), ("行政書士", "漢字"), ("　", "空白"), ("太郎", "漢字"),
        ("さん", "ひらがな"), ("（", "記号"), ("０００００００１", "数字"), ("）", "記号"),
    ]  # fmt: skip


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(NAMES)
def test_no_shown_form_holds_a_letter_that_could_be_markup(text: str) -> None:
    try:
        name = ReceiverName.parse(text)
    except InvalidName:
        assume(False)
    shown = "".join(run.text for run in compared_runs(name.display))
    assert not set(shown) & set(string.printable)
    assert shown == as_compared(name.display)
    assert compare_key(shown) == name.key


@given(NAMES)
def test_every_name_that_is_taken_has_its_notices(text: str) -> None:
    try:
        ReceiverName.parse(text)
    except InvalidName:
        assume(False)
    assert all(sentence.endswith(("。", "」", "空白")) for sentence in notices(text))


def test_the_dangerous_compare_key_is_shown_harmless() -> None:
    assert compare_key("＜script＞") == "<script>"
    assert as_compared("＜script＞") == "＜ｓｃｒｉｐｔ＞"
