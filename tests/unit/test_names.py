"""Receiver names: what is shown, what is equal, and what only looks alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.names import (
    InvalidName,
    ReceiverName,
    compare_key,
    registration_number,
    says_scrivener,
)
from shared.near_names import differences, near_miss, skeleton


def display(text: str) -> str:
    return ReceiverName.parse(text).display


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ﾐﾎﾝ ｶﾞﾗｽ", "ミホン　ガラス"),
        ("見本(00000011)", "見本（００００００１１）"),
        ("  見本　", "見本"),
        ("Mihon-1", "Ｍｉｈｏｎ－１"),
        ("髙﨑𠮷太郎", "髙﨑𠮷太郎"),
        ("葛󠄀城", "葛󠄀城"),
    ],
)
def test_half_width_is_widened_and_rare_characters_stay(typed, shown):
    assert display(typed) == shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("見本😀", "「😀」"),
        ("見本\u200b", "U+200B ZERO WIDTH SPACE"),
        ("見本\u202e本", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("見\t本", "U+0009"),
        ("", "入力してください"),
        ("　　", "入力してください"),
        ("見" * 61, "60文字以内"),
    ],
)
def test_what_is_no_name_is_refused_by_name(typed, said):
    with pytest.raises(InvalidName, match="受取者名") as caught:
        display(typed)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["𠮷" * 60, "葛󠄀" * 50 + "見" * 10, "𠮷󠄀" * 22 + "𠮷" * 38])
def test_sixty_characters_fit_rare_ones_and_selectors_included(name):
    assert display(name) == name


def test_more_selectors_than_a_reader_would_look_at_are_refused():
    with pytest.raises(InvalidName, match="字体の指定が多すぎます"):
        display("𠮷󠄀" * 60)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("見本（００００００１１）", "見本(00000011)"),
        ("見本　　太郎", "見本 太郎"),
        ("ﾐﾎﾝ", "ミホン"),
        ("葛󠄀城", "葛城"),
        ("見本−１", "見本‐１"),
        ("見本—１", "見本－１"),
    ],
)
def test_width_blanks_hyphens_and_glyph_variants_do_not_matter(left, right):
    assert compare_key(left) == compare_key(right)
    assert not near_miss(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("髙橋見本", "高橋見本"),
        ("見本﨑", "見本崎"),
        ("斉藤見本", "齋藤見本"),
        ("見本ー", "見本一"),
        ("見本－", "見本ー"),
        ("軽自行政書士", "軽行政書士"),
        ("見本（００００００１１）", "見本（００００００１２）"),
        ("見本 太郎", "見本太郎"),
    ],
)
def test_names_that_only_look_alike_are_near_misses(left, right):
    assert compare_key(left) != compare_key(right)
    assert near_miss(left, right)
    assert near_miss(right, left)


@pytest.mark.parametrize(("left", "right"), [("見本", "見木"), ("山田太郎", "川田次郎")])
def test_other_names_are_other_names(left, right):
    assert not near_miss(left, right)


def test_differences_put_two_names_side_by_side():
    runs = [(d.kind.value, d.left, d.right) for d in differences("髙橋太郎", "高橋一太郎")]
    assert runs == [
        ("replaced", "髙", "高"),
        ("same", "橋", "橋"),
        ("only_right", "", "一"),
        ("same", "太郎", "太郎"),
    ]


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("見本行政書士（１２３４５６７８）", "12345678"),
        ("見本行政書士（１２３４５６）", None),
        ("見本（１２３４５６７８）行政書士", None),
    ],
)
def test_the_registration_number_has_eight_digits_at_the_end(name, number):
    assert registration_number(name) == number
    assert says_scrivener(name)
    assert ReceiverName.parse(name).lacks_registration_number() is (number is None)


@given(st.text(max_size=80))
def test_parsing_is_stable_and_its_key_is_its_keys_key(text):
    try:
        name = ReceiverName.parse(text)
    except InvalidName:
        return
    assert ReceiverName.parse(name.display) == name
    assert compare_key(name.key) == name.key
    assert len(name.display.encode("utf-16-be")) // 2 <= 255


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_near_miss_is_never_an_equal_name_and_runs_rebuild_both_names(left, right):
    if near_miss(left, right):
        assert compare_key(left) != compare_key(right)
    runs = differences(left, right)
    assert "".join(d.left for d in runs) == left
    assert "".join(d.right for d in runs) == right


def test_a_skeleton_folds_what_looks_alike():
    assert skeleton("髙﨑　齋ー") == skeleton("高崎斉一")
