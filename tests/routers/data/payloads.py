"""The smallest body that makes a row of each table of `/data/…`, and a change that it takes."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from kitsu_api.db.models import Budget, Chat, ProductionScheduleVersion
from kitsu_api.routers.crud import Resource
from kitsu_api.routers.data.register import RESOURCES
from tests import factories

Body = dict[str, Any]
Make = Callable[..., Awaitable[Any]]
BY_PATH: dict[str, Resource[Any]] = {resource.path: resource for resource in RESOURCES}
SALARY_SCALES = "salary-scales"
"""The only table whose rows the server makes itself."""

MADE_BY_CLIENTS = sorted(set(BY_PATH) - {SALARY_SCALES})

_days = itertools.count()


def unique(length: int = 20) -> str:
    return factories.unique("Name")[-length:]


def day() -> str:
    """A day that no other body of this process uses."""
    return str(dt.date(2020, 1, 1) + dt.timedelta(days=next(_days)))


class World:
    """A production with its rows stored, to point to."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.rows = factories.production()
        self.project = self.rows.project
        self.task = self.rows.task
        self.entity = self.rows.entity
        self.person = self.rows.person

    async def store(self) -> World:
        await self.make(*self.rows)
        return self


async def _entity(world: World) -> str:
    entity = await world.make(factories.entity(world.project, world.rows.entity_type))
    return str(entity.id)


async def _department(world: World) -> str:
    return str((await world.make(factories.department())).id)


async def departments(world: World) -> Body:
    return {"name": unique(), "color": "#AABBCC"}


async def studios(world: World) -> Body:
    return {"name": unique(), "color": "#AABBCC"}


async def hardware_items(world: World) -> Body:
    return {"name": unique(), "short_name": "ws"}


async def softwares(world: World) -> Body:
    return {"name": unique(), "short_name": "bld", "file_extension": "blend"}


async def named(world: World) -> Body:
    return {"name": unique()}


async def coloured(world: World) -> Body:
    return {"name": unique(), "color": "#AABBCC"}


async def task_status(world: World) -> Body:
    return {"name": unique(), "short_name": "wip", "color": "#AABBCC"}


async def output_types(world: World) -> Body:
    return {"name": unique(), "short_name": "cch"}


async def status_automations(world: World) -> Body:
    return {"in_task_type_id": str(world.rows.task_type.id), "entity_type": "asset"}


async def plugins(world: World) -> Body:
    return {
        "plugin_id": unique(),
        "name": "Notes",
        "version": "1.0.0",
        "maintainer_name": "Alicia Cooper",
        "license": "MIT",
    }


async def metadata_descriptors(world: World) -> Body:
    name = unique()
    field = name.lower().replace(" ", "_")
    return {"project_id": str(world.project.id), "entity_type": "Asset", "name": name, "field_name": field}


async def milestones(world: World) -> Body:
    return {"name": unique(), "date": day(), "project_id": str(world.project.id)}


async def schedule_items(world: World) -> Body:
    return {"project_id": str(world.project.id), "object_id": str(uuid4()), "start_date": day()}


async def schedule_versions(world: World) -> Body:
    return {"name": unique(), "project_id": str(world.project.id)}


async def schedule_version_task_links(world: World) -> Body:
    version = ProductionScheduleVersion(id=uuid4(), name=unique(), project_id=world.project.id)
    await world.make(version)
    return {"production_schedule_version_id": str(version.id), "task_id": str(world.task.id)}


async def budgets(world: World) -> Body:
    return {"name": unique(), "project_id": str(world.project.id), "currency": "EUR"}


async def budget_entries(world: World) -> Body:
    budget = Budget(id=uuid4(), name=unique(), project_id=world.project.id)
    await world.make(budget)
    return {
        "budget_id": str(budget.id),
        "department_id": await _department(world),
        "start_date": day(),
        "months_duration": 3,
        "daily_salary": 200.5,
    }


async def day_offs(world: World) -> Body:
    date = day()
    return {"person_id": str(world.person.id), "date": date, "end_date": date}


async def time_spents(world: World) -> Body:
    return {
        "person_id": str(world.person.id),
        "task_id": str(world.task.id),
        "date": day(),
        "duration": 60,
    }


async def saved_searches(world: World) -> Body:
    return {"list_type": "asset", "name": unique(), "person_id": str(world.person.id)}


async def notifications(world: World) -> Body:
    person = str(world.person.id)
    return {"type": "comment", "person_id": person, "author_id": person, "task_id": str(world.task.id)}


async def subscriptions(world: World) -> Body:
    return {"person_id": str(world.person.id), "entity_id": await _entity(world)}


async def news(world: World) -> Body:
    return {"author_id": str(world.person.id), "task_id": str(world.task.id)}


async def events(world: World) -> Body:
    return {"name": "asset:new", "project_id": str(world.project.id), "data": {"asset_id": "1"}}


async def chats(world: World) -> Body:
    return {"object_id": str(world.entity.id), "object_type": "entity"}


