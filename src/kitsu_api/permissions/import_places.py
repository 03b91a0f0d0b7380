"""What imports of estimations name."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import TaskType
from kitsu_api.db.repositories.entity_lists import EntityLists
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.places import ManagedProject


async def _task_type(project_id: ManagedProject, task_type_id: UUID, session: Session) -> UUID:
    """The id of a task type, for those who run the production.

    Raises:
        NotFound: there is none.
    """
    if not await Records(session, TaskType).exists(TaskType.id == task_type_id):
        raise NotFound
    return task_type_id


async def _episode(project_id: ManagedProject, episode_id: UUID, session: Session) -> UUID:
    """The id of an episode of the production, for those who run it.

    Raises:
        NotFound: the production has no such episode.
    """
    if await EntityLists(session).place(episode_id) != (project_id, "Episode"):
        raise NotFound
    return episode_id


def _runs(actor: Actor, id: UUID) -> bool:
    """The production's own guard has let the caller pass."""
    return True


EstimatedTaskType = Annotated[UUID, guard(_task_type, _runs)]
EstimatedEpisode = Annotated[UUID, guard(_episode, _runs)]
