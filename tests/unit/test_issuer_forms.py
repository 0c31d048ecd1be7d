"""Every answer of the public forms to what people may type."""

import pytest

from issuer.forms import FieldError, SheetRequest, read_filing_number, read_sheet_request
from shared.domain import FilingNumber, Purpose
from shared.names import ReceiverName
from tests.issuer_world import GOOD, RECEIVER

OPEN = {1: "継続検査", 2: "新車（新規検査・地方税申告）"}


def errors(**changes: str) -> list[tuple[str, str]]:
    answer = read_sheet_request(GOOD | changes, OPEN)
    assert not isinstance(answer, SheetRequest), "this input was taken"
    return [(error.name, error.text) for error in answer]


def test_a_complete_form_is_a_request() -> None:
    wish = read_sheet_request(GOOD, OPEN)
    assert isinstance(wish, SheetRequest)
    assert (wish.purpose, wish.procedure) == (Purpose.AUTHENTICATION, 1)
    assert wish.receiver == ReceiverName.parse(RECEIVER)


def test_the_password_never_shows_in_the_request() -> None:
    assert "himitsu" not in repr(read_sheet_request(GOOD, OPEN))


@pytest.mark.parametrize("purpose", ["registration", "password_change"])
def test_other_kinds_carry_no_procedure_whatever_was_left_in_the_field(purpose: str) -> None:
    wish = read_sheet_request(GOOD | {"purpose": purpose, "procedure": "2"}, OPEN)
    assert isinstance(wish, SheetRequest)
    assert wish.procedure == 0


@pytest.mark.parametrize(
    ("changes", "name", "text"),
    [
        ({"purpose": ""}, "purpose", "使用目的を選択してください"),
        ({"purpose": "individual"}, "purpose", "使用目的を選択してください"),
        ({"procedure": ""}, "procedure", "手続種別を選択してください"),
        ({"procedure": "3"}, "procedure", "選んだ手続種別は受け付けていません"),
        ({"procedure": "０１"}, "procedure", "選んだ手続種別は受け付けていません"),
        ({"receiver_name": "　 "}, "receiver_name", "（証明書等管理業者名）を入力してください"),
        ({"receiver_name": "見" * 61}, "receiver_name", "受取者名は60文字以内で入力してください"),
        ({"receiver_name": "見本😀"}, "receiver_name", "使えない文字があります：「😀」"),
        ({"receiver_name": "見本\u202e太郎"}, "receiver_name", "使えない文字があります"),
        ({"receiver_name": "見本𓀀ก"}, "receiver_name", "印刷できない文字があります：「𓀀」「ก」"),
        ({"password": ""}, "password", "パスワードを入力してください"),
        ({"password": "1234567"}, "password", "パスワードは8文字以上で入力してください"),
        ({"password": "x" * 129}, "password", "128文字以内"),
        ({"password": "ひみつのことばです"}, "password", "使える文字は半角の英字・数字・記号です"),
        ({"password_confirm": ""}, "password_confirm", "確認用のパスワードを入力してください"),
        ({"password_confirm": "mihon-no-himitsV"}, "password_confirm",
         "確認用のパスワードが一致しません。もう一度両方に入力してください"),
    ],
)  # fmt: skip
def test_each_mistake_has_one_error_that_says_what_to_do(
    changes: dict[str, str], name: str, text: str
) -> None:
    if "password" in changes:
        changes = changes | {"password_confirm": changes["password"]}
    [(field, shown)] = errors(**changes)
    assert field == name
    assert text in shown


def test_an_empty_form_lists_everything_in_the_order_of_its_fields() -> None:
    answer = read_sheet_request({}, OPEN)
    assert not isinstance(answer, SheetRequest)
    assert [error.name for error in answer] == ["purpose", "receiver_name", "password"]


def test_half_width_letters_are_widened_not_refused() -> None:
    wish = read_sheet_request(GOOD | {"receiver_name": "ﾐﾎﾝ taro(12345678)"}, OPEN)
    assert isinstance(wish, SheetRequest)
    assert wish.receiver.display == "ミホン　ｔａｒｏ（１２３４５６７８）"


@pytest.mark.parametrize(
    "typed", ["1234567890123456", "1234 5678 9012 3456", "１２３４－５６７８－９０１２－３４５６"]
)
def test_a_filing_number_is_read_in_any_width_and_grouping(typed: str) -> None:
    assert read_filing_number({"number": typed}) == FilingNumber("1234567890123456")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "受付番号（到達番号）を入力してください"),
        ("123", "受付番号（到達番号）は16けたまたは17けたの数字で入力してください"),
        ("1234567890123456a", "受付番号（到達番号）は16けたまたは17けたの数字で入力してください"),
        ("9" * 100, "受付番号（到達番号）は16けたまたは17けたの数字で入力してください"),
    ],
)
def test_a_wrong_filing_number_says_what_one_looks_like(typed: str, text: str) -> None:
    assert read_filing_number({"number": typed}) == (FieldError("number", text),)
