"""Work that is handed out, taken back and put in order of importance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.repositories.assignations import Assignations, TaskPlace
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.assignations import hands_out
from kitsu_api.services.notifications import ring
from kitsu_api.unit_of_work import UnitOfWork


class NoSuchAssignee(BadRequest):
    """Nobody of this id can be assigned. Clients read the reason in `error`."""

    message = "Assignee doesn't exist in database."

    def body(self) -> dict[str, Any]:
        """The reason alone."""
        return {"error": self.text}


def parse_person(text: str) -> UUID:
    """The id of a person as a client sent it.

    Raises:
        NoSuchAssignee: it is no id.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise NoSuchAssignee from error


def _may(actor: Actor, place: TaskPlace) -> bool:
    return hands_out(actor, place.project_id, place.department_id)


async def assign_one(uow: UnitOfWork, actor: Actor, task_id: UUID, person_id: UUID) -> None:
    """Assign a person to a task.

    Raises:
        NotFound: there is no such task.
        NoSuchAssignee: there is no such person.
        Forbidden: the caller hands out no such work, or the production lets no bots work.
    """
    assignations = Assignations(uow.session)
    place = (await assignations.places([task_id])).get(task_id)
    if place is None:
        raise NotFound
    if not _may(actor, place):
        raise Forbidden
    bot = await assignations.is_bot(person_id)
    if bot is None:
        raise NoSuchAssignee
    if bot and not place.open_to_bots:
        raise Forbidden
    await _assign(uow, actor, [place], person_id)


async def assign_many(uow: UnitOfWork, actor: Actor, task_ids: Sequence[UUID], person_id: UUID) -> list[UUID]:
    """Assign a person to those of the tasks that the caller may hand out; the ids of these.

    Raises:
        NoSuchAssignee: there is no such person.
    """
    assignations = Assignations(uow.session)
    bot = await assignations.is_bot(person_id)
    if bot is None:
        raise NoSuchAssignee
    places = await assignations.places(task_ids)
    open_places = [
        places[id]
        for id in dict.fromkeys(task_ids)
        if id in places and _may(actor, places[id]) and (places[id].open_to_bots or not bot)
    ]
    await _assign(uow, actor, open_places, person_id)
    return [place.id for place in open_places]


async def _assign(uow: UnitOfWork, actor: Actor, places: Sequence[TaskPlace], person_id: UUID) -> None:
    """Link, notify unless people assign themselves, and let the person into the teams."""
    if not places:
        return
    assignations = Assignations(uow.session)
    by_id = {place.id: place for place in places}
    ids = list(by_id)
    await assignations.assign(ids, person_id, actor.id)
    if person_id != actor.id:
        for task_id, id in (await assignations.notify(ids, person_id, actor.id)).items():
            ring(uow, by_id[task_id].project_id, [(id, person_id)])
    projects = {place.project_id for place in places if place.project_id is not None}
    for place in places:
        uow.emit(record_event("task", "assign", place.id, place.project_id, person_id=person_id))
        uow.emit(record_event("task", "update", place.id, place.project_id))
    for project_id in await assignations.join_teams(projects, person_id):
        uow.emit(record_event("project", "update", project_id, project_id))


async def clear(
    uow: UnitOfWork, actor: Actor, task_ids: Sequence[UUID], person_id: UUID | None
) -> list[UUID]:
    """Take a person, or everybody, off those of the tasks that the caller may hand out; their ids.

    People may always take themselves off.
    """
    assignations = Assignations(uow.session)
    places = await assignations.places(task_ids)
    ids = [
        id
        for id in dict.fromkeys(task_ids)
        if id in places
        and (_may(actor, places[id]) or (person_id == actor.id and actor.sees(places[id].project_id)))
    ]
    if not ids:
        return []
    for task_id, gone in await assignations.clear(ids, person_id):
        uow.emit(record_event("task", "unassign", task_id, places[task_id].project_id, person_id=gone))
    for id in ids:
        uow.emit(record_event("task", "update", id, places[id].project_id))
    return ids


async def set_priority(uow: UnitOfWork, actor: Actor, task_ids: Sequence[UUID], priority: int) -> list[UUID]:
    """Set the priority of those of the tasks that the caller may hand out; their ids."""
    assignations = Assignations(uow.session)
    places = await assignations.places(task_ids)
    ids = [id for id in dict.fromkeys(task_ids) if id in places and _may(actor, places[id])]
    if ids:
        await assignations.set_priority(ids, priority)
    for id in ids:
        uow.emit(record_event("task", "update", id, places[id].project_id))
    return ids
