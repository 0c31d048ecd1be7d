"""Indices by which a day is counted: what a window showed and handed over, and when."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BUILT = "ix_presentations_kiosk_code_at"
"""Takes the place of an index that windows still look things up by, and its name."""

AHEAD = {
    _BUILT: "presentations (kiosk_code, at)",
    "ix_hand_overs_closed_at": "hand_overs (closed_at)",
    "ix_hand_over_items_settled_at": "hand_over_items (settled_at)",
}


def upgrade() -> None:
    op.drop_index(op.f("ix_presentations_kiosk_code"), "presentations")
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(_BUILT, "presentations", ["kiosk_code", "at"], if_not_exists=True)
        op.execute(f"ALTER INDEX {_BUILT} RENAME TO ix_presentations_kiosk_code")
    else:
        op.create_index("ix_presentations_kiosk_code", "presentations", ["kiosk_code", "at"])
    for table, column in (("hand_overs", "closed_at"), ("hand_over_items", "settled_at")):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], if_not_exists=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_hand_over_items_settled_at"), "hand_over_items")
    op.drop_index(op.f("ix_hand_overs_closed_at"), "hand_overs")
    op.drop_index("ix_presentations_kiosk_code", "presentations")
    op.create_index(op.f("ix_presentations_kiosk_code"), "presentations", ["kiosk_code"])
