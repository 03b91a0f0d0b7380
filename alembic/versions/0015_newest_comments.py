"""The newest comments, which search looks at before it asks an index of words."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX IF NOT EXISTS kitsu_api_comment_newest ON comment (created_at, id)")


def downgrade() -> None:
    op.execute("DROP INDEX IF EXISTS kitsu_api_comment_newest")
