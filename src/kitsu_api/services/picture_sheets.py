"""Contact sheets of many previews: which thumbnails they show, and making them.

A sheet's id is made of what it shows: who asks for the same thumbnails gets the same sheet, and one whose
thumbnails have changed is another. What a sheet shows lies in Valkey for some hours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import orjson
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.stored_files import register, registered, versions_of_all
from kitsu_api.media.small_pictures import Format, make_sheet
from kitsu_api.permissions.sheet_places import SheetPlace, sheet_key
from kitsu_api.schemas.picture_sheets import SheetCell, SheetKind, SheetRead
from kitsu_api.services.picture_forms import MEDIA_TYPES
from kitsu_api.services.preview_making import size_of
from kitsu_api.services.preview_storage import SQUARE, THUMBNAIL, Place
from kitsu_api.storage.files import Bucket, FileStorage, MissingFile
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork

COLUMNS: Final = 10
BUCKET: Final[Bucket] = "pictures"
PREFIXES: Final[dict[Format, str]] = {format: f"sheets{format}" for format in MEDIA_TYPES}
"""Where sheets lie, by form."""

HOURS: Final = 6
SECONDS: Final = HOURS * 3600
"""How long a sheet can be asked for after it was last ordered."""

AT_ONCE: Final = 10
"""Thumbnails that are on their way from an object store at a time."""

PLACES: Final[dict[SheetKind, Place]] = {"thumbnail": THUMBNAIL, "square": SQUARE}
CELLS: Final[dict[SheetKind, tuple[int, int]]] = {"thumbnail": (150, 100), "square": (100, 100)}
NAMES: Final = UUID("0f7e3e0c-55ab-4be1-9d4e-6a2b3d0d6c11")
"""The namespace of ids of sheets."""


async def order(
    session: AsyncSession,
    valkey: Redis,
    wanted: Sequence[UUID],
    seen: Collection[PreviewFile],
    kind: SheetKind,
) -> SheetRead:
    """A sheet of those previews that are wanted, seen by the caller, ready, and have a thumbnail.

    Raises:
        redis.RedisError: Valkey can't be reached.
    """
    place = PLACES[kind]
    ready = {preview.id for preview in seen if preview.status == "ready"}
    versions = await versions_of_all(session, *place, ready)
    asked = list(dict.fromkeys(wanted))
    shown = tuple(one for one in asked if one in versions)
    text = ",".join([kind, *(f"{one}@{versions[one]}" for one in shown)])
    id = uuid5(NAMES, text)
    if shown:
        content = {"kind": kind, "ids": [str(shown_id) for shown_id in shown]}
        await valkey.set(sheet_key(id), orjson.dumps(content), ex=SECONDS)
    width, height = CELLS[kind]
    return SheetRead(
        id=id,
        image=f"/pictures/sheets/{id}" if shown else None,
        width=width * min(len(shown), COLUMNS),
        height=height * -(-len(shown) // COLUMNS),
        cell_width=width,
        cell_height=height,
        cells=[
            SheetCell(preview_file_id=one, x=number % COLUMNS * width, y=number // COLUMNS * height)
            for number, one in enumerate(shown)
        ],
        missing=[one for one in asked if one not in versions],
    )


async def is_made(session: AsyncSession, sheet: SheetPlace, format: Format) -> bool:
    """Whether the picture of a sheet is in storage."""
    return await registered(session, BUCKET, PREFIXES[format], sheet.id)


async def make(uow: UnitOfWork, storage: FileStorage, sheet: SheetPlace, format: Format) -> None:
    """Make the picture of a sheet, and store it."""
    await uow.pause()
    kind: SheetKind = "square" if sheet.kind == "square" else "thumbnail"
    place, cell = PLACES[kind], CELLS[kind]
    turns = asyncio.Semaphore(AT_ONCE)
    with temporary_folder(uow.settings) as folder:

        async def borrowed(id: UUID) -> Path | None:
            async with turns:
                with suppress(MissingFile):
                    return await storage.borrow(*place, id, folder / str(id))
            return None

        sources = await asyncio.gather(*map(borrowed, sheet.preview_ids))
        target = folder / f"sheet.{format}"
        pixels = uow.settings.max_image_pixels
        await asyncio.to_thread(make_sheet, sources, target, cell, COLUMNS, format, max_pixels=pixels)
        await register(uow.session, BUCKET, PREFIXES[format], sheet.id, await size_of(target))
        await storage.put(BUCKET, PREFIXES[format], sheet.id, target, MEDIA_TYPES[format])
