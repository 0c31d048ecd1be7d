"""What a journal entry of the installation's upkeep says: files, keys, backups, what was purged."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.domain import Role
from shared.web.times import jst_log
from verifier.console import words
from verifier.registry.journal import Act

Body = Mapping[str, Any]
_ADDED = {"office": "事務所", "kiosk": "窓口", "procedure": "手続種別", "staff": "担当者"}
_KEYS = {
    "created": "作成した",
    "published": "公開した",
    "retired": "使い終えた",
    "revoked": "失効させた",
    "destroyed": "破棄した",
}
# Wrong passwords are purged no more; entries of before still tell of them.
_PURGED = {
    "filings": "申請の氏名",
    "collectors": "受け取った方の氏名",
    "memos": "保留のメモ",
    "sheets": "発行した用紙",
    "wrong_tags": "合わなかったパスワードの印",
    "answers": "二度押しに備えた答え",
    "sign_ins": "サインインの跡",
}


def said(act: str, body: Body) -> Iterator[str]:
    """One sentence for each fact; none for an act of another kind."""
    if act in _SAID:
        yield from _SAID[Act(act)](body)


def role_of(body: Body) -> Iterator[str]:
    """The role that an entry names, if it does."""
    if body.get("role") in set(Role):
        yield f"役割：{words.ROLES[Role(body['role'])]}"


def _installed(body: Body) -> Iterator[str]:
    if body.get("demo"):
        yield "見本のデータで設置した"
    if "administrator" in body:
        yield f"最初の管理者：{body['administrator']}"
    if "added" in body:
        yield f"{_ADDED.get(body['added'], body['added'])} {body.get('code')} を登録した"
    yield from role_of(body)


def _imported(body: Body) -> Iterator[str]:
    yield (
        f"新しい申請 {body.get('new', 0):,}件・変更 {body.get('updated', 0):,}件・"
        f"同じ {body.get('unchanged', 0):,}件・処理済みのため触れない {body.get('kept', 0):,}件"
    )
    if body.get("refused"):
        yield f"受け入れなかった行 {body['refused']:,}件"
    if "sha256" in body:
        yield f"ファイルの指紋 {str(body['sha256'])[:12]}"
    if "through" in body:
        yield f"{body['through']:,}行目まで{'（終わり）' if body.get('ended') else ''}"
    if body.get("pushed"):
        yield "申請システムからの送信"


def _key(body: Body) -> Iterator[str]:
    change = str(body.get("change"))
    yield f"鍵 {body.get('key')}：{_KEYS.get(change, change)}"
    if "version" in body:
        yield f"鍵の組の版 {body['version']}"


def _backed_up(_body: Body) -> Iterator[str]:
    yield "この記録までを控えに写した"


def _restored(body: Body) -> Iterator[str]:
    made = jst_log(datetime.fromisoformat(body["made"]))
    yield f"{made} に作った控えから戻した"
    yield f"控えの記録 {body.get('entries'):,}件・先頭 {body.get('head')}"


def _purged(body: Body) -> Iterator[str]:
    counts = [(word, body.get(name)) for name, word in _PURGED.items()]
    yield "・".join(f"{word} {count:,}件" for word, count in counts if count)


_SAID: Mapping[str, Callable[[Body], Iterator[str]]] = {
    Act.INSTALLED: _installed,
    Act.IMPORTED: _imported,
    Act.KEY_CHANGED: _key,
    Act.BACKED_UP: _backed_up,
    Act.RESTORED: _restored,
    Act.PURGED: _purged,
}
