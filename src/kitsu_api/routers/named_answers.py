"""Listings under a name (`ETag`) that changes with what they show: who has one is told so, and who hasn't
gets what was kept for somebody else.

Big ones are named after the state of the rows that they come from (`row_states`), and kept on disk. To find
the state of a small one would take longer than to answer: it is named after its content, and only while
nothing at all has been written is it known without making it again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request, Response

from kitsu_api import __version__
from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.row_states import recall, remember
from kitsu_api.permissions.actor import Actor
from kitsu_api.routers.stored_answers import (
    SMALL,
    AnswerStore,
    StreamedAnswer,
    accepted_encoding,
    encoder,
    matches,
)

JSON = "application/json"

NAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {
                "description": "Names the state of the list; send it as `If-None-Match`.",
                "schema": {"type": "string"},
            }
        }
    },
    304: {"description": "The list is as it was when the client last read it."},
}

Parts = AsyncIterator[bytes]


def _headers(etag: str) -> dict[str, str]:
    return {"cache-control": "private, no-cache", "vary": "Accept-Encoding", "etag": etag}


def _coding(request: Request) -> str:
    return accepted_encoding(request.headers.get("accept-encoding", ""))


def _is_known(request: Request, etag: str) -> bool:
    return matches(request.headers.get("if-none-match"), etag)


def store_of(request: Request) -> AnswerStore | None:
    """The kept answers of this process; None where the operator wants none."""
    state = request.app.state
    limit = state.settings.answer_cache_mb * 1_000_000
    if not limit:
        return None
    folder = state.settings.data_dir / "cache"
    store: AnswerStore | None = getattr(state, "answers", None)
    if store is None or store.folder != folder or store.limit != limit:
        store = state.answers = AnswerStore(folder, limit)
    return store


async def one_part(make: Callable[[], Awaitable[bytes]]) -> Parts:
    """A whole answer as the only part of a stream."""
    yield await make()


def by_state(request: Request, state: dict[str, Any], parts: Parts, media_type: str = JSON) -> Response:
    """An answer that is named after a state, and kept; `parts` are made if nobody has made them yet."""
    name = hashlib.sha256(orjson.dumps({"program": __version__, **state})).hexdigest()[:40]
    headers = _headers(f'W/"{name}"')
    if _is_known(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    store = store_of(request)
    return StreamedAnswer(parts, media_type, headers, coding=_coding(request), store=store, name=name)


async def kept_list(
    request: Request, state: dict[str, Any], make: Callable[[], Awaitable[bytes]]
) -> Response:
    """The same for a list that is made with the session of the request: while that is open."""
    answer = by_state(request, state, one_part(make))
    if isinstance(answer, StreamedAnswer) and not await answer.is_kept():
        body = await make()

        async def made() -> bytes:
            return body

        return by_state(request, state, one_part(made))
    return answer


async def by_content(request: Request, body: bytes, media_type: str = JSON) -> Response:
    """An answer that costs little, or is nobody else's: named after its content, and not kept."""
    headers = _headers(f'W/"{hashlib.sha256(body).hexdigest()[:32]}"')
    if _is_known(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    coding = _coding(request)
    if coding != "identity" and len(body) >= SMALL:
        headers["content-encoding"] = coding
        body = await asyncio.to_thread(_pressed, body, coding)
    return Response(body, headers=headers, media_type=media_type)


def _pressed(body: bytes, coding: str) -> bytes:
    press = encoder(coding)
    return press.compress(body) + press.flush()


async def small_list(
    request: Request, session: Session, actor: Actor, make: Callable[[], Awaitable[bytes]]
) -> Response:
    """A list named after its content. Who has it already, and asks while nothing was written since, is told
    so without making it again."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return await by_content(request, await make())
    key = ("list", request.url.path, str(request.query_params), repr(actor))
    snapshot, known = await recall(session, key)
    if known is not None and matches(asked, known):
        return Response(status_code=304, headers=_headers(known))
    answer = await by_content(request, await make())
    if snapshot is not None:
        remember(session, key, snapshot, answer.headers["etag"])
    return answer
