"""What a program may ask for: the order's shape, its description, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from issuer.forms import SheetRequest, read_sheet_request
from shared.domain import Purpose
from shared.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from shared.web.problems import FieldProblem, InvalidFields, InvalidJson

_SAID = {
    "missing": "必須の項目です",
    "extra_forbidden": "知らない項目です",
    "literal_error": "registration、authentication、password_change のどれかを指定してください",
    "string_type": "文字列で指定してください",
    "string_too_long": "長すぎます",
    "int_type": "整数で指定してください",
    "int_from_float": "整数で指定してください",
    "model_type": "JSONのオブジェクトを送信してください",
}
_ONLY_FOR_AUTHENTICATION = "authentication のときだけ指定してください"


class SheetOrder(BaseModel):
    """One sheet that is wanted."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, title="SheetOrder", hide_input_in_errors=True
    )
    purpose: Literal["registration", "authentication", "password_change"] = Field(
        description="使用目的：registration（新規登録用）、authentication（認証用）、"
        "password_change（パスワード変更用）",
        examples=["authentication"],
    )
    receiver_name: str = Field(
        max_length=200,
        description="受取者名（証明書等管理業者名）。60文字以内。半角の文字は全角に直します。"
        "行政書士・行政書士法人は、名前の直後に（登録番号8けた）を付けます",
        examples=["見本行政書士事務所　試験　太郎（00000001）"],
    )
    password: str = Field(
        repr=False,
        description=f"受取者用パスワード。半角の英字・数字・記号で{MINIMUM_LENGTH}文字以上"
        f"{MAXIMUM_LENGTH}文字以内。password_change では新しいパスワード",
        examples=["mihon-no-himitsu"],
        json_schema_extra={
            "format": "password",
            "writeOnly": True,
            "minLength": MINIMUM_LENGTH,
            "maxLength": MAXIMUM_LENGTH,
            "pattern": "^[ -~]+$",
        },
    )
    procedure: int | None = Field(
        default=None,
        description="手続種別のコード。authentication では必須、ほかでは指定しません。"
        "コードは GET /api/v1/procedures で分かります",
        examples=[1],
    )


class SheetAnswer(BaseModel):
    """One sheet that was issued, as data."""

    purpose: str = Field(description="使用目的")
    name: str = Field(description="二次元コードの名前")
    receiver_name: str = Field(description="受取者名。印刷され、窓口で比べられる表記")
    procedure: str | None = Field(description="手続種別の名前。authentication のときだけ")
    search_key: str = Field(
        description="検索キー。4けたずつ", pattern=r"^[1-3][0-9]{3}( [0-9]{4}){3}$"
    )
    issued_at: datetime = Field(description="発行日時")
    expires_at: datetime = Field(description="この時刻から、用紙は使えない")
    code: str = Field(
        description="二次元コードの内容。QRコード（数字モード、誤り訂正レベルM）にする数字",
        pattern=r"^91[0-9]+$",
    )
    notices: list[str] = Field(description="印刷の前に確かめること")


@dataclass(frozen=True, slots=True)
class Order:
    """An order that can be carried out."""

    wish: SheetRequest
    typed_name: str
    """Before it was widened."""

    def content(self) -> str:
        """All that tells this order from another, the password too: only ever digested."""
        wish = self.wish
        parts = (wish.purpose, str(wish.procedure), wish.receiver.display, wish.password)
        return "\0".join(parts)


def read_order(body: bytes, procedures: Mapping[int, str]) -> Order:
    """The order in a request's body, judged as the portal's form is.

    Raises InvalidJson or InvalidFields.
    """
    order = _parsed(body)
    if order.procedure is not None and Purpose(order.purpose) is not Purpose.AUTHENTICATION:
        raise InvalidFields((FieldProblem("procedure", _ONLY_FOR_AUTHENTICATION),))
    values = {
        "purpose": order.purpose,
        "procedure": "" if order.procedure is None else str(order.procedure),
        "receiver_name": order.receiver_name,
        "password": order.password,
        "password_confirm": order.password,
    }
    wish = read_sheet_request(values, procedures)
    if isinstance(wish, SheetRequest):
        return Order(wish, order.receiver_name)
    raise InvalidFields(tuple(FieldProblem(error.name, error.text) for error in wish))


def _parsed(body: bytes) -> SheetOrder:
    try:
        return SheetOrder.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        raise InvalidJson
    raise InvalidFields(tuple(_field_problem(one) for one in found))


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    field = ".".join(str(part) for part in error["loc"][:1])
    known = field in SheetOrder.model_fields
    return FieldProblem(field if known else "", _SAID.get(error["type"], "形式が違います"))
