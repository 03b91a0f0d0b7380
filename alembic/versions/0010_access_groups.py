"""Groups of people who may do more than their role: tables of our own."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

GROUP, MEMBER = "kitsu_api_access_group", "kitsu_api_access_group_member"


def upgrade() -> None:
    op.create_table(
        GROUP,
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime),
        sa.Column("updated_at", sa.DateTime),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("project_id", sa.Uuid),
        sa.Column("capabilities", ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"{GROUP}_pkey"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=f"{GROUP}_project_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{GROUP}_project_id", GROUP, ["project_id"])
    op.create_table(
        MEMBER,
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "group_id", name=f"{MEMBER}_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=f"{MEMBER}_person_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], [f"{GROUP}.id"], name=f"{MEMBER}_group_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{MEMBER}_group_id", MEMBER, ["group_id"])


def downgrade() -> None:
    op.drop_table(MEMBER)
    op.drop_table(GROUP)
