"""Full-text search."""

from __future__ import annotations

from fastapi import APIRouter

from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.schemas.search import SearchQuery, SearchResults

router = APIRouter(tags=["Search"])


@router.post("/data/search", summary="Search everything", response_model_exclude_unset=True)
async def search(query: SearchQuery, actor: Actor = allow(anyone)) -> SearchResults:
    """Hits among assets, shots and people. A server without an index answers with no kinds at all: `{}`."""
    return SearchResults()
