"""A receiver's filings by how they stand and since when; the journal's turn in one round.

The index before this one led to every filing a receiver ever had.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AHEAD = {"ix_filings_of_receiver": "filings (receiver_key, status, updated_at)"}

_TURN = """
CREATE FUNCTION journal_turn(
    turn bigint, kiosk text, OUT entries integer, OUT seq bigint, OUT hash text
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(turn);
    UPDATE kiosks SET entries = kiosks.entries + 1 WHERE code = kiosk
        RETURNING kiosks.entries INTO journal_turn.entries;
    SELECT newest.seq, newest.hash INTO journal_turn.seq, journal_turn.hash
        FROM journal AS newest ORDER BY newest.seq DESC LIMIT 1;
END $$
"""
"""Each statement sees what was committed before it began: also while the turn was waited for."""


def upgrade() -> None:
    op.create_index(
        "ix_filings_of_receiver",
        "filings",
        ["receiver_key", "status", "updated_at"],
        if_not_exists=True,
    )
    op.drop_index("ix_filings_collect", "filings")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_TURN)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_turn")
    op.create_index(
        "ix_filings_collect",
        "filings",
        ["receiver_key", "procedure_code", "office_code", "status"],
    )
    op.drop_index("ix_filings_of_receiver", "filings")
