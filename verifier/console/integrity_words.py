"""What the console says of each way in which the record can fail to hold."""

from verifier.journal_walk import How

HOW = {
    How.EDITED: "内容が書き換えられています",
    How.MISSING: "この記録の前が消されています",
    How.OUT_OF_ORDER: "順番が入れ替わっています",
    How.MISLINKED: "前の記録とつながりません。差し込まれたか、前の記録が書き換えられています",
    How.KIOSK_GAP: "窓口の通し番号が飛んでいます",
    How.UNREADABLE: "読み取れません。書き換えられています",
    How.CUT_OFF: "この後の記録が切り捨てられています",
    How.HEAD_UNKNOWN: "受領書などに残るハッシュが見つかりません",
    How.REWRITTEN: "署名したときと違います。さかのぼって作り直されています",
    How.CHECKPOINT_FORGED: "署名が、この登録簿のものではありません",
    How.CHECKPOINT_MISSING: "署名が途中で消されています",
    How.STATE_DIFFERS: "申請の状態が、受け渡しの記録と合いません",
}
