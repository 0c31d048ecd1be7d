"""Day plans: what windows may release while the registry is away, and what came back of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plan_rules",
        sa.Column("office_code", sa.String(length=24), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_code"], ["offices.code"], name=op.f("fk_plan_rules_office_code")
        ),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_plan_rules")),
    )
    op.create_table(
        "day_plans",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kiosk_code", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("office_code", sa.String(length=24), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("filings", sa.Integer(), nullable=False),
        sa.Column("reconciled", sa.Integer(), nullable=False),
        sa.Column("released", sa.Integer(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["kiosk_code"], ["kiosks.code"], name=op.f("fk_day_plans_kiosk_code")
        ),
        sa.ForeignKeyConstraint(
            ["office_code"], ["offices.code"], name=op.f("fk_day_plans_office_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_plans")),
        sa.UniqueConstraint("kiosk_code", "number", name=op.f("uq_day_plans_kiosk_code_number")),
    )
    op.create_table(
        "planned_filings",
        sa.Column("filing_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("kiosk_code", sa.String(length=24), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_planned_filings_filing_id")
        ),
        sa.ForeignKeyConstraint(
            ["kiosk_code"], ["kiosks.code"], name=op.f("fk_planned_filings_kiosk_code")
        ),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_planned_filings")),
    )
    op.create_index(
        op.f("ix_planned_filings_kiosk_code"), "planned_filings", ["kiosk_code"], unique=False
    )

    op.create_table(
        "plan_conflicts",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("filing_number", sa.String(length=17), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "unknown_filing",
                "not_planned",
                "already_released",
                "in_hand",
                "status_changed",
                "other_office",
                "method_changed",
                "held",
                "password_changed",
                "suspended",
                "over_limit",
                "out_of_time",
                name="conflictkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("is_recorded", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["day_plans.id"], name=op.f("fk_plan_conflicts_plan_id")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["staff.number"], name=op.f("fk_plan_conflicts_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_conflicts")),
        sa.UniqueConstraint(
            "plan_id",
            "seq",
            "filing_number",
            "kind",
            name=op.f("uq_plan_conflicts_plan_id_seq_filing_number_kind"),
        ),
    )
    op.create_index(
        op.f("ix_plan_conflicts_found_at"), "plan_conflicts", ["found_at"], unique=False
    )

    op.create_table(
        "plan_entries",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("kiosk_code", sa.String(length=24), nullable=True),
        sa.Column("kiosk_seq", sa.Integer(), nullable=True),
        sa.Column("staff_number", sa.String(length=24), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("collector", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["day_plans.id"], name=op.f("fk_plan_entries_plan_id")
        ),
        sa.PrimaryKeyConstraint("plan_id", "seq", name=op.f("pk_plan_entries")),
    )
    op.create_table(
        "plan_hand_overs",
        sa.Column("hand_over_id", sa.String(length=36), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_overs.id"], name=op.f("fk_plan_hand_overs_hand_over_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["day_plans.id"], name=op.f("fk_plan_hand_overs_plan_id")
        ),
        sa.PrimaryKeyConstraint("hand_over_id", name=op.f("pk_plan_hand_overs")),
    )
    op.create_index(
        op.f("ix_plan_hand_overs_plan_id"), "plan_hand_overs", ["plan_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("plan_hand_overs")
    op.drop_table("plan_entries")
    op.drop_table("plan_conflicts")
    op.drop_table("planned_filings")
    op.drop_table("day_plans")
    op.drop_table("plan_rules")
