"""Reports that people keep, their charts, and who gets them by mail."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REPORT = "kitsu_api_report"
CHART = "kitsu_api_report_chart"
SUBSCRIPTION = "kitsu_api_report_subscription"


def _record(name: str, *columns: Any) -> None:
    op.create_table(
        name,
        *(column for column in columns if isinstance(column, sa.Column)),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime),
        sa.Column("updated_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name=f"{name}_pkey"),
        *(rule for rule in columns if not isinstance(rule, sa.Column)),
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"{table}_{column}_fkey", ondelete="CASCADE"
    )


def upgrade() -> None:
    _record(
        REPORT,
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("filters", JSONB, nullable=False),
        _reference(REPORT, "project_id", "project"),
        _reference(REPORT, "owner_id", "person"),
    )
    op.create_index(f"ix_{REPORT}_project_id", REPORT, ["project_id"])
    op.create_index(f"ix_{REPORT}_owner_id", REPORT, ["owner_id"])
    _record(
        CHART,
        sa.Column("report_id", sa.Uuid, nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("size", sa.Integer),
        _reference(CHART, "report_id", REPORT),
    )
    op.create_index(f"ix_{CHART}_report_id", CHART, ["report_id"])
    op.create_index(f"ix_{CHART}_created_at", CHART, ["created_at"])
    _record(
        SUBSCRIPTION,
        sa.Column("report_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("next_at", sa.DateTime, nullable=False),
        _reference(SUBSCRIPTION, "report_id", REPORT),
        _reference(SUBSCRIPTION, "person_id", "person"),
        sa.UniqueConstraint("report_id", "person_id", name=f"{SUBSCRIPTION}_once"),
    )
    op.create_index(f"ix_{SUBSCRIPTION}_person_id", SUBSCRIPTION, ["person_id"])
    op.create_index(f"ix_{SUBSCRIPTION}_next_at", SUBSCRIPTION, ["next_at"])


def downgrade() -> None:
    for table in (SUBSCRIPTION, CHART, REPORT):
        op.drop_table(table)
