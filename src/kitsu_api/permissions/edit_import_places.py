"""Where an import goes to, and who may import there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.errors import NotFound
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import Place
from kitsu_api.permissions.policies.entities import manages
from kitsu_api.permissions.shot_places import episode_place


async def episode_of_project(
    project_id: UUID, episode_id: UUID, session: Session, actor: CurrentActor
) -> Place:
    """Where an episode is.

    Raises:
        NotFound: there is no such episode in this production.
    """
    place = await episode_place(episode_id, session, actor)
    if place.project_id != project_id:
        raise NotFound
    return place


EpisodeToFill = Annotated[Place, guard(episode_of_project, manages)]
