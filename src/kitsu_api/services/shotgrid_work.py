"""What ShotGrid knows of the work: tasks, notes on them, versions; and what it has no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.projection import Projection
from kitsu_api.db.repositories.instance_rows import InstanceRows
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.shotgrid import IMPORT_ERROR, Shotgrid
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas import shotgrid as s
from kitsu_api.services import standing_rows
from kitsu_api.services.shotgrid_studio import changed
from kitsu_api.services.starting_data import NEEDED_ENTITY_TYPES
from kitsu_api.unit_of_work import UnitOfWork

COMMENT = Projection(m.Comment, "Comment")
SOURCE = "Shotgun"
"""Where previews say that they come from; scripts compare it."""


def _ids(refs: Iterable[s.Ref | None]) -> list[int]:
    return [ref.id for ref in refs if ref is not None and ref.id is not None]


def _number(ref: s.Ref | None) -> int:
    return (ref.id if ref is not None else None) or 0


async def _entities(
    uow: UnitOfWork, store: Shotgrid, refs: Iterable[s.Ref]
) -> dict[tuple[str, int], m.Entity]:
    """The entities that tasks name, by kind and number."""
    await standing_rows.entity_types(uow.session)
    types = await store.type_ids(NEEDED_ENTITY_TYPES)
    by_kind: dict[str, set[int]] = {}
    for ref in refs:
        if ref.id is not None:
            by_kind.setdefault(_kind(ref), set()).add(ref.id)
    found: dict[tuple[str, int], m.Entity] = {}
    for kind, numbers in by_kind.items():
        if kind in types:
            entities = await store.entities(numbers, [types[kind]])
        else:
            entities = await store.entities(numbers, list(types.values()), but=True)
        found.update({(kind, number): entity for number, entity in entities.items()})
    return found


def _kind(ref: s.Ref) -> str:
    return ref.type if ref.type in NEEDED_ENTITY_TYPES else "Asset"


@dataclass(frozen=True)
class TaskRefs:
    """What the rows of tasks refer to, by ShotGrid's numbers."""

    projects: dict[int, m.Project]
    steps: dict[int, m.TaskType]
    people: dict[int, m.Person]
    entities: dict[tuple[str, int], m.Entity]
    statuses: dict[str, m.TaskStatus]
    fallback: UUID | None

    def values(self, row: s.ShotgridTask) -> dict[str, Any] | None:
        """The columns of a task; None when its production, its entity or its step isn't here."""
        assert row.entity is not None
        project, step = self.projects.get(_number(row.project)), self.steps.get(_number(row.step))
        entity = self.entities.get((_kind(row.entity), _number(row.entity)))
        if project is None or step is None or entity is None or entity.project_id != project.id:
            return None
        values: dict[str, Any] = {
            "name": row.cached_display_name,
            "shotgun_id": row.id,
            "project_id": project.id,
            "task_type_id": step.id,
            "entity_id": entity.id,
            "start_date": row.start_date,
            "due_date": row.due_date,
            "duration": row.duration,
            "sort_order": row.sg_sort_order,
        }
        if (author := self.people.get(_number(row.created_by))) is not None:
            values["assigner_id"] = author.id
        if (status := self.statuses.get((row.sg_status_list or "").lower())) is not None:
            values["task_status_id"] = status.id
        return values


async def _task_refs(uow: UnitOfWork, store: Shotgrid, rows: Sequence[s.ShotgridTask]) -> TaskRefs:
    assigned = [one for row in rows for one in row.task_assignees or ()]
    return TaskRefs(
        projects=await store.numbered(m.Project, _ids(row.project for row in rows)),
        steps=await store.numbered(m.TaskType, _ids(row.step for row in rows)),
        people=await store.numbered(m.Person, _ids([*(row.created_by for row in rows), *assigned])),
        entities=await _entities(uow, store, (row.entity for row in rows if row.entity is not None)),
        statuses=await store.named(m.TaskStatus, [row.sg_status_list or "" for row in rows], "short_name"),
        fallback=await store.default_status(),
    )


