"""Full-text search."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.errors import BadRequest, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.schemas.base import Text
from kitsu_api.schemas.search import AllHits, Kind, SearchQuery, SearchResults
from kitsu_api.services import search as service

router = APIRouter(tags=["Search"], responses=errors(BadRequest, Unauthorized))

KINDS: tuple[Kind, ...] = (
    *("assets", "shots", "sequences", "episodes"),
    *("persons", "tasks", "comments", "playlists"),
)


@router.post("/data/search", summary="Search everything", response_model=SearchResults)
async def search(query: SearchQuery, session: Session, actor: Actor = allow(anyone)) -> Response:
    """Assets, shots and people whose name or description has words that begin as those of the query.

    Case and accents make no difference. Where nothing is spelt so, what is spelt alike is found. A kind
    without hits is absent from the answer.
    """
    wish = service.Wish(
        query=query.query,
        kinds=tuple(dict.fromkeys(query.index_names)),
        limit=query.limit,
        offset=query.offset,
        project_id=query.project_id,
        entity_types=query.entity_types,
    )
    return Response(await service.find_rows(session, actor, wish), media_type="application/json")


@router.get("/data/search/all", operation_id="search_all", summary="Search all kinds")
async def search_all(
    q: Annotated[Text, Query(min_length=1, max_length=200, description="Words, or their beginnings.")],
    session: Listing,
    kind: Annotated[list[Kind] | None, Query(description="Only these kinds; repeat it.")] = None,
    project_id: Annotated[UUID | None, Query(description="Only in this production.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Hits of each kind.")] = 10,
    offset: Annotated[int, Query(ge=0, le=10_000, description="Hits of each kind to leave out.")] = 0,
    actor: Actor = allow(anyone),
) -> AllHits:
    """Hits of every kind that the caller may see, with the places of the words in them.

    Tasks are found by their type and by what they are on; comments by their text, the newest first.
    """
    wish = service.Wish(
        query=q,
        kinds=tuple(dict.fromkeys(kind or KINDS)),
        limit=limit,
        offset=offset,
        project_id=project_id,
    )
    results, alike = await service.find_hits(session, actor, wish)
    return AllHits(query=q, alike=alike, limit=limit, offset=offset, results=results)
