"""A statement that takes too long is ended by PostgreSQL, and its connection serves the next one."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kitsu_api.db.engine import make_engine
from tests.conftest import make_settings


async def test_a_statement_has_so_long_and_no_longer(tmp_path, migrated_database, valkey_url):
    settings = make_settings(tmp_path, migrated_database, valkey_url)
    engine = make_engine(settings.model_copy(update={"db_statement_timeout": 100, "db_pool_size": 1}))
    try:
        began = time.monotonic()
        async with engine.connect() as connection:
            with pytest.raises(DBAPIError) as refused:
                await connection.execute(text("SELECT pg_sleep(20)"))
            assert getattr(refused.value.orig, "sqlstate", None) == "57014"
            await connection.rollback()
            assert await connection.scalar(text("SELECT 1")) == 1
        assert time.monotonic() - began < 15
    finally:
        await engine.dispose()
