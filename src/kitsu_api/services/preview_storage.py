"""Where the files of previews lie, and which of them are there.

What was seen of a file is noted in `preview_file_storage_state`, so that a page of thumbnails asks the
storage for none that isn't there; which movies a preview has is noted in its own `data.movie_prefixes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.errors import BadRequest
from kitsu_api.storage.files import Bucket, FileStorage, MissingFile

Place = tuple[Bucket, str]
"""A bucket and a prefix."""

THUMBNAIL: Final[Place] = ("pictures", "thumbnails")
SQUARE: Final[Place] = ("pictures", "thumbnails-square")
PREVIEW: Final[Place] = ("pictures", "previews")
ORIGINAL: Final[Place] = ("pictures", "original")
TILES: Final[Place] = ("pictures", "tiles")
HIGH: Final[Place] = ("movies", "previews")
LOW: Final[Place] = ("movies", "lowdef")
SOURCE: Final[Place] = ("movies", "source")
FILE: Final[Place] = ("files", "previews")

MOVIES: Final = (HIGH, LOW, SOURCE)
FALLBACKS: Final[dict[Place, tuple[Place, ...]]] = {HIGH: (HIGH, SOURCE), LOW: (LOW, HIGH, SOURCE)}
"""What stands in for a movie that isn't there."""

PICTURE_EXTENSIONS: Final = frozenset(
    {"png", "jpg", "jpeg", "jpe", "gif", "webp", "tif", "tiff", "bmp", "tga", "avif"}
)
MOVIE_EXTENSIONS: Final = frozenset(
    {"mp4", "mov", "avi", "mkv", "webm", "wmv", "m4v", "mxf", "mpg", "mpeg", "ts", "flv", "ogv", "asf"}
)
FILE_TYPES: Final = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/plain",
    "diff": "text/plain",
    "patch": "text/plain",
    "glb": "model/gltf-binary",
    "hdr": "image/vnd.radiance",
    "exr": "image/x-exr",
    "zip": "application/zip",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
} | dict.fromkeys(
    (
        *(
            "svg",
            "html",
            "json",
            "csv",
            "xml",
            "rtf",
            "doc",
            "docx",
            "xls",
            "xlsx",
            "ppt",
            "pptx",
            "odt",
            "ods",
        ),
        *(
            "gltf",
            "obj",
            "mtl",
            "fbx",
            "abc",
            "usd",
            "usda",
            "usdc",
            "usdz",
            "dae",
            "stl",
            "ply",
            "vdb",
            "ass",
        ),
        *(
            "blend",
            "ma",
            "mb",
            "max",
            "c4d",
            "hip",
            "hipnc",
            "hiplc",
            "ztl",
            "zpr",
            "spp",
            "sbs",
            "sbsar",
            "nk",
        ),
        *(
            "psd",
            "psb",
            "ai",
            "eps",
            "indd",
            "kra",
            "ora",
            "clip",
            "xcf",
            "tvpp",
            "tnz",
            "xd",
            "sketch",
            "fig",
        ),
        *(
            "aep",
            "aepx",
            "prproj",
            "drp",
            "edl",
            "otio",
            "otioz",
            "fcpxml",
            "ale",
            "swf",
            "fla",
            "xfl",
            "dpx",
        ),
        *(
            "cin",
            "cr2",
            "nef",
            "dng",
            "heic",
            "jp2",
            "rar",
            "7z",
            "tar",
            "gz",
            "ogg",
            "aac",
            "flac",
            "aiff",
            "mid",
        ),
        *("srt", "vtt", "cube", "icc", "rv", "ttf", "otf", "log", "yaml", "yml", "toml", "epub"),
    ),
    "application/octet-stream",
)
"""Files that are kept as they are, and the types they are told to be. What runs by itself isn't taken."""

EXTENSIONS: Final = PICTURE_EXTENSIONS | MOVIE_EXTENSIONS | frozenset(FILE_TYPES)


def is_movie(preview: PreviewFile) -> bool:
    """Whether a preview is a movie, by its extension."""
    return (preview.extension or "").lower() in MOVIE_EXTENSIONS


def is_still(preview: PreviewFile) -> bool:
    """Whether a preview is a picture, by its extension."""
    return (preview.extension or "").lower() in PICTURE_EXTENSIONS


def extension_of(name: str) -> str:
    """The extension of a file's name, in small letters and without its dot."""
    return PurePosixPath(name.replace("\\", "/")).suffix.removeprefix(".").lower()


def check_extension(extension: str) -> str:
    """An extension that previews may have, in small letters.

    Raises:
        BadRequest: they may not.
    """
    plain = extension.lower()
    if plain not in EXTENSIONS:
        raise BadRequest(f"Extension not allowed: {plain[:20]}")
    return plain


def media_type(place: Place, preview: PreviewFile) -> str:
    """The media type of a file of a preview."""
    extension = (preview.extension or "").lower()
    if place[0] == "movies":
        return "video/mp4"
    if place[0] == "pictures":
        return "image/gif" if place == ORIGINAL and extension == "gif" else "image/png"
    return FILE_TYPES.get(extension, "application/octet-stream")


def own_place(preview: PreviewFile) -> Place:
    """Where the file that a preview is about lies."""
    if is_movie(preview):
        return HIGH
    return ORIGINAL if is_still(preview) else FILE


async def is_stored(storage: FileStorage, place: Place, preview: PreviewFile) -> bool:
    """Whether a file of a preview is in storage, by asking it."""
    try:
        await storage.stat(*place, preview.id)
    except MissingFile:
        return False
    return True


async def locate(
    session: AsyncSession, storage: FileStorage, preview: PreviewFile, place: Place
) -> Place | None:
    """Where a file of a preview lies, or what stands in for it; None when it isn't there."""
    if place in FALLBACKS:
        return await _locate_movie(session, storage, preview, FALLBACKS[place])
    if place == SOURCE:
        return place
    return await _first(session, storage, preview, (place,))


async def _first(
    session: AsyncSession, storage: FileStorage, preview: PreviewFile, places: Sequence[Place]
) -> Place | None:
    """The first of these that is there, by what is known of them, or else by asking the storage."""
    media = PreviewMedia(session)
    known = await media.states(preview.id)
    recent = now() - timedelta(seconds=storage.settings.preview_recheck_delay)
    found: Place | None = None
    seen: dict[tuple[str, str], str] = {}
    for place in places:
        state, since = known.get(place, (None, None))
        if state not in (None, "ok") and since is not None and since > recent:
            continue
        if state != "ok":
            seen[place] = "ok" if await is_stored(storage, place, preview) else "missing"
        if seen.get(place, state) == "ok":
            found = place
            break
    # while it is made, a file that is missing now may be there in a moment
    if preview.status == "processing":
        seen = {place: state for place, state in seen.items() if state == "ok"}
    await media.note_states(preview.id, seen, seen=True)
    return found


async def _locate_movie(
    session: AsyncSession, storage: FileStorage, preview: PreviewFile, places: Sequence[Place]
) -> Place | None:
    prefixes = preview.data.get("movie_prefixes") if isinstance(preview.data, dict) else None
    if isinstance(prefixes, list):
        return next((place for place in places if place[1] in prefixes), None)
    found = await _first(session, storage, preview, places)
    if found is not None and preview.status != "processing":
        stored = [place[1] for place in MOVIES if place == found or await is_stored(storage, place, preview)]
        await PreviewMedia(session).note_prefixes(preview.id, stored)
    return found
