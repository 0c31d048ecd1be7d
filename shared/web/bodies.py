"""Form bodies must be UTF-8, and each of their fields must have a name.

Werkzeug would pass the bytes of other encodings on as ``%82%A0``, and a part without a name as a
field called None, which nobody who looks for a field expects.
"""

from urllib.parse import unquote_to_bytes

from flask import request

from shared.web.errors import Advice, Explained

FORM = "application/x-www-form-urlencoded"
IN_PARTS = "multipart/form-data"
NAMELESS = Advice(
    "送信された内容を読み取れませんでした",
    "名前のない項目があります。内容は受け付けていません。"
    "ブラウザーの「戻る」で入力した画面に戻り、もう一度送信してください。",
)
NOT_UTF8 = Advice(
    "文字を読み取れませんでした",
    "送信された文字の種類（文字コード）がUTF-8ではありません。内容は受け付けていません。"
    "ブラウザーの「戻る」で入力した画面に戻り、入力し直してください。",
)


def refuse_other_encodings() -> None:
    """Before a form is read. Raises Explained."""
    if request.mimetype != FORM:
        return
    try:
        unquote_to_bytes(request.get_data(cache=True)).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Explained(NOT_UTF8) from error


def refuse_nameless_fields() -> None:
    """Before anybody looks for a field. Raises Explained, and what reading a form raises."""
    if request.mimetype == IN_PARTS and None in request.form:
        raise Explained(NAMELESS)
