"""What the movie of a playlist is made of: its clips, its size and its rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import PreviewFile, Project
from kitsu_api.db.repositories.playlist_builds import PlaylistBuilds
from kitsu_api.media.later import probing
from kitsu_api.services import preview_storage
from kitsu_api.services.playlist_builds import is_shown_in_movies
from kitsu_api.services.playlist_watching import entity_of, entries_of, preview_of
from kitsu_api.services.preview_storage import Place
from kitsu_api.settings import Settings

DEFAULT_SIZE: Final = (1920, 1080)
LOW_WIDTH: Final = 1280
"""Pixels that a movie is wide at most which isn't wanted in the production's size."""

SMALLEST, LARGEST = 16, 8192
"""Pixels that a side of a movie may have."""

FASTEST: Final = 120
STILL_SECONDS: Final = 2
"""How long a picture is shown."""

NAMED: Final = 5
"""Entries that a message about those left out names."""


@dataclass(frozen=True)
class Entry:
    """An entry of a playlist: what its movie may show of it, and how it is called."""

    name: str
    preview: PreviewFile | None
    """None when there is nothing that could be shown."""


@dataclass(frozen=True)
class MoviePlan:
    """What the movie of a playlist is made of."""

    entries: Sequence[Entry]
    places: Sequence[Place]
    """Where movies are looked for, one place after the other."""
    width: int
    height: int
    rate: Fraction
    bitrate: int
    """At most so many Mbit/s."""

    @property
    def still_frames(self) -> int:
        """Frames for which a picture is shown."""
        return max(1, round(STILL_SECONDS * self.rate))


def size_of(resolution: str | None, *, full: bool) -> tuple[int, int]:
    """Width and height of the movies of a production: `2048x858`, or `1080` for the height of 16:9."""
    parts = [part.strip() for part in (resolution or "").lower().replace("*", "x").split("x")]
    numbers = [int(part) for part in parts if part.isdecimal() and SMALLEST <= int(part) <= LARGEST]
    width, height = DEFAULT_SIZE
    if len(numbers) == len(parts) == 2:
        width, height = numbers
    elif len(numbers) == len(parts) == 1:
        width, height = round(numbers[0] * 16 / 9), numbers[0]
    if full or width <= LOW_WIDTH:
        return width, height
    return LOW_WIDTH, max(SMALLEST, round(height * LOW_WIDTH / width))


def rate_of(fps: str | None) -> Fraction:
    """Frames a second of a production: `23.976` means 24000/1001, `24000/1001` too."""
    try:
        rate = Fraction((fps or "").strip().replace(",", "."))
    except (ValueError, ZeroDivisionError):
        return probing.DEFAULT_RATE
    if not 1 <= rate <= FASTEST:
        return probing.DEFAULT_RATE
    return probing.known_rate(rate) or rate.limit_denominator(1001)


async def plan(session: AsyncSession, settings: Settings, build_id: UUID, *, full: bool) -> MoviePlan | None:
    """What the movie of a build is made of; None when the build is gone."""
    builds = PlaylistBuilds(session)
    found = await builds.find(build_id)
    if found is None:
        return None
    _, playlist, production = found
    entries = entries_of(playlist)
    wanted = {id for id in map(preview_of, entries) if id is not None}
    previews = await builds.previews(playlist.project_id, wanted)
    entities = {id for id in map(entity_of, entries) if id is not None}
    names = await builds.entity_names(playlist.project_id, entities)
    shown = []
    for entry in entries:
        id, entity_id = preview_of(entry), entity_of(entry)
        preview = None if id is None else previews.get(id)
        usable = preview is not None and is_shown_in_movies(preview)
        name = names.get(entity_id, "") if entity_id else ""
        shown.append(Entry(name or "an entity that is gone", preview if usable else None))
    place = preview_storage.HIGH if full else preview_storage.LOW
    width, height = size_of(None if production is None else production.resolution, full=full)
    return MoviePlan(
        entries=shown,
        places=preview_storage.FALLBACKS[place],
        width=width,
        height=height,
        rate=rate_of(None if production is None else production.fps),
        bitrate=_bitrate(settings, production, full=full),
    )


def _bitrate(settings: Settings, production: Project | None, *, full: bool) -> int:
    own = None
    if production is not None:
        own = production.hd_bitrate_compression if full else production.ld_bitrate_compression
    default = settings.movie_highdef_bitrate if full else settings.movie_lowdef_bitrate
    return own if own is not None and own > 0 else default


def told_of_left_out(names: Sequence[str], entries: int) -> str | None:
    """What a build says of entries that its movie does not show; None when it shows all."""
    if not names:
        return None
    named = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    return (
        f"{len(names)} of {entries} entries were left out, for they have no movie or picture that is ready "
        f"and whole: {named}"
    )
