"""Alike items of a batch that follow each other: made together, by the rules and rights of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.errors import Forbidden, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.comment_places import task_places
from kitsu_api.permissions.places import existing_project
from kitsu_api.permissions.policies.comments import may_comment
from kitsu_api.routers.crud import Resource, change_record, create_record, nothing_more
from kitsu_api.routers.crud_values import given
from kitsu_api.routers.row_versions import check_match
from kitsu_api.schemas.batches import BatchItem
from kitsu_api.services import task_comments
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Desk:
    """Who makes a batch, and with what."""

    uow: UnitOfWork
    actor: Actor
    storage: FileStorage


@dataclass(frozen=True)
class Outcome:
    """What an item is about, and the row where it is shown once and never again."""

    id: UUID
    row: dict[str, Any] | None = None


@dataclass(frozen=True)
class Call:
    """One item: what it changes, and how."""

    id: UUID | None
    payload: Any
    item: BatchItem


RunAll = Callable[[Desk, Sequence[Call]], Awaitable[list[Outcome]]]


def create_all(resource: Resource[Any]) -> RunAll | None:
    """Make rows of a table, which one flush writes; None where each needs to be there for the next."""
    foresee = resource.foresee
    if foresee is None or resource.created is not nothing_more or resource.answering is not None:
        return None

    async def run(desk: Desk, calls: Sequence[Call]) -> list[Outcome]:
        uow, actor = desk.uow, desk.actor
        await foresee(uow, [given(call.payload) for call in calls], ())
        made = [await create_record(resource, uow, actor, call.payload, later=True) for call in calls]
        return [Outcome(record.id) for record in made]

    return run


def update_all(resource: Resource[Any]) -> RunAll | None:
    """Change rows of a table, which are read and locked by one statement and written by one flush."""
    foresee = resource.foresee
    if foresee is None or resource.updated is not nothing_more:
        return None

    async def run(desk: Desk, calls: Sequence[Call]) -> list[Outcome]:
        uow, actor = desk.uow, desk.actor
        records = resource.records(uow.session)
        ids = [call.id for call in calls if call.id is not None]
        found = await records.find_all_in_scope(ids, (resource.own or resource.scope)(actor))
        rows = [record for record, _ in found.values()]
        await foresee(uow, [given(call.payload) for call in calls], rows)
        for id, call in zip(ids, calls, strict=True):
            if id not in found:
                raise NotFound
            record, allowed = found[id]
            if not allowed:
                raise Forbidden
            await check_match(records, id, call.item.if_match)
            await change_record(resource, uow, actor, record, call.payload, later=True)
        return [Outcome(id) for id in ids]

    return run


async def comment_all(desk: Desk, calls: Sequence[Call]) -> list[Outcome]:
    """Comment on tasks, which are locked together."""
    uow, actor = desk.uow, desk.actor
    tasks = await StatusChanges(uow.session).lock_tasks({call.payload.task_id for call in calls})
    places = {place.task.id: place for place in await task_places(uow, actor, tasks.values())}
    wishes = []
    for call in calls:
        place = places.get(call.payload.task_id)
        if place is None:
            raise NotFound
        if not may_comment(actor, place):
            raise Forbidden
        wishes.append(task_comments.Wish(place.task, call.payload))
    return [Outcome(id) for id in await task_comments.post_all(uow, desk.storage, actor, wishes)]


MakeAll = Callable[[UnitOfWork, Actor, UUID, Sequence[Any]], Awaitable[list[UUID]]]


def add_all(make_all: MakeAll, policy: Callable[[Actor, UUID], bool]) -> RunAll:
    """Add to productions, one production after the other."""

    async def run(desk: Desk, calls: Sequence[Call]) -> list[Outcome]:
        made: dict[int, UUID] = {}
        for project_id in dict.fromkeys(call.payload.project_id for call in calls):
            await existing_project(project_id, desk.uow.session)
            if not policy(desk.actor, project_id):
                raise Forbidden
            own = [place for place, call in enumerate(calls) if call.payload.project_id == project_id]
            wishes = [calls[place].payload for place in own]
            made |= zip(own, await make_all(desk.uow, desk.actor, project_id, wishes), strict=True)
        return [Outcome(made[place]) for place in range(len(calls))]

    return run
