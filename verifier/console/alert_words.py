"""What the console says of each alert: what happened, and what a person does about it."""

from collections.abc import Callable
from typing import NamedTuple

from shared.db.tables import Alert, AlertKind
from verifier.console import words
from verifier.console.integrity_words import HOW
from verifier.journal_walk import How


class Words(NamedTuple):
    """A title, and the next step."""

    title: str
    advice: str


ALERTS = {
    AlertKind.FORGED: Words(
        "偽造された用紙が読み取られました",
        "用紙を預かり、持ってきた方の身元を確かめてください。"
        "署名鍵が盗まれていないか、管理者に知らせてください。",
    ),
    AlertKind.KIOSK_LOCKED: Words(
        "窓口が停止しています",
        "窓口で何が続いたかを確かめ、「窓口」の画面で停止を解除してください。",
    ),
    AlertKind.MANY_REFUSALS: Words(
        "同じ受取者の用紙が何度も断られています",
        "受取者に連絡し、用紙を盗まれていないか確かめてください。"
        "必要なら停止するか、以前の用紙を使えなくしてください。",
    ),
    AlertKind.CLOCK_OFF: Words(
        "時計がずれています", "端末とサーバーの時刻合わせ（NTP）を確かめてください。"
    ),
    AlertKind.DISK_FULL: Words(
        "空き容量が残りわずかです",
        "古いファイルを別の場所へ移してください。空きがなくなると、受け渡しができなくなります。",
    ),
    AlertKind.CAMERA_FROZEN: Words(
        "カメラの映像が止まっています",
        "カメラのUSBケーブルを差し直し、直らなければ端末を再起動してください。",
    ),
    AlertKind.CHAIN_BROKEN: Words(
        "記録のつながりが切れています",
        "だれかが記録を書き換えた疑いがあります。管理者に知らせ、"
        "「記録の検証」の画面で全体を確かめてください。",
    ),
    AlertKind.PLAN_CONFLICT: Words(
        "計画で渡した車両が登録簿と食い違っています",
        "「計画」の画面で一件ずつ事情を確かめ、確かめたことを書いて処理してください。",
    ),
}


def detail_of(alert: Alert) -> tuple[int | None, str]:
    """The number of the entry that an alert points to, and the rest of its detail in words."""
    facts = dict(fact.partition("=")[::2] for fact in alert.detail.split())
    entry = facts.pop("entry", "")
    said = [_SAID[name](value) for name, value in facts.items() if name in _SAID]
    return int(entry) if entry.isdecimal() else None, "　".join(said)


def _clock(value: str) -> str:
    return f"{value.removeprefix('-')}秒{'遅れ' if value.startswith('-') else '進み'}"


_SAID: dict[str, Callable[[str], str]] = {
    "seconds": _clock,
    "free_megabytes": lambda value: f"空き {value} MB",
    "refusals": lambda value: f"今日 {value} 回",
    "fault": lambda value: "・".join(words.faults(value)),
    "how": lambda value: HOW[How(value)] if value in set(How) else value,
}
