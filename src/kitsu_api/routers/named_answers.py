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
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api import __version__
from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.row_states import Search, recall, remember
from kitsu_api.permissions.actor import Actor
from kitsu_api.routers.answer_parts import Parts
from kitsu_api.routers.stored_answers import (
    SMALL,
    AnswerStore,
    StreamedAnswer,
    accepted_encoding,
    matches,
    pressed,
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

IN_PLACE = 30_000
"""Bytes that are compressed sooner than a thread for it has begun."""

Make = Callable[[], AsyncIterator[bytes]]
"""Makes the parts of an answer."""


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


WORTH_KEEPING = 100_000
"""Bytes from which on an answer is kept: less is as quickly made again."""


def _named(request: Request, state: dict[str, Any]) -> tuple[str, dict[str, str], bool]:
    """The name of a state, the headers that tell it, and whether the client has it already."""
    name = hashlib.sha256(orjson.dumps({"program": __version__, **state})).hexdigest()[:40]
    headers = _headers(f'W/"{name}"')
    return name, headers, _is_known(request, headers["etag"])


async def by_state(
    request: Request,
    session: AsyncSession,
    state: dict[str, Any],
    rows: Search,
    make: Make,
    media_type: str = JSON,
    *,
    worth_keeping: int = SMALL,
) -> Response:
    """An answer that is named after a state and that of the rows which feed it, and kept; it is made if
    nobody has made it yet.

    Where the state takes long to find, what is most likely wanted is begun meanwhile, on a connection of its
    own. What is one part of less than `worth_keeping` bytes is not kept.
    """
    parts = Parts(make)
    beside = "if-none-match" not in request.headers and rows.changes_often(session)
    try:
        # what is read from here on is not older than the state
        if beside and await rows.begin(session):
            parts.begin()
        name, headers, known = _named(request, {**state, "version": await rows.state(session)})
        if known:
            await parts.drop()
            return Response(status_code=304, headers=headers)
    except BaseException:
        await parts.drop()
        raise
    store, coding = store_of(request), _coding(request)
    return StreamedAnswer(
        parts, media_type, headers, coding=coding, store=store, name=name, worth_keeping=worth_keeping
    )


async def by_content(request: Request, body: bytes, media_type: str = JSON) -> Response:
    """An answer that costs little, or is nobody else's: named after its content, and not kept."""
    headers = _headers(f'W/"{hashlib.sha256(body).hexdigest()[:32]}"')
    if _is_known(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return await _whole(body, headers, _coding(request), media_type)


async def _whole(body: bytes, headers: dict[str, str], coding: str, media_type: str) -> Response:
    """An answer in one piece, compressed if that gains anything."""
    if coding != "identity" and len(body) >= SMALL:
        headers["content-encoding"] = coding
        short = len(body) < IN_PLACE
        body = pressed(body, coding) if short else await asyncio.to_thread(pressed, body, coding)
    return Response(body, headers=headers, media_type=media_type)


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
