"""Sheets that are taken in step by step, what they changed, and how their columns were read."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IMPORT = "kitsu_api_import"
CHANGE = "kitsu_api_import_change"
MAPPING = "kitsu_api_import_mapping"


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"{table}_{column}_fkey", ondelete="CASCADE"
    )


def _record(name: str) -> tuple[sa.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime),
        sa.Column("updated_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name=f"{name}_pkey"),
    )


def upgrade() -> None:
    op.create_table(
        IMPORT,
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid),
        sa.Column("task_type_id", sa.Uuid),
        sa.Column("episode_id", sa.Uuid),
        sa.Column("worksheet", sa.String(255)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("columns", JSONB, nullable=False),
        sa.Column("mapping", JSONB, nullable=False),
        sa.Column("outcome", JSONB),
        sa.Column("undoing", JSONB),
        sa.Column("applied_at", sa.DateTime),
        sa.Column("undone_at", sa.DateTime),
        *_record(IMPORT),
        _reference(IMPORT, "owner_id", "person"),
        _reference(IMPORT, "project_id", "project"),
    )
    op.create_index(f"ix_{IMPORT}_owner_id", IMPORT, ["owner_id"])
    op.create_index(f"ix_{IMPORT}_project_id", IMPORT, ["project_id"])
    op.create_index(f"ix_{IMPORT}_created_at", IMPORT, ["created_at"])
    op.create_table(
        CHANGE,
        sa.Column("id", sa.Uuid, nullable=False, server_default=sa.text("gen_random_uuid()")),
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("table_name", sa.String(63), nullable=False),
        sa.Column("key", JSONB, nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("version", sa.String(20)),
        sa.Column("before", JSONB),
        sa.PrimaryKeyConstraint("id", name=f"{CHANGE}_pkey"),
        _reference(CHANGE, "import_id", IMPORT),
    )
    op.create_index(f"ix_{CHANGE}_import_id", CHANGE, ["import_id"])
    op.create_table(
        MAPPING,
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("project_id", sa.Uuid),
        sa.Column("fields", JSONB, nullable=False),
        *_record(MAPPING),
        _reference(MAPPING, "project_id", "project"),
    )
    op.create_index(
        f"{MAPPING}_of_project",
        MAPPING,
        ["project_id", "kind"],
        unique=True,
        postgresql_where=sa.text("project_id IS NOT NULL"),
    )
    op.create_index(
        f"{MAPPING}_of_studio", MAPPING, ["kind"], unique=True, postgresql_where=sa.text("project_id IS NULL")
    )


def downgrade() -> None:
    for table in (MAPPING, CHANGE, IMPORT):
        op.drop_table(table)
