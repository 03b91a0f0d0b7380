"""Files of previews on the local disk, and what is made of single frames of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import PreviewFile
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.later import movies, tiles
from kitsu_api.services import preview_storage as places
from kitsu_api.services.preview_making import pictures_of_frame
from kitsu_api.services.preview_uploads import store
from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork


async def file_of(
    session: AsyncSession, storage: FileStorage, preview: PreviewFile, place: places.Place, folder: Path
) -> Path:
    """A file of a preview on the local disk, to be read.

    Raises:
        NotFound: it isn't in storage.
    """
    found = await places.locate(session, storage, preview, place)
    try:
        if found is not None:
            return await storage.borrow(*found, preview.id, folder / found[1])
    except MissingFile:
        pass
    raise NotFound("The file of this preview is not in storage.")


def check_movie(preview: PreviewFile) -> None:
    """Make sure that a preview is a movie.

    Raises:
        NotFound: it is none.
    """
    if not places.is_movie(preview):
        raise NotFound("This preview is no movie.")


@asynccontextmanager
async def borrowed(
    uow: UnitOfWork, storage: FileStorage, preview: PreviewFile, place: places.Place
) -> AsyncIterator[tuple[Path, Path]]:
    """A file of a preview on the local disk, and a folder for what is made of it, gone with the block. No
    transaction is open meanwhile.

    Raises:
        NotFound: it isn't in storage.
        BadRequest: the block finds that it can't be read.
    """
    with temporary_folder(uow.settings) as folder:
        path = await file_of(uow.session, storage, preview, place, folder)
        await uow.pause()
        try:
            yield path, folder
        except BrokenMedia as error:
            raise BadRequest(str(error)) from error


async def frame(uow: UnitOfWork, storage: FileStorage, preview: PreviewFile, number: int) -> bytes:
    """A frame of a movie, counted from 0, as PNG.

    Raises:
        NotFound: the preview is no movie, or it isn't in storage.
        BadRequest: it has no such frame, or can't be read.
    """
    check_movie(preview)
    async with borrowed(uow, storage, preview, places.HIGH) as (movie, folder):
        target = folder / "wanted.png"
        await asyncio.to_thread(movies.extract_frame, movie, number, target)
        return await asyncio.to_thread(target.read_bytes)


async def remake_tiles(uow: UnitOfWork, storage: FileStorage, preview: PreviewFile) -> None:
    """Make the contact sheet of a movie anew, and store it.

    Raises:
        NotFound: the preview is no movie, or it isn't in storage.
        BadRequest: it can't be read.
    """
    check_movie(preview)
    async with borrowed(uow, storage, preview, places.HIGH) as (movie, folder):
        target = folder / "tiles.png"
        await asyncio.to_thread(tiles.make_tiles, movie, target)
        await store(uow, storage, preview, {places.TILES: target})


async def remake_pictures(uow: UnitOfWork, storage: FileStorage, preview: PreviewFile, number: int) -> None:
    """Make the pictures of a movie anew, of another frame, counted from 0. Pictures stay as they are.

    Raises:
        NotFound: the movie isn't in storage.
        BadRequest: it has no such frame, or can't be read.
    """
    if not places.is_movie(preview):
        return
    async with borrowed(uow, storage, preview, places.HIGH) as (movie, folder):
        made = await asyncio.to_thread(pictures_of_frame, movie, number, folder, uow.settings)
        await store(uow, storage, preview, made)
