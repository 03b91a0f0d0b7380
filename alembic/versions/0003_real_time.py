"""The numbered log of events, webhooks, what was sent to people, and runs of event handlers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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
    names = ["last", "forgotten", "webhooks", "notifications"]
    cursors = sa.table("kitsu_api_event_cursor", sa.column("name", sa.String))
    op.bulk_insert(cursors, [{"name": name} for name in names])
    op.execute(NUMBERED)
    op.execute(TRIGGER)
    op.drop_column("kitsu_api_outbox", "events")
    create_webhooks()
    create_messages()
    create_runs()


def record() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime),
        sa.Column("updated_at", sa.DateTime),
    ]


def attempts() -> list[sa.Column[object]]:
    return [
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime),
        sa.Column("error", sa.Text),
    ]


def create_webhooks() -> None:
    op.create_table(
        "kitsu_api_webhook",
        *record(),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("event_names", ARRAY(sa.Text), nullable=False),
        sa.Column("project_id", sa.Uuid),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("failing_since", sa.DateTime),
        sa.Column("since_sequence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_webhook_pkey"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="kitsu_api_webhook_project_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name="kitsu_api_webhook_owner_id_fkey", ondelete="CASCADE"
        ),
    )
    for column in ("project_id", "owner_id"):
        op.create_index(f"ix_kitsu_api_webhook_{column}", "kitsu_api_webhook", [column])
    table = "kitsu_api_webhook_delivery"
    op.create_table(
        table,
        *record(),
        sa.Column("webhook_id", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("event_name", sa.String(80), nullable=False),
        sa.Column("audience_id", sa.Uuid),
        sa.Column("for_managers", sa.Boolean, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        *attempts(),
        sa.Column("last_attempt_at", sa.DateTime),
        sa.Column("response_status", sa.Integer),
        sa.Column("duration_ms", sa.Integer),
        sa.PrimaryKeyConstraint("id", name=f"{table}_pkey"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["kitsu_api_webhook.id"], name=f"{table}_webhook_id_fkey", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("webhook_id", "sequence", name=f"{table}_once"),
    )
    due(table, "due", "status = 'waiting'")


def create_messages() -> None:
    table = "kitsu_api_message"
    op.create_table(
        table,
        *record(),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("notification_id", sa.Uuid),
        sa.Column("about", JSONB, nullable=False),
        *attempts(),
        sa.PrimaryKeyConstraint("id", name=f"{table}_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=f"{table}_person_id_fkey", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("key", name=f"{table}_key_key"),
    )
    op.create_index(f"ix_{table}_person_id", table, ["person_id"])
    due(table, "open", "status IN ('waiting', 'sending')")


def create_runs() -> None:
    table = "kitsu_api_event_handler_run"
    op.create_table(
        table,
        *record(),
        sa.Column("handler", sa.String(120), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Uuid),
        sa.Column("event_name", sa.String(80), nullable=False),
        sa.Column("event", JSONB, nullable=False),
        *attempts(),
        sa.Column("duration_ms", sa.Integer),
        sa.PrimaryKeyConstraint("id", name=f"{table}_pkey"),
        sa.UniqueConstraint("handler", "sequence", name=f"{table}_once"),
    )
    due(table, "due", "status = 'waiting'")


def due(table: str, name: str, condition: str) -> None:
    op.create_index(f"ix_{table}_{name}", table, ["next_attempt_at"], postgresql_where=sa.text(condition))
    op.create_index(f"ix_{table}_created_at", table, ["created_at"])


def downgrade() -> None:
    for table in ("event_handler_run", "message", "webhook_delivery", "webhook"):
        op.drop_table(f"kitsu_api_{table}")
    op.add_column(
        "kitsu_api_outbox",
        sa.Column("events", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    op.alter_column("kitsu_api_outbox", "events", server_default=None)
    op.execute("DROP TRIGGER kitsu_api_note_events ON api_event")
    op.execute("DROP FUNCTION kitsu_api_note_events()")
    op.drop_table("kitsu_api_event_cursor")
    op.drop_table("kitsu_api_event_log")
