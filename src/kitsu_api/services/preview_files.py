"""Previews: the picture of an entity, revisions that move, and previews that go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.assignations import Assignations
from kitsu_api.db.repositories.comment_previews import CommentPreviews
from kitsu_api.db.repositories.preview_files import PreviewFiles, Successor
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services.entities import THINGS
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


def main_set_events(
    entity_id: UUID, kind: str | None, project_id: UUID | None, preview_id: UUID, status: str | None
) -> tuple[Event, Event]:
    """What the world is told of an entity's new picture."""
    more = {"entity_id": entity_id, "preview_file_status": status}
    thing = THINGS.get(kind or "", "asset")
    return (
        record_event("preview-file", "set-main", preview_id, project_id, **more),
        record_event(thing, "update", entity_id, project_id),
    )


async def set_main_previews(uow: UnitOfWork, actor: Actor, task_ids: Sequence[UUID]) -> list[UUID]:
    """Make the newest previews of tasks the pictures of their entities; the ids of these entities.

    Tasks without a preview, and those that are gone, are skipped; of two tasks on one entity the last wins.

    Raises:
        Forbidden: in the production of one the caller is a client or nothing, or a vendor without the task.
    """
    previews = PreviewFiles(uow.session)
    found = await previews.main_previews(task_ids)
    roles = {id: actor.role_on(task.project_id) for id, task in found.items()}
    if any(role in (None, Role.CLIENT) for role in roles.values()):
        raise Forbidden
    limited = [id for id, role in roles.items() if role is Role.VENDOR]
    if limited and await Assignations(uow.session).assigned(limited, actor.id) != set(limited):
        raise Forbidden
    chosen = {
        task.entity_id: task
        for task in (found[id] for id in dict.fromkeys(task_ids) if id in found)
        if task.preview_file_id is not None
    }
    if not chosen:
        return []
    pictures = {id: task.preview_file_id for id, task in chosen.items() if task.preview_file_id is not None}
    await previews.set_main(pictures)
    for id, task in chosen.items():
        for event in main_set_events(id, task.kind, task.project_id, pictures[id], task.status):
            uow.emit(event)
    return list(chosen)


async def check_revision(previews: CommentPreviews, task_id: UUID | None, revision: int) -> None:
    """Make sure that a task may have a new revision of this number.

    Raises:
        BadRequest: it has one already, or the number is below 0.
    """
    if revision < 0:
        raise BadRequest("revision: must not be below 0.")
    if task_id is not None and await previews.has_revision(task_id, revision):
        raise BadRequest(
            f"Revision {revision} already exists for this task. Choose a different revision number, "
            "or omit it to let the revision auto-increment."
        )


async def updating(uow: UnitOfWork, actor: Actor, preview: PreviewFile, values: Values) -> Values:
    """A revision moves whole, with all previews of it, to a number that the task has no preview of.

    Raises:
        BadRequest: the number is below 0, or the task has a preview of it.
    """
    revision = values.get("revision")
    if revision is None or revision == preview.revision:
        return values
    previews = PreviewFiles(uow.session)
    await previews.lock_task(preview.task_id)
    await check_revision(CommentPreviews(uow.session), preview.task_id, revision)
    if preview.revision is not None:
        await previews.move_revision(preview.task_id, preview.revision, revision)
    return values


async def deleting(uow: UnitOfWork, actor: Actor, preview: PreviewFile) -> None:
    """What refers to a preview lets go of it first."""
    await let_go(uow, preview)


async def let_go(uow: UnitOfWork, preview: PreviewFile) -> None:
    """Comments, news, the task and its entity let go of a preview; the latter two fall back to the newest
    of the others. Its files are noted for removal."""
    previews = PreviewFiles(uow.session)
    await previews.lock_task(preview.task_id)
    await previews.detach(preview)
    task = await previews.successor(preview.task_id, preview.id)
    if task is None:
        return
    if task.last_preview_file_id == preview.id:
        await previews.set_last(task.task_id, task.newest_id)
        uow.emit(record_event("task", "update", task.task_id, task.project_id))
    if task.entity_id is not None and task.entity_preview_file_id == preview.id:
        await _replace_main(uow, previews, task, task.entity_id)


async def _replace_main(uow: UnitOfWork, previews: PreviewFiles, task: Successor, entity_id: UUID) -> None:
    """Give an entity the newest preview that its task still has, or no picture."""
    if task.newest_id is None:
        await previews.clear_main(entity_id)
        thing = THINGS.get(task.kind or "", "asset")
        uow.emit(record_event(thing, "update", entity_id, task.project_id))
        return
    await previews.set_main({entity_id: task.newest_id})
    for event in main_set_events(entity_id, task.kind, task.project_id, task.newest_id, task.newest_status):
        uow.emit(event)


async def set_main_preview(uow: UnitOfWork, actor: Actor, task_id: UUID) -> UUID:
    """Make the newest preview of a task the picture of its entity; the id of the entity.

    Raises:
        BadRequest: the task has no preview.
        Forbidden: as `set_main_previews` says.
    """
    entities = await set_main_previews(uow, actor, [task_id])
    if not entities:
        raise BadRequest("This task has no preview.")
    return entities[0]


async def set_main(uow: UnitOfWork, preview: PreviewFile) -> UUID:
    """Make a preview the picture of its entity; the id of the entity.

    Raises:
        BadRequest: it belongs to no entity.
    """
    previews = PreviewFiles(uow.session)
    task = (
        None
        if preview.task_id is None
        else (await previews.main_previews([preview.task_id])).get(preview.task_id)
    )
    if task is None:
        raise BadRequest("This preview belongs to no entity.")
    await previews.set_main({task.entity_id: preview.id})
    for event in main_set_events(task.entity_id, task.kind, task.project_id, preview.id, preview.status):
        uow.emit(event)
    return task.entity_id
