"""Columns the console finds things by: log lines, saved views, tails of plates.

Nothing is built ahead: it fills columns and lines of its own from every filing and entry inside the
transaction, beside which its indices take no time. Registries that old are small.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FOUND_BY = (
    "act",
    "kiosk_code",
    "staff_number",
    "source",
    "purpose",
    "reason",
    "receiver_id",
)
_NAMES_A_FILING = "filing_id IS NOT NULL"
_BATCH = 2000
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_lines",
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("kiosk_code", sa.String(length=24), nullable=True),
        sa.Column("staff_number", sa.String(length=24), nullable=True),
        sa.Column("source", sa.String(length=24), nullable=True),
        sa.Column("purpose", sa.String(length=24), nullable=True),
        sa.Column("procedure_code", sa.SmallInteger(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("receiver_id", _NUMBER, nullable=True),
        sa.Column("presentation_id", sa.String(length=36), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_lines")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("staff_number", sa.String(length=24), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_number"], ["staff.number"], name=op.f("fk_saved_views_staff_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index(op.f("ix_saved_views_staff_number"), "saved_views", ["staff_number"])
    op.add_column("presentations", sa.Column("key_digest", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_presentations_key_digest"), "presentations", ["key_digest"])
    op.drop_index(op.f("ix_presentations_filing_id"), "presentations")
    op.create_index(
        "ix_presentations_filing_id",
        "presentations",
        ["filing_id"],
        sqlite_where=sa.text(_NAMES_A_FILING),
        postgresql_where=sa.text(_NAMES_A_FILING),
    )
    for mark in ("plate", "chassis"):
        op.add_column("filings", sa.Column(f"{mark}_tail", sa.String(length=4), nullable=True))
        op.create_index(op.f(f"ix_filings_{mark}_tail"), "filings", [f"{mark}_tail"])
    op.create_index("ix_filings_waiting", "filings", ["status", "office_code"])
    _fill_tails()
    _fill_lines()
    op.create_index("ix_log_lines_at", "log_lines", ["at", "seq"])
    for column in _FOUND_BY:
        op.create_index(f"ix_log_lines_{column}", "log_lines", [column, "at", "seq"])
    op.create_index(op.f("ix_log_lines_presentation_id"), "log_lines", ["presentation_id"])


def _fill_tails() -> None:
    connection = op.get_bind()
    filings = sa.table(
        "filings", *map(sa.column, ("id", "plate", "chassis", "plate_tail", "chassis_tail"))
    )
    marks = sa.select(filings.c.id, filings.c.plate, filings.c.chassis)
    values = [
        {"row": row, "plate_": _tail(plate), "chassis_": _tail(chassis)}
        for row, plate, chassis in connection.execute(marks)
    ]
    if values:
        change = sa.update(filings).where(filings.c.id == sa.bindparam("row"))
        change = change.values(
            plate_tail=sa.bindparam("plate_"), chassis_tail=sa.bindparam("chassis_")
        )
        connection.execute(change, values)


def _tail(mark: str | None) -> str | None:
    """As `shared.vehicle_marks.tail` was when this was written."""
    folded = unicodedata.normalize("NFKC", mark or "").upper().replace("・", "")
    found = re.search(r"[0-9]{1,4}$", re.sub(r"[^0-9A-Z\w]|_", "", folded))
    return found[0].zfill(4) if found else None


def _fill_lines() -> None:
    """Read the journal once, in batches; an entry somebody made unreadable gets a bare line.

    Without column types: what stands there is copied, even where it is no time any more.
    """
    connection = op.get_bind()
    columns = ("seq", "at", "act", "kiosk_code", "staff_number")
    journal = sa.table("journal", *map(sa.column, (*columns, "body")))
    lines = sa.table("log_lines", *map(sa.column, (*columns, *_facts("", {}, {}))))
    showings, baskets = _showings(), _baskets()
    last = 0
    while True:
        rows = connection.execute(
            sa.select(journal).where(journal.c.seq > last).order_by(journal.c.seq).limit(_BATCH)
        ).all()
        if not rows:
            return
        connection.execute(
            sa.insert(lines),
            [
                dict(zip(columns, row, strict=False)) | _facts(row.body, showings, baskets)
                for row in rows
            ],
        )
        last = rows[-1].seq


def _facts(
    text: str, showings: Mapping[str, sa.Row[Any]], baskets: Mapping[str, str]
) -> dict[str, Any]:
    body = _read(text)
    own = body.get("presentation") or baskets.get(str(body.get("hand_over")))
    showing = showings.get(str(own))
    about = body if "accepted" in body or showing is None else showing._mapping
    accepted = body.get("accepted")
    reasons = body.get("reasons") or [None]
    receiver = about.get("receiver") or body.get("receiver")
    return {
        "source": about.get("source"),
        "purpose": about.get("purpose"),
        "procedure_code": about.get("procedure"),
        "accepted": accepted,
        "reason": reasons[0] if accepted is False else None,
        "receiver_id": receiver if isinstance(receiver, int) else None,
        "presentation_id": own,
        "items": _items(body),
    }


def _items(body: Mapping[str, Any]) -> int:
    if "released" in body:
        return len(body["released"])
    for field in ("in_hand", "returned"):
        if field in body:
            return int(body[field])
    return 1 if "hand_over" in body and "filing" in body else 0


def _read(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _showings() -> dict[str, sa.Row[Any]]:
    found = op.get_bind().execute(
        sa.text(
            "SELECT id, source, purpose, procedure_code AS procedure, receiver_id AS receiver "
            "FROM presentations"
        )
    )
    return {row.id: row for row in found}


def _baskets() -> dict[str, str]:
    found = op.get_bind().execute(sa.text("SELECT id, presentation_id FROM hand_overs"))
    return {row.id: row.presentation_id for row in found}


def downgrade() -> None:
    op.drop_table("log_lines")
    op.drop_table("saved_views")
    op.drop_index("ix_filings_waiting", "filings")
    for mark in ("plate", "chassis"):
        op.drop_index(op.f(f"ix_filings_{mark}_tail"), "filings")
        op.drop_column("filings", f"{mark}_tail")
    op.drop_index("ix_presentations_filing_id", "presentations")
    op.create_index(op.f("ix_presentations_filing_id"), "presentations", ["filing_id"])
    op.drop_index(op.f("ix_presentations_key_digest"), "presentations")
    op.drop_column("presentations", "key_digest")
