"""The same picture in several sizes and forms: which there are, and making those that are missing.

A form is good as long as the register of files has it. Whoever changes the picture that it was made of takes
it off the register, in the same transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.repositories.stored_files import hold_version, register_all, registered, version_of
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.small_pictures import Format, make_small
from kitsu_api.services.preview_making import size_of
from kitsu_api.services.preview_storage import PREVIEW, SQUARE, THUMBNAIL, Place
from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork

MEDIA_TYPES: Final[Mapping[Format, str]] = MappingProxyType(
    {"avif": "image/avif", "webp": "image/webp", "png": "image/png"}
)
"""The forms that pictures come in, the smallest first."""

MAKE_JOB: Final = "make_picture_forms"


class ThumbnailWidth(IntEnum):
    """Widths of thumbnails in pixels; they are two thirds as high."""

    SMALL = 150
    DOUBLE = 300
    LARGE = 600


class SquareWidth(IntEnum):
    """Widths of square thumbnails in pixels."""

    SMALL = 100
    DOUBLE = 200
    LARGE = 400


class PreviewWidth(IntEnum):
    """Widths of whole pictures in pixels."""

    HALF = 600
    FULL = 1200


class AvatarWidth(IntEnum):
    """Widths of pictures of people, productions and the studio in pixels; they are square."""

    SMALL = 100
    HALF = 200
    FULL = 400


@dataclass(frozen=True, eq=False)
class PictureKind:
    """A picture that comes in several sizes: where it lies, and where what larger ones are made of."""

    name: str
    place: Place
    source: Place
    heights: Mapping[int, int | None]
    """By width, in pixels; None: as high as the picture is."""
    default: int


@dataclass(frozen=True)
class PictureForm:
    """A kind of picture in one width and form."""

    kind: PictureKind
    width: int
    format: Format

    @property
    def is_original(self) -> bool:
        """Whether this is the picture that is there anyway."""
        return self.format == "png" and self.width == self.kind.default

    @property
    def place(self) -> Place:
        """Where it lies."""
        return ("pictures", f"{self.kind.name}{self.width}{self.format}")

    @property
    def source(self) -> Place:
        """Where lies what it is made of."""
        return self.kind.place if self.width == self.kind.default else self.kind.source


THUMBNAILS: Final = PictureKind(
    "thumbnails", THUMBNAIL, PREVIEW, {width: width * 2 // 3 for width in ThumbnailWidth}, 150
)
SQUARES: Final = PictureKind("squares", SQUARE, PREVIEW, {width: int(width) for width in SquareWidth}, 100)
PREVIEWS: Final = PictureKind("previews", PREVIEW, PREVIEW, dict.fromkeys(PreviewWidth), 1200)
AVATARS: Final = PictureKind(
    "avatars", THUMBNAIL, THUMBNAIL, {width: int(width) for width in AvatarWidth}, 400
)

MADE_AHEAD: Final = (
    PictureForm(THUMBNAILS, 150, "avif"),
    PictureForm(THUMBNAILS, 300, "avif"),
    PictureForm(SQUARES, 100, "avif"),
    PictureForm(PREVIEWS, 1200, "avif"),
)
"""What a worker makes of a preview once it is ready: what browsers ask for."""


def best_format(accept: str) -> Format:
    """The form that a client wants most, as its `Accept` header says: AVIF and WebP only if they are named.

    Of forms that it likes equally it gets the smaller one.
    """
    qualities: dict[str, float] = {}
    for wish in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in wish.split(";"))
        qualities[kind] = _quality(parameters)
    png = qualities.get("image/png", qualities.get("image/*", qualities.get("*/*", 0.0)))
    liked: Format = "png"
    most = png
    for format in ("webp", "avif"):
        wanted = qualities.get(f"image/{format}", 0.0)
        if wanted > 0 and wanted >= most:
            liked, most = ("webp" if format == "webp" else "avif"), wanted
    return liked


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


async def is_made(session: AsyncSession, form: PictureForm, id: UUID) -> bool:
    """Whether a form of a picture is there, and made of the picture as it is now."""
    return await registered(session, *form.place, id)


async def make(uow: UnitOfWork, storage: FileStorage, id: UUID, forms: Sequence[PictureForm]) -> bool:
    """Make forms of a picture and store them; whether they are there now.

    They are not when the picture is not in storage, can't be read, or was changed meanwhile. No transaction
    is open while they are made.
    """
    sources = sorted({form.source for form in forms})
    version = await version_of(uow.session, sources, id)
    await uow.pause()
    with temporary_folder(uow.settings) as folder:
        try:
            paths = {place: await storage.borrow(*place, id, folder / place[1]) for place in sources}
            made = await asyncio.to_thread(_make_all, paths, folder, forms, uow.settings.max_image_pixels)
        except (MissingFile, BrokenMedia):
            return False
        # held: who changes the picture waits for this transaction, and takes these forms off afterwards
        if await hold_version(uow.session, sources, id) != version:
            return False
        # noted first: a purge that is about to remove older ones is over then, or lets them be
        sizes: dict[tuple[str, str], int] = {form.place: await size_of(path) for form, path in made.items()}
        await register_all(uow.session, id, sizes)
        for form, path in made.items():
            await storage.put(*form.place, id, path, MEDIA_TYPES[form.format])
    return True


def _make_all(
    sources: Mapping[Place, Path], folder: Path, forms: Sequence[PictureForm], max_pixels: int
) -> dict[PictureForm, Path]:
    made = {}
    for number, form in enumerate(forms):
        target = folder / f"form-{number}.{form.format}"
        height = form.kind.heights[form.width]
        make_small(sources[form.source], target, form.width, height, form.format, max_pixels=max_pixels)
        made[form] = target
    return made
