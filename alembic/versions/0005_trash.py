"""Deleted entities that can be restored: tables of our own."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE, ROWS = "kitsu_api_trash", "kitsu_api_trash_row"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime),
        sa.Column("updated_at", sa.DateTime),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("entities", JSONB, nullable=False),
        sa.Column("deleted_by", sa.Uuid),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"{TABLE}_pkey"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=f"{TABLE}_project_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by"], ["person.id"], name=f"{TABLE}_deleted_by_fkey", ondelete="SET NULL"
        ),
    )
    for column in ("project_id", "deleted_by", "expires_at"):
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column])
    op.create_table(
        ROWS,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("trash_id", sa.Uuid, nullable=False),
        sa.Column("table_name", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"{ROWS}_pkey"),
        sa.ForeignKeyConstraint(
            ["trash_id"], [f"{TABLE}.id"], name=f"{ROWS}_trash_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{ROWS}_trash_id", ROWS, ["trash_id"])


def downgrade() -> None:
    op.drop_table(ROWS)
    op.drop_table(TABLE)
