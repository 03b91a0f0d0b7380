"""Errors as answers: the right status, words that help, and nothing of the inside."""

from __future__ import annotations

import asyncio
import logging

import pytest
from asyncpg.exceptions import (
    DeadlockDetectedError,
    QueryCanceledError,
    SerializationError,
    StringDataRightTruncationError,
    UndefinedTableError,
    UniqueViolationError,
)
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from redis.exceptions import ConnectionError as ValkeyConnectionError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kitsu_api import rendering
from kitsu_api.errors import NotFound, TooManyRequests
from kitsu_api.settings import Settings

SECRET = "INSERT INTO person (password) VALUES ('never to be shown')"


async def answer_to(error: Exception):
    """What a client gets when a route fails like this."""
    app = FastAPI()
    rendering.install(app)

    @app.get("/")
    async def fail():
        raise error

    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.json()["error"] is True
    assert "never to be shown" not in answer.text
    return answer


def database(kind: type[DBAPIError], cause: Exception) -> DBAPIError:
    """An error as SQLAlchemy hands on what asyncpg raised."""
    original = Exception(f"{type(cause).__name__}: {SECRET}")
    original.__cause__ = cause
    return kind(SECRET, {}, original)


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (NotFound(), 404, "does not exist"),
        (database(IntegrityError, UniqueViolationError("x")), 400, "same unique values"),
        (database(DBAPIError, StringDataRightTruncationError("x")), 400, "too long"),
        (database(DBAPIError, QueryCanceledError("x")), 503, "too long"),
        (database(DBAPIError, DeadlockDetectedError("x")), 503, "Try again"),
        (database(DBAPIError, SerializationError("x")), 503, "Try again"),
        (database(OperationalError, ConnectionRefusedError("x")), 503, "can't be reached"),
        (PoolTimeout("no connection left"), 503, ""),
        (ValkeyConnectionError("down"), 503, ""),
        (database(DBAPIError, UndefinedTableError("x")), 500, "went wrong"),
        (ValueError(SECRET), 500, "went wrong"),
    ],
)
async def test_an_error_becomes_an_answer(error, status, word):
    answer = await answer_to(error)
    assert answer.status_code == status
    assert word in answer.json()["message"]


async def test_headers_of_a_refusal_are_sent():
    answer = await answer_to(TooManyRequests(retry_after=17))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")


async def test_a_fault_of_ours_is_logged_with_its_trace(caplog):
    with caplog.at_level(logging.ERROR):
        await answer_to(ValueError("inside"))
    assert any(record.exc_info for record in caplog.records if record.name == "kitsu_api.rendering")


async def test_a_server_without_its_database_says_so(tmp_path, valkey_url):
    from kitsu_api.app import create_app

    settings = Settings.model_construct(
        data_dir=tmp_path,
        database_url="postgresql://nobody@127.0.0.1:1/none",
        redis_url=valkey_url,
        secret_key=Settings(secret_key="k" * 32).secret_key,
        outbox_relay=False,
        jobs_inline=True,
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app), asyncio.timeout(20):
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            body = {"email": "ada@studio.example", "password": "some password"}
            answer = await client.post("/auth/login", json=body)
            assert answer.status_code == 503, answer.text
            assert "127.0.0.1" not in answer.text
            assert (await client.get("/status")).json()["database_up"] is False
