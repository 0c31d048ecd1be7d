"""Every act of the journal has its word and its details in the console: none can be forgotten."""

from typing import Any

import pytest

from verifier.console.said import sentences
from verifier.console.story import UNREADABLE
from verifier.console.words import ACTS
from verifier.registry.journal import Act

FORMS = [["検査標章", 3, 4], ["自動車検査証", 3, 3]]
REFUSED = {"accepted": False, "reasons": ["NG-PW", "NG-OFFICE"]}
TOLD: dict[Act, list[tuple[dict[str, Any], list[str]]]] = {
    Act.INSTALLED: [
        ({"added": "office", "code": "S1"}, ["事務所 S1 を登録した"]),
        (
            {"added": "staff", "code": "1001", "role": "clerk"},
            ["担当者 1001 を登録した", "役割：窓口担当"],
        ),
        ({"administrator": "3001"}, ["最初の管理者：3001"]),
    ],
    Act.SIGNED_IN: [
        ({"role": "clerk"}, ["窓口", "役割：窓口担当"]),
        (
            {"role": "auditor", "console": True, "second_factor": "totp"},
            ["責任者画面", "役割：監査", "確かめ方：パスワードと確認コード"],
        ),
    ],
    Act.SIGN_IN_REFUSED: [
        ({"person": None, "locked": False}, ["登録されていない職員番号"]),
        (
            {"person": "1001", "locked": True},
            ["担当者 1001", "続けて間違えたため、しばらくサインインできない"],
        ),
    ],
    Act.PRESENTED: [
        (
            REFUSED,
            ["NG-PW 受取者用パスワードが登録と一致しません", "ほかに NG-OFFICE"],
        ),
        ({"accepted": True, "reasons": [], "in_hand": 3}, ["3件を受け渡し中にした"]),
    ],
    Act.JUDGED: [
        (
            REFUSED,
            [
                "NG-PW 受取者用パスワードが登録と一致しません",
                "ほかに NG-OFFICE",
                "照らし合わせただけで、受け渡しには進んでいない",
            ],
        )
    ],
    Act.BUSY: [
        (
            {"source": "camera", "fingerprint": "0123456789abcdef"},
            ["前の受け渡しが終わっていないため、照合しなかった", "用紙の指紋 0123456789ab"],
        )
    ],
    Act.CONFIRMED: [
        (
            {"released": ["1", "2"], "held": [], "returned": 1, "receipt": "W1-000007"},
            ["受け渡し 2件・保留 0件・戻し 1件", "受領書 W1-000007"],
        )
    ],
    Act.GIVEN_UP: [({"reason": "timeout", "returned": 2}, ["戻し 2件", "理由：時間切れ"])],
    Act.HELD: [({"filing": "1", "reason": "not_found"}, ["理由：見当たらない"])],
    Act.HOLD_LIFTED: [({"filing": "1", "reason": "納税を確認した"}, ["理由：納税を確認した"])],
    Act.UNDONE: [({"filing": "1", "reason": "別の車両だった"}, ["理由：別の車両だった"])],
    Act.REGISTERED: [({"paper": "scrivener_card"}, ["確認した書面：行政書士証票のコピー"])],
    Act.PASSWORD_CHANGED: [
        ({"paper": "organisation_id"}, ["確認した書面：団体の身分証明書のコピー"])
    ],
    Act.DECLINED: [
        ({"reason": "name_differs"}, ["理由：氏名不一致"]),
        ({"reason": "NG-PW"}, ["理由：受取者用パスワードが登録と一致しません"]),
    ],
    Act.KIOSK_LOCKED: [({}, ["断られる読み取りが続いたため、端末が照合を止めた"])],
    Act.KIOSK_UNLOCKED: [({"reason": "窓口で確かめた"}, ["理由：窓口で確かめた"])],
    Act.IMPORTED: [
        (
            {"new": 1200, "updated": 3, "unchanged": 4, "kept": 5, "sha256": "a" * 64},
            [
                "新しい申請 1,200件・変更 3件・同じ 4件・処理済みのため触れない 5件",
                "ファイルの指紋 aaaaaaaaaaaa",
            ],
        ),
        (
            {"new": 1, "refused": 2, "sha256": "a" * 64, "through": 5001, "ended": True},
            [
                "新しい申請 1件・変更 0件・同じ 0件・処理済みのため触れない 0件",
                "受け入れなかった行 2件",
                "ファイルの指紋 aaaaaaaaaaaa",
                "5,001行目まで（終わり）",
            ],
        ),
        (
            {"pushed": True},
            [
                "新しい申請 0件・変更 0件・同じ 0件・処理済みのため触れない 0件",
                "申請システムからの送信",
            ],
        ),
    ],
    Act.LOOKED: [
        ({"entry": 7}, ["7番を見た"]),
        ({"looked_up": [1, 2]}, ["車両から2件を見た"]),
    ],
    Act.EXPORTED: [
        (
            {"why": "月次報告", "rows": 1200, "format": "csv-cp932", "replaced": 2},
            ["目的：月次報告（1,200件・csv-cp932）", "〓に置き換えた文字 2"],
        ),
        (
            {"why": "監査", "rows": 200_000, "cut": True, "format": "csv", "replaced": 0},
            ["目的：監査（200,000件・csv）", "上限を超えた記録は書き出していない"],
        ),
        ({"first": 1, "last": 20}, ["1番から20番まで"]),
        ({"first": 1, "last": 0}, ["あてはまる記録はなかった"]),
    ],
    Act.DIFFERED: [
        ({"compared": "scanned"}, ["どの車両のものでもない書面だった（読み取って照合）"])
    ],
    Act.TOOK_OVER: [({"held": ["1", "2"]}, ["保留中の2件を引き継いだ"])],
    Act.PAUSED: [({}, ["窓口を休止した"])],
    Act.REOPENED: [({}, ["窓口を再開した"])],
    Act.DAY_CLOSED: [
        (
            {
                "day": "2026-11-23",
                "figures": {
                    "presented": 9, "released": 7, "kept_back": 2, "given_up": 1, "still_held": 3,
                },
            },
            ["2026-11-23", "提示 9・引渡 7・保留 2・中止 1・事務所の保留中 3"],
        )
    ],
    Act.RECEIPT_PRINTED: [
        (
            {"receipt": "W1-000007", "print": 2, "layout": "80mm"},
            ["受領書 W1-000007", "2回目の印刷（ロール紙）"],
        )
    ],
    Act.STAFF_CHANGED: [
        (
            {"person": "1001", "change": "role", "role": "supervisor", "role_before": "clerk",
             "reason": "異動"},
            ["担当者 1001：役割を変更した", "役割：窓口担当 → 責任者", "理由：異動"],
        )
    ],
    Act.RECEIVER_CHANGED: [
        (
            {"receiver": 1, "change": "suspend", "step": "proposed", "reason": "盗難の届け"},
            ["停止：申し出た", "理由：盗難の届け"],
        )
    ],
    Act.KIOSK_CHANGED: [({"window": "W1", "change": "revoked", "reason": "故障"},
                         ["W1：廃止した", "理由：故障"])],
    Act.OFFICE_CHANGED: [({"office": "S1", "change": "renamed"}, ["S1：名称を変更した"])],
    Act.PROCEDURE_CHANGED: [({"procedure": 2, "change": "closed"}, ["2：受付を止めた"])],
    Act.SETTING_CHANGED: [
        (
            {"setting": "clock_tolerance_seconds", "value": 30, "before": 60},
            ["端末の時計のずれを何秒から知らせるか：60 → 30"],
        )
    ],
    Act.ALERT_ACKNOWLEDGED: [
        (
            {"alert": 1, "kind": "kiosk_locked", "subject": "W1"},
            ["窓口が停止しています", "対象：W1"],
        )
    ],
    Act.VERIFIED: [
        ({"entries": 9, "broken": 0}, ["9件を検証した", "改ざんは見つからなかった"]),
        (
            {"entries": 9, "broken": 2, "entry": 4, "how": "edited"},
            ["9件を検証した", "2か所が変えられている。最初は 4番", "内容が書き換えられています"],
        ),
    ],
    Act.OFFICE_CLOSED: [
        (
            {"office": "S1", "day": "2026-11-23", "version": 2, "given_out": 3, "undone": 1,
             "still_held": 0, "forms": FORMS},
            [
                "S1　2026-11-23　2回目",
                "渡した車両 3・取消 1・保留中 0",
                "検査標章：渡した 3・使った 4（差 +1）",
                "自動車検査証：渡した 3・使った 3（差 +0）",
            ],
        )
    ],
    Act.RUSH_SWITCHED: [
        ({"office": "S1", "on": True}, ["S1：番号を渡し始めた"]),
        ({"office": "S1", "on": False}, ["S1：番号を渡し終えた"]),
    ],
    Act.QUEUED: [({"accepted": True, "reasons": [], "number": 7}, ["整理番号 7"])],
    Act.CALLED: [
        (
            {"number": 7, "ticket": "called", "calls": 2},
            ["整理番号 7", "呼び出した（呼び出し 2回）"],
        )
    ],
    Act.TICKET_MOVED: [
        (
            {"number": 7, "ticket": "absent", "calls": 1},
            ["整理番号 7", "呼んだが不在（呼び出し 1回）"],
        )
    ],
    Act.KEY_CHANGED: [
        ({"change": "published", "key": 2, "version": 3}, ["鍵 2：公開した", "鍵の組の版 3"])
    ],
    Act.BACKED_UP: [({}, ["この記録までを控えに写した"])],
    Act.RESTORED: [
        (
            {"made": "2026-11-22T18:00:00+00:00", "entries": 1200, "head": "0123456789ab"},
            ["2026-11-23 03:00:00 に作った控えから戻した",
             "控えの記録 1,200件・先頭 0123456789ab"],
        )
    ],
    Act.PURGED: [
        (
            {"filings": 1200, "collectors": 3, "memos": 0, "sheets": 0, "wrong_tags": 0,
             "answers": 0, "sign_ins": 4},
            ["申請の氏名 1,200件・受け取った方の氏名 3件・サインインの跡 4件"],
        )
    ],
    Act.PLAN_SWITCHED: [
        ({"office": "S1", "hours": 8, "most": 200, "drill": False},
         ["S1：計画を使う（8時間・200件まで）"]),
        ({"office": "S1", "hours": None}, ["S1：計画を使わない"]),
    ],
    Act.PLAN_MADE: [
        (
            {"number": 3, "filings": 12, "most": 200, "drill": True,
             "until": "2026-11-23T08:00:00+00:00"},
            ["計画 3：申請 12件・200件まで", "2026-11-23 17:00 まで",
             "訓練（登録簿では受け渡していない）"],
        )
    ],
    Act.PLAN_BEGUN: [({"number": 3, "drill": False}, ["計画 3 に切り替えた"])],
    Act.PLAN_RELEASED: [
        (
            {"number": 3, "at": "2026-11-23T01:02:03+00:00", "receipt": "W1-P3-0007",
             "entry": "0123456789abcdef", "released": ["1" * 16], "held": [], "returned": 0,
             "conflicts": [{"filing": "2" * 16, "kind": "already_released"}], "drill": False},
            ["受け渡し 1件・保留 0件・戻し 0件", "受領書 W1-P3-0007",
             "計画 3：2026-11-23 10:02:03 に窓口で受け渡した", "計画の記録 0123456789ab",
             "食い違い：2222222222222222（すでに受け渡し済み）"],
        )
    ],
    Act.PLAN_RETURNED: [
        (
            {"number": 3, "entries": 9, "head": "0123456789abcdef", "count": 2, "conflicts": 1,
             "drill": False},
            ["計画 3：記録 9件を受け取った", "登録簿に記した受け渡し 2件・食い違い 1件",
             "計画の記録の先頭 0123456789ab"],
        )
    ],
    Act.PLAN_SETTLED: [
        ({"filing": "2" * 16, "kind": "held", "reason": "電話で確かめた"},
         ["2222222222222222（保留になった）", "理由：電話で確かめた"])
    ],
}  # fmt: skip


def test_every_act_has_a_word_and_is_told_here() -> None:
    assert set(ACTS) == set(Act) == set(TOLD)
    assert len(set(ACTS.values())) == len(Act), "two acts share a word"


@pytest.mark.parametrize(("act", "told"), TOLD.items(), ids=str)
def test_an_act_is_told_with_its_details(
    act: Act, told: list[tuple[dict[str, Any], list[str]]]
) -> None:
    for body, said in told:
        assert list(sentences(act, body)) == said


def test_only_what_was_garbled_is_called_unreadable() -> None:
    assert list(sentences(Act.PAUSED, UNREADABLE)) == ["記録の内容を読めません"]
