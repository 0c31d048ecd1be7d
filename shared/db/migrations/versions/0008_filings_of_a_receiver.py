"""A receiver's filings by how they stand and since when: old years cost nobody any time.

The index before this one led to every filing a receiver ever had.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_filings_of_receiver", "filings", ["receiver_key", "status", "updated_at"])
    op.drop_index("ix_filings_collect", "filings")


def downgrade() -> None:
    op.create_index(
        "ix_filings_collect",
        "filings",
        ["receiver_key", "procedure_code", "office_code", "status"],
    )
    op.drop_index("ix_filings_of_receiver", "filings")
