"""How much the studio holds."""

from __future__ import annotations

from fastapi import APIRouter

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.stats import count_everything
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.schemas.status import StudioCounts

router = APIRouter(tags=["Status"])


@router.get("/stats", summary="Count previews and comments")
async def get_stats(session: Session, actor: Actor = allow(admins)) -> StudioCounts:
    """Previews by kind, and comments, of all productions. For admins."""
    return await count_everything(session)
