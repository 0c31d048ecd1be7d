"""What is dealt for a day plan belongs to a device, and a plan may be taken up again.

Rows that the program before this one writes meanwhile name no device.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_PLANS = ("planned_filings", "day_plans")
_IN_USE = (
    "UPDATE {table} SET device = (SELECT credential_digest FROM kiosks"
    " WHERE code = {table}.kiosk_code)"
)


def upgrade() -> None:
    for table in _PLANS:
        op.add_column(table, sa.Column("device", sa.String(64), nullable=True))
        op.execute(_IN_USE.format(table=table))
    op.add_column("day_plans", sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("day_plans", "adopted_at")
    for table in _PLANS:
        op.drop_column(table, "device")
