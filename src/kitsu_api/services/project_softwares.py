"""Which software a production works with on which task type."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Software, TaskType
from kitsu_api.db.repositories.project_softwares import ProjectSoftwares
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.schemas.project_softwares import TaskTypeSoftwareRead
from kitsu_api.unit_of_work import UnitOfWork


async def choose(
    uow: UnitOfWork, project_id: UUID, task_type_id: UUID, software_id: UUID
) -> TaskTypeSoftwareRead:
    """Choose a software for a task type; one that is chosen already stays chosen once.

    Raises:
        NotFound: there is no such task type.
        BadRequest: there is no such software.
    """
    if not await Records(uow.session, TaskType).exists(TaskType.id == task_type_id):
        raise NotFound
    if not await Records(uow.session, Software).exists(Software.id == software_id):
        raise BadRequest("software_id: there is no such software.")
    if await ProjectSoftwares(uow.session, project_id).add(task_type_id, software_id):
        uow.emit(record_event("project", "update", project_id, project_id))
    return TaskTypeSoftwareRead(project_id=project_id, task_type_id=task_type_id, software_id=software_id)


async def drop(uow: UnitOfWork, project_id: UUID, task_type_id: UUID, software_id: UUID) -> None:
    """No longer choose a software for a task type; nothing happens when it is not chosen."""
    if await ProjectSoftwares(uow.session, project_id).remove(task_type_id, software_id):
        uow.emit(record_event("project", "update", project_id, project_id))
