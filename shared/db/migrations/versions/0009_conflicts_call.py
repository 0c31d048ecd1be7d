"""An alert for what a day plan released against the registry."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BEFORE = (
    "forged",
    "kiosk_locked",
    "many_refusals",
    "clock_off",
    "disk_full",
    "camera_frozen",
    "chain_broken",
)
_AFTER = (*_BEFORE, "plan_conflict")
_CHECK = "ck_alerts_alertkind"


def upgrade() -> None:
    _allow(_BEFORE, _AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM alerts WHERE kind = 'plan_conflict'")
    _allow(_AFTER, _BEFORE)


def _allow(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(_CHECK), "alerts", type_="check")
        values = ", ".join(f"'{kind}'" for kind in after)
        op.create_check_constraint(op.f(_CHECK), "alerts", f"kind IN ({values})")
        return
    with op.batch_alter_table("alerts") as batch_op:
        batch_op.alter_column("kind", existing_type=_kinds(before), type_=_kinds(after))


def _kinds(values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name="alertkind", native_enum=False, create_constraint=True, length=24)
