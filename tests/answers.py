"""Answers held against the document: what a test meets must be what the document promises."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema_rs
import orjson
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOCUMENT = "urn:document"
JSON = "application/json"
MOST = 5
"""Problems that are told of one answer."""


class CheckedAnswers:
    """Holds answers against the document, and keeps what doesn't fit until the end of the test.

    A validator is made when an operation first answers with a status, and then kept.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._validators: dict[tuple[str, str, int], Any] = {}
        self._document: dict[str, Any] = {}
        self._registry: Any = None
        self._problems: dict[str, None] = {}

    def check(self, method: str, path: str, status: int, body: bytes) -> None:
        """Note what of an answer in JSON isn't as the document says."""
        key = method, path, status
        if key not in self._validators:
            self._validators[key] = self._validator(*key)
        validator = self._validators[key]
        if isinstance(validator, str):
            self._problems[f"{method} {path} {status}: {validator}"] = None
            return
        value = orjson.loads(body)
        if validator is None or validator.is_valid(value):
            return
        for error in list(validator.iter_errors(value))[:MOST]:
            where = "/".join(str(step) for step in error.instance_path)
            self._problems[f"{method} {path} {status}: {where or 'the answer'}: {error.message[:300]}"] = None

    def told(self) -> list[str]:
        """The problems since this was last asked for, each once."""
        problems = list(self._problems)
        self._problems.clear()
        return problems

    def _validator(self, method: str, path: str, status: int) -> Any:
        """A validator; None for a route that isn't in the document; or what the document lacks."""
        if self._registry is None:
            self._document = self._app.openapi()
            self._registry = jsonschema_rs.Registry([(DOCUMENT, self._document)])
        operation = self._document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            return None
        answer = operation["responses"].get(str(status))
        if answer is None:
            return "the document has no such answer"
        if "$ref" in answer:
            answer = self._document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        if JSON not in answer.get("content", {}):
            return "the document has no JSON here"
        schema = json.dumps(answer["content"][JSON]["schema"]).replace('"#/', f'"{DOCUMENT}#/')
        return jsonschema_rs.Draft202012Validator(json.loads(schema), registry=self._registry)


class AnswersMiddleware:
    """Hands each answer in JSON to `CheckedAnswers`, with the route that made it.

    It has to be the innermost one: outside of it nothing knows the route.
    """

    def __init__(self, app: ASGIApp, answers: CheckedAnswers) -> None:
        self.app, self.answers = app, answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, is_json = 0, False
        headers: dict[bytes, bytes] = {}
        chunks: list[bytes] = []

        async def send_noted(message: Message) -> None:
            nonlocal status, is_json, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = dict(message["headers"])
                is_json = headers.get(b"content-type", b"").decode().partition(";")[0] == JSON
            elif is_json:
                chunks.append(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, send_noted)
        route = scope.get("route")
        body = b"".join(chunks)
        narrowed = b"fields=" in scope["query_string"]  # the document tells of whole rows
        if body and route is not None and not narrowed:
            if b"content-encoding" in headers:
                body = httpx.Response(status, headers=list(headers.items()), content=body).content
            self.answers.check(scope["method"], route.path, status, body)
