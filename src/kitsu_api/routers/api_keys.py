"""API keys: how scripts sign in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.api_keys import ApiKeys
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.api_key_places import EndableKey, HeldKey, KeyKeeper
from kitsu_api.permissions.authentication import CurrentActor, Valkey
from kitsu_api.schemas import api_keys as s
from kitsu_api.services import api_keys as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/api-keys",
    tags=["API keys"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


@router.get("", operation_id="list_api_keys", summary="List API keys")
async def list_api_keys(
    actor: KeyKeeper,
    session: Session,
    person_id: Annotated[UUID | None, Query(description="For admins: whose; absent: one's own.")] = None,
) -> list[s.ApiKeyRead]:
    """The caller's keys, by name, without secrets; an admin may ask for those of anybody."""
    owner_id = person_id or actor.id
    if owner_id != actor.id and not actor.is_admin:
        return []
    return [service.shown(key) for key in await ApiKeys(session).of(owner_id)]


@router.post("", status_code=201, operation_id="create_api_key", summary="Make an API key")
async def create_api_key(actor: KeyKeeper, wish: s.ApiKeyCreate, uow: Uow) -> s.ApiKeyWithSecret:
    """A key for the caller, or, by an admin, for a bot. It is in this answer and in no other.

    A key does at most what its owner may, at any time. It reaches neither passwords, second factors and
    tokens, nor keys.
    """
    return await service.create(uow, actor, wish)


@router.get("/{id}", operation_id="get_api_key", summary="Get an API key")
async def get_api_key(owned: EndableKey) -> s.ApiKeyRead:
    """A key, without its secret."""
    return service.shown(owned[0])


@router.put("/{id}", operation_id="update_api_key", summary="Change an API key")
async def update_api_key(owned: HeldKey, wish: s.ApiKeyUpdate, actor: CurrentActor, uow: Uow) -> s.ApiKeyRead:
    """Change the name or the limits of a key."""
    return await service.change(uow, actor, owned[0], wish)


@router.post("/{id}/rotate", operation_id="rotate_api_key", summary="Rotate an API key")
async def rotate_api_key(owned: HeldKey, uow: Uow) -> s.ApiKeyWithSecret:
    """Another secret with the same name and limits; the one before opens nothing any more."""
    return await service.rotate(uow, owned[0])


@router.delete("/{id}", status_code=204, operation_id="delete_api_key", summary="Delete an API key")
async def delete_api_key(owned: EndableKey, uow: Uow, valkey: Valkey) -> Response:
    """End a key at once, with what listens by it. Admins may end anybody's."""
    await service.end(uow, valkey, owned[0])
    return Response(status_code=204)
