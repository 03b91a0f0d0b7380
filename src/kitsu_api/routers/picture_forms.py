"""Pictures in the size and form that a client asks for: made when they are first asked for, then kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Query, Request, Response
from starlette.responses import RedirectResponse

from kitsu_api.errors import NotFound, Unavailable, errors
from kitsu_api.routers.stored_files import answer_file
from kitsu_api.services import picture_forms as service
from kitsu_api.services.picture_forms import MEDIA_TYPES, PictureForm, PictureKind
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork

FORM_ANSWERS: Mapping[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture, in the form that `Accept` names; the answer varies by it.",
        "content": {type_: {} for type_ in MEDIA_TYPES.values()},
    },
    **errors(Unavailable),
}
SIZE: Final = "Width in pixels; absent: that of the PNG."
THUMBNAIL_SIZE: Final = Query(description=SIZE)
SQUARE_SIZE: Final = Query(description=SIZE)
PREVIEW_SIZE: Final = Query(description=SIZE)
AVATAR_SIZE: Final = Query(description=SIZE)

AT_ONCE: Final = 2
"""Pictures that one process makes at a time for those who wait."""

PATIENCE: Final = 0.25
"""Seconds that somebody waits for a smaller form of a picture that is there; then they get that one."""

LONGEST_WAIT: Final = 20.0
"""Seconds that somebody waits for a size that isn't there."""

SOON: Final = 60
"""Seconds that a client keeps a picture that it got in place of a smaller form."""


@dataclass(frozen=True)
class Desk:
    """What a picture is found and made with."""

    request: Request
    uow: UnitOfWork
    storage: FileStorage


@dataclass(frozen=True)
class Pictured:
    """A picture of something that the caller may see, and the name to save it under, without extension."""

    kind: PictureKind
    id: UUID
    stem: str


@asynccontextmanager
async def picture_turn(request: Request, patience: float) -> AsyncIterator[bool]:
    """One of this process's turns to make pictures, or False when none came free in time."""
    state = request.app.state
    turns: asyncio.Semaphore | None = getattr(state, "picture_turns", None)
    if turns is None:
        turns = state.picture_turns = asyncio.Semaphore(AT_ONCE)
    try:
        async with asyncio.timeout(patience):
            await turns.acquire()
    except TimeoutError:
        yield False
        return
    try:
        yield True
    finally:
        turns.release()


async def answer_form(
    desk: Desk, pictured: Pictured, width: int | None, original: Callable[[], Awaitable[Response]]
) -> Response:
    """A picture in the width that is asked for and the form that `Accept` names; `original` answers the PNG
    that is there anyway. Whoever calls has made sure that it may be seen.

    Raises:
        NotFound: there is no such picture.
        Unavailable: that size isn't there, and too many others are being made.
    """
    kind = pictured.kind
    format = service.best_format(desk.request.headers.get("accept", ""))
    form = PictureForm(kind, width or kind.default, format)
    answer = None if form.is_original else await _find(desk, pictured, form)
    if answer is None:
        if form.width != kind.default:
            raise NotFound("There is no such picture.")
        answer = await original()
        if not form.is_original and answer.status_code == 200:
            answer.headers["cache-control"] = f"private, max-age={SOON}"
    answer.headers.add_vary_header("Accept")
    return answer


async def _find(desk: Desk, pictured: Pictured, form: PictureForm) -> Response | None:
    """A form of a picture, made if it isn't there; None when it can't be, or others are before it."""
    if await service.is_made(desk.uow.session, form, pictured.id):
        try:
            return await _answer(desk, pictured, form)
        except NotFound:
            pass  # the register has it, but not the storage: it is made again
    must = form.width != form.kind.default
    async with picture_turn(desk.request, LONGEST_WAIT if must else PATIENCE) as mine:
        if not mine:
            if must:
                raise Unavailable("Other pictures are being made. Try again in a moment.")
            return None
        if not await service.make(desk.uow, desk.storage, pictured.id, [form]):
            return None
    return await _answer(desk, pictured, form)


async def _answer(desk: Desk, pictured: Pictured, form: PictureForm) -> Response:
    if address := await desk.storage.signed_url(*form.place, pictured.id):
        seconds = desk.storage.settings.fs_s3_signed_seconds // 2
        return RedirectResponse(address, 302, {"cache-control": f"private, max-age={seconds}"})
    name, kind = f"{pictured.stem}.{form.format}", MEDIA_TYPES[form.format]
    return await answer_file(desk.request, desk.storage, (*form.place, pictured.id), name=name, kind=kind)
