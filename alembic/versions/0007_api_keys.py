"""Keys with which scripts sign in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kitsu_api_key",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime),
        sa.Column("updated_at", sa.DateTime),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("lookup", sa.String(16), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("writes", sa.Boolean, nullable=False),
        sa.Column("resources", ARRAY(sa.Text)),
        sa.Column("project_ids", ARRAY(sa.Uuid)),
        sa.Column("expires_at", sa.DateTime),
        sa.Column("last_used_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_key_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="kitsu_api_key_person_id_fkey", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("lookup", name="kitsu_api_key_lookup_key"),
    )
    op.create_index("ix_kitsu_api_key_person_id", "kitsu_api_key", ["person_id"])


def downgrade() -> None:
    op.drop_table("kitsu_api_key")
