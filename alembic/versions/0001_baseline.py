"""The tables of release 1.0.97, and our own beside them.

A database is either built here, or adopted: its tables were there before and stay when we go. Which of the
two it is stands in the comment on our version table; without that comment nothing of the studio's is dropped.
"""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic.util.exc import CommandError
from sqlalchemy.dialects.postgresql import JSONB

from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";\n")
TABLES = re.findall(r'^CREATE TABLE "(\w+)"', ";\n".join(STATEMENTS), re.MULTILINE)
BUILT = "kitsu-api built the tables of this database."
ADOPTED = "kitsu-api adopted this database; its tables belong to another server."


def upgrade() -> None:
    if context.config.attributes.get("adopting"):
        remember(ADOPTED)
    else:
        refuse_tables_of_others()
        for statement in filter(None, map(str.strip, STATEMENTS)):
            op.execute(statement)
        remember(BUILT)
    op.create_table(
        "kitsu_api_outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("events", JSONB, nullable=False),
        sa.Column("jobs", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="kitsu_api_outbox_pkey"),
    )
    op.create_index("ix_kitsu_api_outbox_created_at", "kitsu_api_outbox", ["created_at"])


def downgrade() -> None:
    op.drop_table("kitsu_api_outbox")
    if is_ours_to_drop():
        op.execute("DROP TABLE " + ", ".join(f'"{table}"' for table in TABLES))
        op.execute("DROP TYPE import_source_enum")
    op.execute("COMMENT ON TABLE kitsu_api_version IS NULL")


def remember(origin: str) -> None:
    op.execute(f"COMMENT ON TABLE kitsu_api_version IS '{origin}'")


def existing_tables() -> set[str]:
    return set(sa.inspect(op.get_bind()).get_table_names())


def refuse_tables_of_others() -> None:
    """Half a database made by another is no place to build in."""
    if context.is_offline_mode():
        return
    found = sorted(existing_tables().intersection(TABLES))
    if found:
        raise CommandError(
            f"The database already has tables of this name ({', '.join(found[:3])}, …)."
            " Take it over with `kitsu-api db adopt`, or name an empty database."
        )


def is_ours_to_drop() -> bool:
    """Whether we built the tables, and no other server has come to work on them since."""
    if context.is_offline_mode():
        return False
    comment = op.get_bind().scalar(sa.text("SELECT obj_description(to_regclass('kitsu_api_version'))"))
    return comment == BUILT and "alembic_version" not in existing_tables()
