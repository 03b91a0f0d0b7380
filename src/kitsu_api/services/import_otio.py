"""Edits become sequences and shots: made where they are missing, and put where the edit has them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from kitsu_api.db.repositories.import_otio import EditedShots
from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.repositories.quotas import frame_rate
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.schemas.import_otio import CONVENTION, CONVENTION_OF_EPISODES, EditOptions
from kitsu_api.services import standing_rows
from kitsu_api.services.edl import Cut
from kitsu_api.services.shot_names import NamingConvention, ShotName
from kitsu_api.services.timelines import LARGEST, read_timeline
from kitsu_api.unit_of_work import UnitOfWork

Names = tuple[UUID | None, str]
"""A parent's id, and the name of what it holds."""


@dataclass(frozen=True)
class Place:
    """Where a shot lies in the edit; frames count from 0."""

    first: int
    frames: int


async def import_edit(
    uow: UnitOfWork,
    project_id: UUID,
    episode_id: UUID | None,
    file_name: str,
    file: BinaryIO,
    options: EditOptions,
) -> bytes:
    """Make and change the shots that an edit holds; those made and those changed, as a JSON object.

    Clips that the naming convention doesn't fit are left out: music, titles, other productions' pictures.

    Raises:
        BadRequest: the file is none that can be read, or none of its clips fits the convention.
    """
    content = await asyncio.to_thread(file.read, LARGEST + 1)
    shots = EditedShots(uow.session, project_id)
    name, rate = await shots.facts()
    suffix = PurePosixPath(file_name.replace("\\", "/")).suffix.lower()
    cuts = await asyncio.to_thread(read_timeline, suffix, content, frame_rate(rate))
    convention = NamingConvention(
        options.naming_convention or (CONVENTION_OF_EPISODES if episode_id else CONVENTION),
        match_case=options.match_case,
        project_name=name,
        episode_name=await shots.name_of(episode_id) if episode_id else None,
    )
    found = await asyncio.to_thread(_places, cuts, convention, match_case=options.match_case)
    await lock(uow.session, "edit", project_id)
    return await _Import(uow, shots, match_case=options.match_case).run(episode_id, found)


def _places(cuts: Iterable[Cut], convention: NamingConvention, *, match_case: bool) -> dict[ShotName, Place]:
    """Where shots lie. One that is cut into pieces which follow on each other is as long as they are
    together; one that comes again later keeps its first place."""
    places: dict[ShotName, Place] = {}
    spelled: dict[tuple[str | None, ...], ShotName] = {}
    other: str | None = None
    for cut in cuts:
        name = convention.read(cut.name)
        if name is None:
            other = other or cut.name
            continue
        parts = (name.episode, name.sequence, name.shot)
        key = parts if match_case else tuple(part and part.lower() for part in parts)
        name = spelled.setdefault(key, name)
        place = places.get(name)
        if place is None:
            places[name] = Place(cut.start, cut.frames)
        elif cut.start == place.first + place.frames:
            places[name] = Place(place.first, place.frames + cut.frames)
    if not places:
        example = "".join(c for c in (other or "")[:100] if c.isprintable())
        raise BadRequest(
            f"No clip is named like {convention.text}."
            + (f" The first clip is called “{example}”." if example else " The clips have no names.")
        )
    return places


class _Import:
    """The rows of one edit, level by level: each is looked up and inserted as a whole."""

    def __init__(self, uow: UnitOfWork, shots: EditedShots, *, match_case: bool) -> None:
        self.uow = uow
        self.shots = shots
        self.match_case = match_case
        self.project_id = shots.project_id

    async def run(self, episode_id: UUID | None, places: Mapping[ShotName, Place]) -> bytes:
        """Make what is missing, change the rest, and answer both."""
        above: dict[str | None, UUID | None] = {None: episode_id}
        if named := list(dict.fromkeys(name.episode for name in places if name.episode is not None)):
            episodes, _ = await self._rows("Episode", {(None, name): {} for name in named})
            above.update({name: episodes[None, name] for name in named})
        wanted: dict[Names, dict[str, Any]] = {
            (above[name.episode], name.sequence): {"description": ""} for name in places
        }
        sequences, _ = await self._rows("Sequence", wanted)
        sequence_of = {name: sequences[above[name.episode], name.sequence] for name in places}
        episode_of: dict[UUID | None, UUID | None] = {
            sequence_of[name]: above[name.episode] for name in places
        }
        wanted = {
            (sequence_of[name], name.shot): {
                "nb_frames": place.frames,
                "data": {"frame_in": place.first, "frame_out": place.first + place.frames - 1},
            }
            for name, place in places.items()
        }
        ids, made = await self._rows("Shot", wanted, episode_of)
        frames = {ids[sequence_of[name], name.shot]: place for name, place in places.items()}
        here = {id: (place.first, place.frames) for id, place in frames.items() if id not in made}
        await self.shots.set_frames(here)
        for id in here:
            self.uow.emit(record_event("shot", "update", id, self.project_id))
        created = await self.shots.created_json([id for id in frames if id in made])
        updated = await self.shots.updated_json(list(here))
        return b'{"created_shots":' + created + b',"updated_shots":' + updated + b"}"

    async def _rows(
        self,
        kind: str,
        wanted: Mapping[Names, Mapping[str, Any]],
        episode_of: Mapping[UUID | None, UUID | None] | None = None,
    ) -> tuple[dict[Names, UUID], set[UUID]]:
        """Entities of a kind by parent and name, and the ids of those that had to be made."""
        type_id = (await standing_rows.entity_type(self.uow.session, kind)).id
        here = await self.shots.named(
            type_id, {self._key(names) for names in wanted}, match_case=self.match_case
        )
        ids: dict[Names, UUID] = {}
        new: list[dict[str, Any]] = []
        for names, values in wanted.items():
            key = self._key(names)
            if key not in here:
                here[key] = uuid4()
                parent, name = names
                new.append({"data": {}, **values, "id": here[key], "name": name, "parent_id": parent})
            ids[names] = here[key]
        common = {"project_id": self.project_id, "entity_type_id": type_id, "created_by": self.uow.actor_id}
        await self.shots.add([{**common, **row} for row in new])
        for row in new:
            more = {"episode_id": episode_of[row["parent_id"]]} if episode_of is not None else {}
            self.uow.emit(record_event(kind.lower(), "new", row["id"], self.project_id, **more))
        return ids, {row["id"] for row in new}

    def _key(self, names: Names) -> Names:
        return names if self.match_case else (names[0], names[1].lower())
