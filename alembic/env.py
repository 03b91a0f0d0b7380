"""How alembic reaches the database: over the connection it was given, else over the settings' URL."""

from __future__ import annotations

import asyncio
from logging.config import fileConfig

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from alembic import context
from kitsu_api.db import migrations, models
from kitsu_api.db.migrations import VERSION_TABLE
from kitsu_api.settings import get_settings


def migrate(connection: Connection) -> None:
    """Run the revisions in one transaction, one process at a time."""
    context.configure(
        connection=connection,
        target_metadata=models.Person.metadata,
        version_table=VERSION_TABLE,
        compare_type=True,
        compare_server_default=True,
        include_object=migrations.is_ours,
    )
    with context.begin_transaction():
        migrations.lock(connection)
        context.run_migrations()


async def connect_and_migrate() -> None:
    """For the `alembic` command, which brings no connection."""
    engine = create_async_engine(migrations.asyncpg_url(settings_url()), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def settings_url() -> str:
    url = get_settings().direct_postgres_url
    if url is None:
        raise SystemExit(
            "Set DATABASE_URL, or past a pooler DATABASE_DIRECT_URL, to the database to work on."
        )
    return url


if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        target_metadata=models.Person.metadata,
        version_table=VERSION_TABLE,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
elif (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    if context.config.config_file_name:
        fileConfig(context.config.config_file_name, disable_existing_loggers=False)
    asyncio.run(connect_and_migrate())
