"""What people have to do, have done, and when."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db import scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.models import Person, Task, TaskType
from kitsu_api.db.projections import TASK
from kitsu_api.db.repositories.person_tasks import PersonTasks, beside_tasks_of
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.task_dates import task_dates_json
from kitsu_api.errors import Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import shown_metadata
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import NamedProject
from kitsu_api.permissions.policies.persons import visible_people
from kitsu_api.permissions.policies.roles import staff
from kitsu_api.permissions.scopes import visible
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.open_tasks import TaskDates
from kitsu_api.schemas.tasks import TaskRead
from kitsu_api.schemas.user_work import TaskOfPerson

router = APIRouter(tags=["Tasks"], responses=errors(Unauthorized, Forbidden, NotFound))


async def existing_person(person_id: UUID, session: Session, actor: CurrentActor) -> tuple[UUID, bool]:
    """A person's id, and whether the caller may know of them.

    Raises:
        NotFound: there is no such person.
    """
    known = await Records(session, Person).visible(person_id, visible_people(actor))
    if known is None:
        raise NotFound
    return person_id, known


def is_known(actor: Actor, person: tuple[UUID, bool]) -> bool:
    """Whether the caller may know of the person; guests of share links know nobody."""
    return person[1] and not actor.is_guest


KnownPerson = Annotated[tuple[UUID, bool], guard(existing_person, is_known)]


@router.get(
    "/data/persons/task-dates",
    response_model=list[TaskDates],
    operation_id="list_task_dates_of_persons",
    summary="List when people have tasks",
)
async def list_task_dates(
    project_id: NamedProject, actor: Annotated[Actor, allow(staff)], session: Listing
) -> Response:
    """From when to when people have tasks in the running productions that the caller sees, or in one."""
    return json_response(await task_dates_json(session, [visible(scopes.tasks)(actor)], project_id))


@router.get(
    "/data/persons/{person_id}/tasks",
    response_model=list[TaskOfPerson],
    operation_id="list_tasks_of_person",
    summary="List tasks of a person",
)
async def list_tasks_of_person(person: KnownPerson, actor: CurrentActor, session: Listing) -> Response:
    """What a person has to do in running productions, as far as the caller sees it, by due date."""
    seen = [visible(scopes.tasks)(actor)]
    return json_response(await PersonTasks(session, shown_metadata(actor)).todo_json(person[0], seen))


@router.get(
    "/data/persons/{person_id}/done-tasks",
    response_model=list[TaskOfPerson],
    operation_id="list_done_tasks_of_person",
    summary="List done tasks of a person",
)
async def list_done_tasks_of_person(person: KnownPerson, actor: CurrentActor, session: Listing) -> Response:
    """What a person has done in running productions, as far as the caller sees it."""
    seen = [visible(scopes.tasks)(actor)]
    return json_response(await PersonTasks(session, shown_metadata(actor)).done_json(person[0], seen))


@router.get(
    "/data/persons/{person_id}/related-tasks/{task_type_id}",
    response_model=list[TaskRead],
    operation_id="list_related_tasks_of_person",
    summary="List tasks related to those of a person",
)
async def list_related_tasks(
    person: KnownPerson, task_type_id: UUID, actor: CurrentActor, session: Listing
) -> Response:
    """The tasks of a type on the entities that a person has to work on, whoever does them."""
    if not await Records(session, TaskType).exists(TaskType.id == task_type_id):
        raise NotFound
    where = [Task.task_type_id == task_type_id, beside_tasks_of(person[0]), visible(scopes.tasks)(actor)]
    return json_response(await Records(session, Task).list_json(TASK, where))
