"""Sentences of the counter that belong to no reason code."""

from verifier.acts import (
    AlreadyReleased,
    Conflict,
    HandOverClosed,
    HandOverOpen,
    NoSuchPresentation,
    NothingReleased,
    NotInBasket,
    NotPermitted,
)

BUSY = "受け渡しの確認中です。先に確定か中止をしてください。"
TIMED_OUT = "10分間操作がなかったため、受け渡しを中止しました。渡していない扱いです。"
GIVEN_UP = "受け渡しを中止しました。渡していない扱いです。"
DECLINED = "受付を取りやめました。登録内容は変わっていません。"
LEFT_IN_HAND = "前回の受け渡しが終わっていません。渡したかどうかを確かめてください。"
UNLOCKED = "端末の照合停止を解除しました。"

_CONFLICTS: dict[type[Conflict], str] = {
    AlreadyReleased: "ほかの窓口で先に受け渡されました。一覧を作り直しました。",
    HandOverClosed: "この受け渡しは終わっています。もう一度用紙をかざしてください。",
    HandOverOpen: BUSY,
    NoSuchPresentation: "時間がたったため、もう一度用紙をかざしてください。",
    NothingReleased: "1件以上を選んでください。",
    NotInBasket: "一覧が変わりました。選び直してください。",
    NotPermitted: "この操作をする権限がありません。責任者を呼んでください。",
}
_OTHERWISE = "ほかの操作と重なりました。もう一度かざしてください。"


def of_conflict(conflict: Conflict) -> str:
    """What to tell the clerk when an act could not be done."""
    return _CONFLICTS.get(type(conflict), _OTHERWISE)