async def import_tasks(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridTask]) -> bytes:
    """Tasks, by ShotGrid's number or their place; what they refer to must be here, or they are left out."""
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.cached_display_name and row.entity]
    await store.wait_for_turn()
    here = await store.numbered(m.Task, [row.id for row in sent if row.id is not None])
    refs = await _task_refs(uow, store, sent)
    alike = await store.alike_tasks({entity.id for entity in refs.entities.values()})
    made: list[UUID] = []
    team: dict[UUID, list[UUID]] = {}
    for row in sent:
        assert row.id is not None
        values = refs.values(row)
        if values is None:
            continue
        place = (values["task_type_id"], values["entity_id"], values["name"])
        task = here.get(row.id) or alike.get(place)
        if task is None:
            values.setdefault("task_status_id", refs.fallback)
            task = m.Task(**{name: value for name, value in values.items() if value is not None})
            store.plan(task)
        else:
            changed(task, values)
        here[row.id] = alike[place] = task
        made.append(task.id)
        if row.task_assignees is not None:
            people = (refs.people.get(id) for id in _ids(row.task_assignees))
            team[task.id] = [person.id for person in people if person is not None]
    await uow.session.flush()
    if team:
        await InstanceRows(uow.session, m.Task).set_links(p.TASK_LINKS["assignees"], team)
    return await store.in_order_json(p.TASK, m.Task, made)


async def import_notes(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridNote]) -> bytes:
    """Notes as comments on the first of their tasks; one without a task or an author here is left out."""
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.tasks]
    await store.wait_for_turn()
    here = await store.numbered(m.Comment, [row.id for row in sent if row.id is not None])
    tasks = await store.numbered(m.Task, _ids(row.tasks[0] for row in sent if row.tasks))
    authors = [ref for row in sent for ref in (row.user, row.created_by)]
    people = await store.numbered(m.Person, _ids(authors))
    made = []
    for row in sent:
        assert row.id is not None
        task = tasks.get(_number(row.tasks[0] if row.tasks else None))
        author = people.get(_number(row.user)) or people.get(_number(row.created_by))
        if task is None or author is None:
            continue
        values: dict[str, Any] = {
            "shotgun_id": row.id,
            "object_id": task.id,
            "object_type": "Task",
            "text": row.content or "",
            "person_id": author.id,
        }
        if row.created_at is not None:
            values["created_at"] = row.created_at
        comment = here.get(row.id)
        if comment is None:
            comment = m.Comment(**values)
            store.plan(comment)
        else:
            changed(comment, values)
        here[row.id] = comment
        made.append(comment.id)
    await uow.session.flush()
    return await store.in_order_json(COMMENT, m.Comment, made)


async def import_versions(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridVersion]) -> bytes:
    """Versions as previews whose movie is still with ShotGrid; one without a task here is left out."""
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.sg_task]
    await store.wait_for_turn()
    here = await store.numbered(m.PreviewFile, [row.id for row in sent if row.id is not None])
    tasks = await store.numbered(m.Task, _ids(row.sg_task for row in sent))
    people = await store.numbered(m.Person, _ids(row.user for row in sent))
    made = []
    for row in sent:
        assert row.id is not None
        task, author = tasks.get(_number(row.sg_task)), people.get(_number(row.user))
        if task is None:
            continue
        values: dict[str, Any] = {
            "shotgun_id": row.id,
            "task_id": task.id,
            "name": row.code,
            "description": row.description,
            "source": SOURCE,
        }
        if author is not None:
            values["person_id"] = author.id
        if row.sg_uploaded_movie is not None:
            values["uploaded_movie_url"] = row.sg_uploaded_movie.url
            values["uploaded_movie_name"] = row.sg_uploaded_movie.name
        preview = here.get(row.id)
        if preview is None:
            preview = m.PreviewFile(**values)
            store.plan(preview)
        else:
            changed(preview, values)
        here[row.id] = preview
        made.append(preview.id)
    await uow.session.flush()
    return await store.in_order_json(p.PREVIEW_FILE, m.PreviewFile, made)


async def add_error(uow: UnitOfWork, event: dict[str, Any]) -> bytes:
    """Keep an event of ShotGrid that could not be followed, for somebody to look at."""
    error = m.DataImportError(event_data=event, source="shotgun")
    await Shotgrid(uow.session).add([error])
    row = await Records(uow.session, m.DataImportError).one_json(IMPORT_ERROR, error.id)
    assert row is not None
    return row


async def delete_error(uow: UnitOfWork, error_id: UUID) -> None:
    """Forget an event that could not be followed.

    Raises:
        NotFound: there is none.
    """
    errors = Records(uow.session, m.DataImportError)
    error = await errors.find(error_id)
    if error is None:
        raise NotFound
    await errors.delete(error)
