"""The demo's offices, windows and procedures (the papers are those of the real procedures)."""

from datetime import datetime

from shared.db.base import Base
from shared.db.tables import Deliverable, Kiosk, Office, Paper, PaperRule, Procedure

OFFICES = {"K1": "見本第一事務所", "K2": "見本第二事務所", "K3": "見本第三事務所"}
WINDOW, OTHER_WINDOW = "W1", "W2"
"""Both at the first office; the demo's counter is the first of them."""
WINDOWS = {
    WINDOW: ("窓口1", "K1"),
    OTHER_WINDOW: ("窓口2", "K1"),
    "W3": ("窓口1", "K2"),
    "W4": ("窓口1", "K3"),
}
INSPECTION, NEW_CAR = 1, 2
PROCEDURES = {INSPECTION: "継続検査", NEW_CAR: "新車（新規検査・地方税申告）"}
_DELIVERABLES = ("自動車検査証", "自動車検査証記録事項", "検査標章")
_PAPERS = {
    INSPECTION: (
        ("旧自動車検査証", PaperRule.ALWAYS),
        ("納税証明書", PaperRule.TAX_UNCONFIRMED),
        ("放置違反金の領収書", PaperRule.IF_ANY),
    ),
    NEW_CAR: (("併用申請の書類", PaperRule.IF_ANY),),
}


def places(since: datetime) -> list[Base]:
    """The rows of offices, windows and procedures."""
    return [
        *(Office(code=code, name=name) for code, name in OFFICES.items()),
        *(
            Kiosk(code=code, name=name, office_code=office, enrolled_at=since)
            for code, (name, office) in WINDOWS.items()
        ),
        Procedure(code=INSPECTION, name=PROCEDURES[INSPECTION]),
        Procedure(
            code=NEW_CAR, name=PROCEDURES[NEW_CAR], then="車両番号標は7番窓口でお受け取りください"
        ),
        *(
            Deliverable(procedure_code=procedure, position=position, name=name)
            for procedure in PROCEDURES
            for position, name in enumerate(_DELIVERABLES)
        ),
        *(
            Paper(procedure_code=procedure, position=position, name=name, rule=rule)
            for procedure, papers in _PAPERS.items()
            for position, (name, rule) in enumerate(papers)
        ),
    ]
