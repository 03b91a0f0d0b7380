"""An index of our own for pages of castings, which are read oldest first."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX IF NOT EXISTS kitsu_api_entity_link_oldest ON entity_link (created_at)")


def downgrade() -> None:
    op.execute("DROP INDEX IF EXISTS kitsu_api_entity_link_oldest")
