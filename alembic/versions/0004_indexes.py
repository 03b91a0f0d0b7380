"""Indexes of our own on shared tables, for pages that are read newest first."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXES = {
    "kitsu_api_news_newest": "news (created_at, id)",
    "kitsu_api_notification_newest": "notification (person_id, created_at, id)",
    "kitsu_api_task_of_project": "task (project_id, created_at, id)",
    "kitsu_api_comment_of_task": "comment (object_id, created_at)",
}
"""Of each, the table and its columns; the reasons and the plans are in docs/adr/0017-own-indexes.md."""


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX IF EXISTS {name}")
