"""The words of what stops a whole window (STOP family), one place for screen and monitor."""

from dataclasses import dataclass

from kiosk.state import Trouble


@dataclass(frozen=True, slots=True)
class Words:
    """One trouble, in words for the clerk and one sentence for the visitor."""

    title: str
    next_steps: tuple[str, ...]
    visitor: str


_WAIT = "確認に少しお時間をいただきます。"
TROUBLES = {
    Trouble.REGISTRY: Words(
        "登録簿に接続できません。この端末では受け渡しできません（オフラインでは渡しません）",
        (
            "そのまま待つ（2秒ごとに接続し直しています）",
            "1分たっても戻らなければ、責任者に知らせ、別の窓口で受け渡しをする",
        ),
        _WAIT,
    ),
    Trouble.PLAN: Words(
        "計画で行った受け渡しの記録を、登録簿が受け取れません",
        (
            "端末の記録を消さずに、管理者に知らせる",
            "それまでは別の窓口で受け渡しをする",
        ),
        _WAIT,
    ),
    Trouble.REVOKED: Words(
        "この端末は登録簿で使用が認められていません",
        (
            "責任者に、この端末の登録を確かめてもらう",
            "それまでは別の窓口で受け渡しをする",
        ),
        _WAIT,
    ),
}
