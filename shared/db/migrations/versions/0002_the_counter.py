"""What a counter keeps besides: papers taken in exchange, its pause, printed receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "papers_taken",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "compared",
            sa.Enum(
                "scanned",
                "typed",
                "seen",
                name="compared",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["hand_over_items.id"], name=op.f("fk_papers_taken_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers_taken")),
    )
    op.create_index(op.f("ix_papers_taken_item_id"), "papers_taken", ["item_id"])
    op.add_column("kiosks", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "hand_overs",
        sa.Column("receipt_prints", sa.Integer(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("hand_overs", "receipt_prints")
    op.drop_column("kiosks", "paused_at")
    op.drop_index(op.f("ix_papers_taken_item_id"), table_name="papers_taken")
    op.drop_table("papers_taken")
