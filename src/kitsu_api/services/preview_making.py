"""What is made of an uploaded file: pictures in four sizes, movies in two, contact sheets.

Everything here blocks and works on the local disk alone: call it in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from kitsu_api.db.repositories.preview_media import PreviewTask
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.later import movies, probing, tiles
from kitsu_api.media.pictures import make_picture_files
from kitsu_api.media.sniffing import sniff
from kitsu_api.services import preview_storage as places
from kitsu_api.services.annotations import rate_of
from kitsu_api.services.preview_storage import Place
from kitsu_api.settings import Settings

PICTURES = ("picture", "gif")


@dataclass(frozen=True)
class ReceivedFile:
    """A file that somebody sent, on the local disk; its size is in bytes."""

    path: Path
    name: str
    size: int


@dataclass(frozen=True)
class MoviePlan:
    """What is made of a movie."""

    wish: movies.MovieWish
    as_is: bool = False
    """It stays as it was uploaded."""
    skip_high: bool = False
    """It stays as it was uploaded, and a low definition is made beside it."""
    keep_source: bool = False


@dataclass(frozen=True)
class MadeFiles:
    """Files of a preview on the local disk, by where they go, and columns of its row."""

    files: dict[Place, Path]
    values: dict[str, Any] = field(default_factory=dict)
    unfinished: bool = False
    """A job has yet to make what is missing."""


Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


async def size_of(path: Path) -> int:
    """The size of a file in bytes."""
    return (await asyncio.to_thread(path.stat)).st_size


def silent(done: int, total: int) -> None:
    """Nobody watches."""


def never() -> bool:
    """Nobody cancels."""
    return False


def plan_of(settings: Settings, task: PreviewTask | None, *, normalize: bool = True) -> MoviePlan:
    """What is made of a movie for a task: the production's size, rate and bit rates, or the server's."""
    width, height = _size(task.resolution if task else None)
    wish = movies.MovieWish(
        width=width,
        height=height,
        rate=_rate(task) if task else None,
        high_bitrate=(task and task.high_bitrate) or settings.movie_highdef_bitrate,
        low_bitrate=(task and task.low_bitrate) or settings.movie_lowdef_bitrate,
        preset=settings.movie_encoding_preset,
        vbv_factor=settings.movie_vbv_bufsize_factor,
    )
    as_is = settings.skip_normalization or not normalize
    return MoviePlan(wish, as_is, settings.skip_normalization_high, settings.preview_save_source_file)


def _rate(task: PreviewTask) -> Fraction:
    """The frames a second of an entity; `23.976` means 24000/1001, so that such movies needn't be encoded."""
    rate = Fraction(rate_of(task))
    return probing.known_rate(rate) or rate.limit_denominator(1001)


def _size(resolution: str | None) -> tuple[int | None, int | None]:
    """Width and height of `1920x1080`; of `1080`, the height alone."""
    numbers = [int(part) for part in (resolution or "").lower().split("x") if part.strip().isdecimal()]
    if len(numbers) == 2 and all(16 <= number <= 16_384 for number in numbers):
        return numbers[0], numbers[1]
    if len(numbers) == 1 and 16 <= numbers[0] <= 16_384:
        return None, numbers[0]
    return None, None


def make_files(
    received: ReceivedFile, extension: str, folder: Path, plan: MoviePlan, settings: Settings, *, now: bool
) -> MadeFiles:
    """What is made of an upload at once: everything, but of a movie that needn't be made `now` nothing.

    Pictures are always made at once: whether they are whole shows when they are read.

    Raises:
        BrokenMedia: the file is not what its name says, is damaged, or has more pixels than may be.
    """
    if extension in places.FILE_TYPES:
        return MadeFiles({places.FILE: received.path}, {"extension": extension, "file_size": received.size})
    kind = sniff(received.path, extension)
    if kind in PICTURES:
        return make_pictures(received.path, folder, settings)
    if kind != "movie":
        raise BrokenMedia("The file is neither a picture nor a movie that can be read.")
    if now:
        return make_movies(received.path, folder, plan, settings)
    place = places.HIGH if plan.as_is else places.SOURCE
    values = _movie_values(movies.probe(received.path), received.size, [place[1]])
    return MadeFiles({place: received.path}, {**values, "extension": "mp4"}, unfinished=True)


def make_pictures(source: Path, folder: Path, settings: Settings) -> MadeFiles:
    """The pictures of a picture.

    Raises:
        BrokenMedia: it is damaged, or has more pixels than may be.
    """
    made = make_picture_files(source, folder, max_pixels=settings.max_image_pixels)
    extension = "gif" if made.original.suffix == ".gif" else "png"
    files = {
        places.ORIGINAL: made.original,
        places.PREVIEW: made.preview,
        places.THUMBNAIL: made.thumbnail,
        places.SQUARE: made.square,
    }
    size = made.original.stat().st_size
    values = {"width": made.width, "height": made.height, "file_size": size, "extension": extension}
    return MadeFiles(files, values)


def pictures_of_frame(movie: Path, number: int, folder: Path, settings: Settings) -> dict[Place, Path]:
    """The pictures of a movie, made of one of its frames, counted from 0.

    Raises:
        BrokenMedia: the movie can't be read, or has no such frame.
    """
    frame = folder / "frame.png"
    movies.extract_frame(movie, number, frame)
    return make_pictures(frame, folder, settings).files


def make_movies(
    source: Path,
    folder: Path,
    plan: MoviePlan,
    settings: Settings,
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> MadeFiles:
    """The movies of a movie, its pictures and its contact sheet.

    Raises:
        BrokenMedia: it is damaged, or larger than may be.
        MediaCancelled: `cancelled` said so.
    """
    found = movies.probe(source)
    files: dict[Place, Path] = {places.HIGH: source}
    facts = found
    if not plan.as_is:
        high, low = None if plan.skip_high else folder / "high.mp4", folder / "low.mp4"
        facts = movies.normalise(source, high, low, plan.wish, progress=progress, cancelled=cancelled)
        facts = found if plan.skip_high else facts
        files = {places.HIGH: high or source, places.LOW: low}
        if plan.keep_source:
            files[places.SOURCE] = source
    shown = files[places.HIGH]
    files.update(pictures_of_frame(shown, 0, folder, settings))
    sheet = folder / "tiles.png"
    tiles.make_tiles(shown, sheet)
    files[places.TILES] = sheet
    prefixes = [place[1] for place in places.MOVIES if place in files]
    values = _movie_values(found, source.stat().st_size, prefixes)
    values |= {"width": facts.width, "height": facts.height, "duration": facts.duration}
    return MadeFiles(files, {**values, "file_size": shown.stat().st_size, "extension": "mp4"})


def _movie_values(facts: movies.MovieFacts, size: int, prefixes: list[str]) -> dict[str, Any]:
    duration = round(facts.duration, 6)
    data = {
        "movie_prefixes": prefixes,
        "original_width": facts.width,
        "original_height": facts.height,
        "original_duration": duration,
        "original_file_size": size,
    }
    return {
        "width": facts.width,
        "height": facts.height,
        "duration": duration,
        "file_size": size,
        "data": data,
    }
