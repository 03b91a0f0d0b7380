"""Jobs that somebody may watch, and uploads that are not finished: tables of our own."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "kitsu_api_job",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("key", sa.String(255)),
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("arguments", JSONB, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("result", JSONB),
        sa.Column("error", sa.Text),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Uuid),
        sa.Column("project_id", sa.Uuid),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("started_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("heartbeat_at", sa.DateTime),
        sa.Column("run_after", sa.DateTime),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("sends", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("interruptions", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_job_pkey"),
        # the other server, which knows nothing of this table, must be able to delete people and productions
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name="kitsu_api_job_created_by_fkey", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="kitsu_api_job_project_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "kitsu_api_job_open_key", "kitsu_api_job", ["kind", "key"], unique=True, postgresql_where=OPEN
    )
    op.create_index("ix_kitsu_api_job_open", "kitsu_api_job", ["created_at"], postgresql_where=OPEN)
    for column in ("created_by", "project_id", "ended_at"):
        op.create_index(f"ix_kitsu_api_job_{column}", "kitsu_api_job", [column])
    op.create_index("ix_kitsu_api_job_created_at", "kitsu_api_job", ["created_at", "id"])
    create_uploads()


def create_uploads() -> None:
    op.create_table(
        "kitsu_api_upload",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("writer", sa.Uuid),
        sa.Column("writer_until", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_upload_pkey"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name="kitsu_api_upload_owner_id_fkey", ondelete="SET NULL"
        ),
    )
    for column in ("owner_id", "expires_at"):
        op.create_index(f"ix_kitsu_api_upload_{column}", "kitsu_api_upload", [column])
    op.create_table(
        "kitsu_api_upload_part",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("start", sa.BigInteger),
        sa.Column("size", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_upload_part_pkey"),
        # without a cascade: where the row of a part goes, its object in storage must have been seen to
        sa.ForeignKeyConstraint(
            ["upload_id"], ["kitsu_api_upload.id"], name="kitsu_api_upload_part_upload_id_fkey"
        ),
    )
    op.create_index("ix_kitsu_api_upload_part_upload_id", "kitsu_api_upload_part", ["upload_id"])


def downgrade() -> None:
    op.drop_table("kitsu_api_upload_part")
    op.drop_table("kitsu_api_upload")
    op.drop_table("kitsu_api_job")
