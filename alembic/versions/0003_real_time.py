"""The numbered log of events, webhooks, what was sent to people, and runs of event handlers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Statement by statement, not row by row: a bulk insert pays for one. With the rights of its owner: another
# server on these tables may work under a role that knows nothing of ours.
NUMBERED = """
CREATE FUNCTION kitsu_api_note_events() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO kitsu_api_event_log (event_id, audience_id) SELECT id, project_id FROM added;
    RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER kitsu_api_note_events AFTER INSERT ON api_event
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION kitsu_api_note_events()
"""
MOMENT = sa.text("(now() AT TIME ZONE 'UTC')")


def upgrade() -> None:
    op.create_table(
        "kitsu_api_event_log",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.Uuid),
        sa.Column("name", sa.String(80)),
        sa.Column("data", JSONB),
        sa.Column("user_id", sa.Uuid),
        sa.Column("audience_id", sa.Uuid),
        sa.Column("for_managers", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column(
            "transaction",
            sa.BigInteger,
            nullable=False,
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
        ),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("created_at", sa.DateTime, nullable=False, server_default=MOMENT),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_event_log_pkey"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["api_event.id"], name="kitsu_api_event_log_event_id_fkey", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("event_id", name="kitsu_api_event_log_event_id_key"),
        sa.UniqueConstraint("sequence", name="kitsu_api_event_log_sequence_key"),
    )
    op.create_index(
        "ix_kitsu_api_event_log_unnumbered",
        "kitsu_api_event_log",
        ["transaction", "id"],
        postgresql_where=sa.text("sequence IS NULL"),
    )
    op.create_index(
        "ix_kitsu_api_event_log_told",
        "kitsu_api_event_log",
        ["created_at"],
        postgresql_where=sa.text("event_id IS NULL"),
    )
    op.create_table(
        "kitsu_api_event_cursor",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("name", name="kitsu_api_event_cursor_pkey"),
    )
    op.execute("INSERT INTO kitsu_api_event_cursor (name) VALUES ('last'), ('forgotten')")
    op.execute(NUMBERED)
    op.execute(TRIGGER)
    op.drop_column("kitsu_api_outbox", "events")


def downgrade() -> None:
    op.add_column(
        "kitsu_api_outbox",
        sa.Column("events", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    op.alter_column("kitsu_api_outbox", "events", server_default=None)
    op.execute("DROP TRIGGER kitsu_api_note_events ON api_event")
    op.execute("DROP FUNCTION kitsu_api_note_events()")
    op.drop_table("kitsu_api_event_cursor")
    op.drop_table("kitsu_api_event_log")
