"""Indices by which a day is counted: what a window showed and handed over, and when."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_presentations_kiosk_code"), "presentations")
    op.create_index("ix_presentations_kiosk_code", "presentations", ["kiosk_code", "at"])
    op.create_index(op.f("ix_hand_overs_closed_at"), "hand_overs", ["closed_at"])
    op.create_index(op.f("ix_hand_over_items_settled_at"), "hand_over_items", ["settled_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_hand_over_items_settled_at"), "hand_over_items")
    op.drop_index(op.f("ix_hand_overs_closed_at"), "hand_overs")
    op.drop_index("ix_presentations_kiosk_code", "presentations")
    op.create_index(op.f("ix_presentations_kiosk_code"), "presentations", ["kiosk_code"])
