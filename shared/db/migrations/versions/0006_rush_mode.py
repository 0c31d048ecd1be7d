"""Rush mode: sheets are read in at arrival and get a number, one queue an office."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIVE = sa.text("state IN ('waiting', 'called', 'absent')")


def _stored(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    with op.batch_alter_table("offices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rush_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "tickets",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("office_code", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column(
            "state",
            _stored("ticketstate", "waiting", "called", "absent", "served", "refused", "struck"),
            nullable=False,
        ),
        sa.Column("presentation_id", sa.String(length=36), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("sheet_text", sa.Text(), nullable=False),
        sa.Column(
            "source",
            _stored("source", "camera", "scanner", "folder", "typed", "picture"),
            nullable=False,
        ),
        sa.Column("typed_reason", sa.String(length=24), nullable=True),
        sa.Column(
            "purpose",
            _stored("purpose", "registration", "authentication", "password_change", "individual"),
            nullable=False,
        ),
        sa.Column("procedure_code", sa.SmallInteger(), nullable=False),
        sa.Column("receiver_id", _ROW_ID, nullable=True),
        sa.Column("filing_id", _ROW_ID, nullable=True),
        sa.Column("kiosk_code", sa.String(length=24), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.SmallInteger(), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_code"], ["offices.code"], name=op.f("fk_tickets_office_code")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["receivers.id"], name=op.f("fk_tickets_receiver_id")
        ),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_tickets_filing_id")),
        sa.ForeignKeyConstraint(
            ["kiosk_code"], ["kiosks.code"], name=op.f("fk_tickets_kiosk_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint(
            "office_code", "day", "number", name=op.f("uq_tickets_office_code_day_number")
        ),
        sa.UniqueConstraint("presentation_id", name=op.f("uq_tickets_presentation_id")),
        sa.UniqueConstraint("call_id", name=op.f("uq_tickets_call_id")),
    )
    op.create_index(
        "uq_tickets_live_sheet",
        "tickets",
        ["office_code", "day", "fingerprint"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def downgrade() -> None:
    op.drop_table("tickets")
    with op.batch_alter_table("offices", schema=None) as batch_op:
        batch_op.drop_column("rush_since")
