"""What people type into the public forms: a request that can be carried out, or errors to show.

Pure functions on plain mappings. Each text says what to do; none says who is registered.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from issuer.glyphs import undrawable
from shared.domain import FilingNumber, InvalidFilingNumber, Purpose
from shared.names import InvalidName, ReceiverName
from shared.passwords import InvalidPassword, check_rules

PUBLIC_PURPOSES = (Purpose.REGISTRATION, Purpose.AUTHENTICATION, Purpose.PASSWORD_CHANGE)
NAME = "受取者名（証明書等管理業者名）"
NUMBER = "受付番号（到達番号）"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to put right, shown in the summary and beside its field."""

    name: str
    """Of the field: also its id on the page."""
    text: str


@dataclass(frozen=True, slots=True)
class SheetRequest:
    """A complete wish for a sheet of the three public kinds."""

    purpose: Purpose
    receiver: ReceiverName
    password: str = field(repr=False)
    procedure: int = 0
    """Code in the table of procedures; 0 where the kind has none."""


Errors = tuple[FieldError, ...]


def read_sheet_request(
    values: Mapping[str, str], open_procedures: Collection[int]
) -> SheetRequest | Errors:
    """Everything the form asks for, or all its errors in the order of the fields."""
    purpose = _purpose(values)
    procedure = _procedure(values, purpose, open_procedures)
    receiver = _receiver(values)
    password = _password(values)
    answers = (purpose, procedure, receiver, password)
    if (
        isinstance(purpose, FieldError)
        or isinstance(procedure, FieldError)
        or isinstance(receiver, FieldError)
        or isinstance(password, FieldError)
    ):
        return tuple(answer for answer in answers if isinstance(answer, FieldError))
    return SheetRequest(purpose, receiver, password, procedure)


def read_filing_number(values: Mapping[str, str]) -> FilingNumber | Errors:
    """The number typed at the first step of the inquiry."""
    typed = values.get("number", "")
    if not typed.strip():
        return (FieldError("number", f"{NUMBER}を入力してください"),)
    try:
        return FilingNumber.parse(typed)
    except InvalidFilingNumber:
        text = f"{NUMBER}は16けたまたは17けたの数字で入力してください"
        return (FieldError("number", text),)


def _purpose(values: Mapping[str, str]) -> Purpose | FieldError:
    for purpose in PUBLIC_PURPOSES:
        if values.get("purpose") == purpose:
            return purpose
    return FieldError("purpose", "使用目的を選択してください")


def _procedure(
    values: Mapping[str, str], purpose: Purpose | FieldError, open_procedures: Collection[int]
) -> int | FieldError:
    if purpose is not Purpose.AUTHENTICATION:
        return 0
    chosen = values.get("procedure", "")
    if not chosen:
        return FieldError("procedure", "手続種別を選択してください")
    for code in open_procedures:
        if chosen == str(code):
            return code
    text = "選んだ手続種別は受け付けていません。ほかの手続種別を選択してください"
    return FieldError("procedure", text)


def _receiver(values: Mapping[str, str]) -> ReceiverName | FieldError:
    typed = values.get("receiver_name", "")
    if not typed.strip():
        return FieldError("receiver_name", f"{NAME}を入力してください")
    try:
        receiver = ReceiverName.parse(typed)
    except InvalidName as error:
        return FieldError("receiver_name", str(error))
    lacking = undrawable(receiver.display)
    if lacking:
        text = f"受取者名に印刷できない文字があります：{_quoted(lacking)}"
        return FieldError("receiver_name", text)
    return receiver


def _password(values: Mapping[str, str]) -> str | FieldError:
    password, confirmation = values.get("password", ""), values.get("password_confirm", "")
    if not password:
        return FieldError("password", "パスワードを入力してください")
    try:
        check_rules(password)
    except InvalidPassword as error:
        return FieldError("password", str(error))
    if not confirmation:
        return FieldError("password_confirm", "確認用のパスワードを入力してください")
    if password != confirmation:
        text = "確認用のパスワードが一致しません。もう一度両方に入力してください"
        return FieldError("password_confirm", text)
    return password


def _quoted(characters: Collection[str]) -> str:
    return "".join(f"「{character}」" for character in characters)
