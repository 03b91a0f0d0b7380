"""Answers that aren't as the document says don't go unnoticed."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from tests.answers import AnswersMiddleware, CheckedAnswers


class Film(BaseModel):
    name: str
    frames: int | None = None


@pytest.fixture
def films() -> FastAPI:
    """Routes that answer what they are told, not what the document says."""
    app = FastAPI()
    answers: dict[str, tuple[int, Any]] = {
        "good": (200, {"name": "Stargazer", "frames": None}),
        "wrong": (200, {"name": 7}),
        "bare": (200, {}),
        "other": (202, {"name": "Stargazer"}),
    }

    @app.get("/films/{name}", response_model=Film)
    async def film(name: str) -> Response:
        status, content = answers[name]
        return JSONResponse(content, status)

    app.state.checked_answers = CheckedAnswers(app)
    app.user_middleware.append(Middleware(AnswersMiddleware, answers=app.state.checked_answers))
    return app


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("wrong", 'GET /films/{name} 200: name: 7 is not of type "string"'),
        ("bare", 'GET /films/{name} 200: the answer: "name" is a required property'),
        ("other", "GET /films/{name} 202: the document has no such answer"),
    ],
)
async def test_an_answer_that_is_not_as_the_document_says_is_told_once(films, asked, problem):
    async with AsyncClient(transport=ASGITransport(films), base_url="http://test") as client:
        for _ in range(2):
            await client.get(f"/films/{asked}")
    assert films.state.checked_answers.told() == [problem]
    assert films.state.checked_answers.told() == []


async def test_an_answer_as_the_document_says_is_no_problem(films):
    async with AsyncClient(transport=ASGITransport(films), base_url="http://test") as client:
        await client.get("/films/good")
    assert films.state.checked_answers.told() == []


async def test_answers_of_the_server_are_held_against_the_document(client, built_app):
    answers = built_app.state.checked_answers
    await client.get("/")
    assert ("GET", "/", 200) in answers._validators