async def chat_messages(world: World) -> Body:
    chat = Chat(id=uuid4(), object_id=world.entity.id)
    await world.make(chat)
    return {"chat_id": str(chat.id), "person_id": str(world.person.id), "text": "Hello"}


async def entities(world: World) -> Body:
    return {
        "name": unique(),
        "project_id": str(world.project.id),
        "entity_type_id": str(world.rows.entity_type.id),
    }


async def entity_links(world: World) -> Body:
    return {"entity_in_id": str(world.entity.id), "entity_out_id": await _entity(world)}


async def asset_instances(world: World) -> Body:
    return {"asset_id": str(world.entity.id), "name": unique(), "number": next(_days)}


async def tasks(world: World) -> Body:
    return {
        "name": unique(),
        "project_id": str(world.project.id),
        "entity_id": str(world.entity.id),
        "task_type_id": str(world.rows.task_type.id),
        "task_status_id": str(world.rows.task_status.id),
    }


async def comments(world: World) -> Body:
    return {
        "object_id": str(world.task.id),
        "object_type": "Task",
        "person_id": str(world.person.id),
        "task_status_id": str(world.rows.task_status.id),
        "text": "Nice",
    }


async def attachment_files(world: World) -> Body:
    comment = await world.make(factories.comment(world.task, world.person))
    return {"name": "notes.txt", "extension": "txt", "comment_id": str(comment.id)}


async def preview_files(world: World) -> Body:
    return {"name": unique(), "task_id": str(world.task.id), "person_id": str(world.person.id)}


async def playlists(world: World) -> Body:
    return {"name": unique(), "project_id": str(world.project.id), "shots": []}


async def working_files(world: World) -> Body:
    return {
        "name": unique(),
        "revision": 1,
        "task_id": str(world.task.id),
        "entity_id": str(world.entity.id),
        "person_id": str(world.person.id),
    }


async def output_files(world: World) -> Body:
    status = await world.make(factories.file_status())
    return {
        "name": unique(),
        "revision": 1,
        "entity_id": str(world.entity.id),
        "file_status_id": str(status.id),
    }


async def closed_projects(world: World) -> Body:
    """A closed production: an open one can't be deleted."""
    status = await world.make(factories.project_status(name="Closed"))
    return {"name": unique(), "project_status_id": str(status.id)}


async def persons(world: World) -> Body:
    name = unique()
    return {"first_name": "Alicia", "last_name": name, "email": f"{name.replace(' ', '.')}@example.com"}


BODIES: dict[str, Callable[[World], Awaitable[Body]]] = {
    "departments": departments,
    "studios": studios,
    "hardware-items": hardware_items,
    "softwares": softwares,
    "entity-types": named,
    "task-types": named,
    "task-status": task_status,
    "file-status": coloured,
    "project-status": coloured,
    "output-types": output_types,
    "status-automations": status_automations,
    "custom-actions": named,
    "preview-background-files": named,
    "plugins": plugins,
    "organisations": named,
    "projects": closed_projects,
    "project-templates": named,
    "metadata-descriptors": metadata_descriptors,
    "milestones": milestones,
    "schedule-items": schedule_items,
    "production-schedule-versions": schedule_versions,
    "production-schedule-version-task-links": schedule_version_task_links,
    "budgets": budgets,
    "budget-entries": budget_entries,
    "persons": persons,
    "day-offs": day_offs,
    "time-spents": time_spents,
    "search-filters": saved_searches,
    "search-filter-groups": saved_searches,
    "notifications": notifications,
    "subscriptions": subscriptions,
    "news": news,
    "events": events,
    "chats": chats,
    "chat-messages": chat_messages,
    "entities": entities,
    "entity-links": entity_links,
    "asset-instances": asset_instances,
    "tasks": tasks,
    "comments": comments,
    "attachment-files": attachment_files,
    "preview-files": preview_files,
    "playlists": playlists,
    "working-files": working_files,
    "output-files": output_files,
}

CHANGES: dict[str, Body] = {
    "status-automations": {"entity_type": "shot"},
    "schedule-items": {"man_days": 4},
    "production-schedule-version-task-links": {"estimation": 90.0},
    "budget-entries": {"months_duration": 7},
    "persons": {"last_name": "Baker"},
    "day-offs": {"description": "Holidays"},
    "time-spents": {"duration": 90.0},
    "notifications": {"read": True},
    "subscriptions": {"task_type_id": None},
    "news": {"change": True},
    "chats": {"object_type": "shot"},
    "chat-messages": {"text": "Bye"},
    "entity-links": {"nb_occurences": 3},
    "comments": {"text": "Great"},
    "salary-scales": {"salary": 300},
}


def change_of(path: str) -> Body:
    """What a PUT changes; a name where nothing else is said."""
    return dict(CHANGES.get(path) or {"name": unique()})


def row_of(path: str, body: Body) -> Any:
    """The row that a body stands for, without the rules of its creation."""
    resource = BY_PATH[path]
    values = resource.create.model_validate(body).model_dump(exclude_unset=True)
    for name in resource.links:
        values.pop(name, None)
    return resource.model(id=uuid4(), **values)
