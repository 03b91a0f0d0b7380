"""Contact sheets that a path names: who sees all that is on one sees the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import orjson
from redis.exceptions import RedisError

from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewPlace
from kitsu_api.errors import NotFound, Unavailable
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor, Valkey
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.previews import sees
from kitsu_api.unit_of_work import Uow

AWAY = "Contact sheets are not to be had right now. Read the thumbnails one by one, or try again."


@dataclass(frozen=True)
class SheetPlace:
    """What a sheet shows, in its order."""

    id: UUID
    kind: str
    preview_ids: tuple[UUID, ...]
    previews: tuple[PreviewPlace, ...]


def sheet_key(id: UUID) -> str:
    """Under which key Valkey has what a sheet shows."""
    return f"kitsu-api:sheet:{id}"


async def _sheet(sheet_id: UUID, uow: Uow, valkey: Valkey, actor: CurrentActor) -> SheetPlace:
    """A sheet that was ordered lately.

    Raises:
        NotFound: there is none, or something of it is gone.
        Unavailable: Valkey can't be reached.
    """
    try:
        content = await valkey.get(sheet_key(sheet_id))
    except RedisError as error:
        raise Unavailable(AWAY) from error
    if content is None:
        raise NotFound
    known = orjson.loads(content)
    ids = tuple(UUID(text) for text in known["ids"])
    found = await PreviewMedia(uow.session).places(ids, actor.id)
    if len(found) != len(ids):
        raise NotFound
    return SheetPlace(sheet_id, known["kind"], ids, tuple(found.values()))


def _sees_all(actor: Actor, sheet: SheetPlace) -> bool:
    return all(sees(actor, place) for place in sheet.previews)


SeenSheet = Annotated[SheetPlace, guard(_sheet, _sees_all)]
