"""The registry's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_CHANGES = ("UPDATE", "DELETE")


def _forbid_changes_to_the_journal() -> None:
    """Make the database itself refuse: the application is not the only one who can connect."""
    if op.get_bind().dialect.name == "sqlite":
        for change in _CHANGES:
            op.execute(
                f"CREATE TRIGGER journal_no_{change.lower()} BEFORE {change} ON journal "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
    )


def _allow_changes_to_the_journal() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in _CHANGES:
            op.execute(f"DROP TRIGGER journal_no_{change.lower()}")
        return
    op.execute("DROP TRIGGER journal_no_change ON journal")
    op.execute("DROP FUNCTION journal_is_append_only")


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_at"), ["at"], unique=False)

    op.create_table(
        "issued_sheets",
        sa.Column("lookup_digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "registration",
                "authentication",
                "password_change",
                "individual",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("lookup_digest", name=op.f("pk_issued_sheets")),
    )
    with op.batch_alter_table("issued_sheets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_issued_sheets_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "journal",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("kiosk_code", sa.String(length=24), nullable=True),
        sa.Column("kiosk_seq", sa.Integer(), nullable=True),
        sa.Column("staff_number", sa.String(length=24), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("hash", name=op.f("uq_journal_hash")),
        sa.UniqueConstraint(
            "kiosk_code", "kiosk_seq", name=op.f("uq_journal_kiosk_code_kiosk_seq")
        ),
        sa.UniqueConstraint("prev", name=op.f("uq_journal_prev")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_act"), ["act"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_at"), ["at"], unique=False)

    op.create_table(
        "offices",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_offices")),
    )
    op.create_table(
        "procedures",
        sa.Column("code", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("then", sa.String(length=120), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_procedures")),
        sa.UniqueConstraint("name", name=op.f("uq_procedures_name")),
    )
    op.create_table(
        "receivers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("compare_key", sa.String(length=240), nullable=False),
        sa.Column("skeleton", sa.String(length=240), nullable=False),
        sa.Column("password_hash", sa.String(length=60), nullable=False),
        sa.Column(
            "identity_paper",
            sa.Enum(
                "scrivener_card",
                "organisation_id",
                name="identitypaper",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("credential_issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspension_reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivers")),
        sa.UniqueConstraint("compare_key", name=op.f("uq_receivers_compare_key")),
    )
    with op.batch_alter_table("receivers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receivers_skeleton"), ["skeleton"], unique=False)

    op.create_table(
        "staff",
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "supervisor",
                "administrator",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("pin_hash", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_staff")),
    )
    op.create_table(
        "deliverables",
        sa.Column("procedure_code", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_code"], ["procedures.code"], name=op.f("fk_deliverables_procedure_code")
        ),
        sa.PrimaryKeyConstraint("procedure_code", "position", name=op.f("pk_deliverables")),
    )
    op.create_table(
        "filings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=17), nullable=False),
        sa.Column("procedure_code", sa.SmallInteger(), nullable=False),
        sa.Column("office_code", sa.String(length=24), nullable=False),
        sa.Column("receiver_name", sa.String(length=120), nullable=True),
        sa.Column("receiver_key", sa.String(length=240), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "accepted",
                "examining",
                "correction",
                "payment",
                "ready",
                "handing",
                "released",
                "withdrawn",
                name="filingstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "pickup_method",
            sa.Enum(
                "authentication",
                "individual",
                name="pickupmethod",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("individual_digest", sa.String(length=64), nullable=True),
        sa.Column("plate", sa.String(length=40), nullable=True),
        sa.Column("chassis", sa.String(length=40), nullable=True),
        sa.Column("tax_confirmed", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=60), nullable=True),
        sa.Column("inquiry_failures", sa.Integer(), nullable=False),
        sa.Column("inquiry_locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_code"], ["offices.code"], name=op.f("fk_filings_office_code")
        ),
        sa.ForeignKeyConstraint(
            ["procedure_code"], ["procedures.code"], name=op.f("fk_filings_procedure_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
        sa.UniqueConstraint("number", name=op.f("uq_filings_number")),
    )
    with op.batch_alter_table("filings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_filings_collect",
            ["receiver_key", "procedure_code", "office_code", "status"],
            unique=False,
        )

    op.create_table(
        "former_passwords",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "receiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("password_hash", sa.String(length=60), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["receivers.id"], name=op.f("fk_former_passwords_receiver_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_passwords")),
    )
    with op.batch_alter_table("former_passwords", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_former_passwords_receiver_id"), ["receiver_id"], unique=False
        )

    op.create_table(
        "kiosks",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("office_code", sa.String(length=24), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unlocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("purposes", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_code"], ["offices.code"], name=op.f("fk_kiosks_office_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_kiosks")),
    )
    op.create_table(
        "papers",
        sa.Column("procedure_code", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "rule",
            sa.Enum(
                "always",
                "tax_unconfirmed",
                "if_any",
                name="paperrule",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["procedure_code"], ["procedures.code"], name=op.f("fk_papers_procedure_code")
        ),
        sa.PrimaryKeyConstraint("procedure_code", "position", name=op.f("pk_papers")),
    )
    op.create_table(
        "wrong_tags",
        sa.Column(
            "receiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tag_digest", sa.String(length=64), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["receivers.id"], name=op.f("fk_wrong_tags_receiver_id")
        ),
        sa.PrimaryKeyConstraint("receiver_id", "tag_digest", name=op.f("pk_wrong_tags")),
    )
    op.create_table(
        "presentations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kiosk_code", sa.String(length=24), nullable=False),
        sa.Column("staff_number", sa.String(length=24), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "camera",
                "scanner",
                "folder",
                "typed",
                "picture",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("typed_reason", sa.String(length=24), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "registration",
                "authentication",
                "password_change",
                "individual",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("procedure_code", sa.SmallInteger(), nullable=True),
        sa.Column(
            "receiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("filing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key_tail", sa.String(length=4), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("reasons", sa.String(length=400), nullable=False),
        sa.Column("elapsed_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_presentations_filing_id")
        ),
        sa.ForeignKeyConstraint(
            ["kiosk_code"], ["kiosks.code"], name=op.f("fk_presentations_kiosk_code")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["receivers.id"], name=op.f("fk_presentations_receiver_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_number"], ["staff.number"], name=op.f("fk_presentations_staff_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentations")),
    )
    with op.batch_alter_table("presentations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presentations_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_presentations_filing_id"), ["filing_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_presentations_fingerprint"), ["fingerprint"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_presentations_kiosk_code"), ["kiosk_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_presentations_reason"), ["reason"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_presentations_receiver_id"), ["receiver_id"], unique=False
        )

    op.create_table(
        "hand_overs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("presentation_id", sa.String(length=36), nullable=False),
        sa.Column("kiosk_code", sa.String(length=24), nullable=False),
        sa.Column("staff_number", sa.String(length=24), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "confirmed",
                "given_up",
                name="handoverstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collector", sa.String(length=120), nullable=True),
        sa.Column("receipt_number", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["kiosk_code"], ["kiosks.code"], name=op.f("fk_hand_overs_kiosk_code")
        ),
        sa.ForeignKeyConstraint(
            ["presentation_id"], ["presentations.id"], name=op.f("fk_hand_overs_presentation_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_number"], ["staff.number"], name=op.f("fk_hand_overs_staff_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
        sa.UniqueConstraint("presentation_id", name=op.f("uq_hand_overs_presentation_id")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_hand_overs_receipt_number")),
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index(
            "uq_hand_overs_one_open_per_kiosk",
            ["kiosk_code"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "hand_over_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hand_over_id", sa.String(length=36), nullable=False),
        sa.Column(
            "filing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "handing",
                "released",
                "returned",
                "held",
                "undone",
                name="itemstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_hand_over_items_filing_id")
        ),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_overs.id"], name=op.f("fk_hand_over_items_hand_over_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over_items")),
    )
    with op.batch_alter_table("hand_over_items", schema=None) as batch_op:
        batch_op.create_index("ix_hand_over_items_filing_id", ["filing_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_hand_over_items_hand_over_id"), ["hand_over_id"], unique=False
        )
        batch_op.create_index(
            "uq_hand_over_items_live",
            ["filing_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('handing', 'released')"),
            postgresql_where=sa.text("state IN ('handing', 'released')"),
        )

    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "filing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("hand_over_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("memo", sa.String(length=200), nullable=True),
        sa.Column("staff_number", sa.String(length=24), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_holds_filing_id")),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_overs.id"], name=op.f("fk_holds_hand_over_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_number"], ["staff.number"], name=op.f("fk_holds_staff_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index(
            "uq_holds_live",
            ["filing_id"],
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )
    _forbid_changes_to_the_journal()


def downgrade() -> None:
    _allow_changes_to_the_journal()
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_holds_live",
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )

    op.drop_table("holds")
    with op.batch_alter_table("hand_over_items", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hand_over_items_live",
            sqlite_where=sa.text("state IN ('handing', 'released')"),
            postgresql_where=sa.text("state IN ('handing', 'released')"),
        )
        batch_op.drop_index(batch_op.f("ix_hand_over_items_hand_over_id"))
        batch_op.drop_index("ix_hand_over_items_filing_id")

    op.drop_table("hand_over_items")
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hand_overs_one_open_per_kiosk",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.drop_table("hand_overs")
    with op.batch_alter_table("presentations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presentations_receiver_id"))
        batch_op.drop_index(batch_op.f("ix_presentations_reason"))
        batch_op.drop_index(batch_op.f("ix_presentations_kiosk_code"))
        batch_op.drop_index(batch_op.f("ix_presentations_fingerprint"))
        batch_op.drop_index(batch_op.f("ix_presentations_filing_id"))
        batch_op.drop_index(batch_op.f("ix_presentations_at"))

    op.drop_table("presentations")
    op.drop_table("wrong_tags")
    op.drop_table("papers")
    op.drop_table("kiosks")
    with op.batch_alter_table("former_passwords", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_passwords_receiver_id"))

    op.drop_table("former_passwords")
    with op.batch_alter_table("filings", schema=None) as batch_op:
        batch_op.drop_index("ix_filings_collect")

    op.drop_table("filings")
    op.drop_table("deliverables")
    op.drop_table("staff")
    with op.batch_alter_table("receivers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receivers_skeleton"))

    op.drop_table("receivers")
    op.drop_table("procedures")
    op.drop_table("offices")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_at"))
        batch_op.drop_index(batch_op.f("ix_journal_act"))

    op.drop_table("journal")
    with op.batch_alter_table("issued_sheets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issued_sheets_expires_at"))

    op.drop_table("issued_sheets")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_at"))

    op.drop_table("idempotency_keys")
