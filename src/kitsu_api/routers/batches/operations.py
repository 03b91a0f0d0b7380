"""What items of a batch do: for each action and resource the rights, the body and the rules of its route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel

from kitsu_api.db.models import Entity, Project
from kitsu_api.db.remembered import once
from kitsu_api.errors import Forbidden, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.comment_places import locked_task
from kitsu_api.permissions.places import existing_project, place_of
from kitsu_api.permissions.policies.comments import may_comment
from kitsu_api.permissions.policies.entities import keeps_concepts_of
from kitsu_api.permissions.policies.projects import runs_project
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.batches.together import (
    Desk,
    Outcome,
    RunAll,
    add_all,
    comment_all,
    create_all,
    update_all,
)
from kitsu_api.routers.crud import Resource, create_record, create_row, delete_row, update_record
from kitsu_api.routers.data.register import RESOURCES
from kitsu_api.routers.row_versions import check_row
from kitsu_api.schemas import batches as s
from kitsu_api.schemas.task_comments import NewCommentOnTask
from kitsu_api.services import assets, concepts, edits, episodes, scenes, shots, task_comments
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import UnitOfWork

Run = Callable[[Desk, UUID | None, Any, s.BatchItem], Awaitable[Outcome]]


@dataclass(frozen=True)
class Operation:
    """One kind of change."""

    run: Run
    body: type[BaseModel] | None
    """What `values` have to be; None where they mean nothing."""
    reach: str
    """The resource that an API key must be good for, as for the route of this change."""
    allowed: Callable[[Actor], bool] = anyone
    register: Resource[Any] | None = None
    """By which the row is read afterwards; None for what is no row of the register."""
    run_all: RunAll | None = None
    """Makes several of this kind that follow each other; None where they are made one by one."""


def _create(resource: Resource[Any]) -> Operation:
    async def run(desk: Desk, id: UUID | None, payload: Any, item: s.BatchItem) -> Outcome:
        if resource.answering is not None:  # the answer may hold what is never shown again
            answer = await create_row(resource, desk.uow, desk.actor, payload)
            row = orjson.loads(bytes(answer.body))
            return Outcome(UUID(row["id"]), row)
        return Outcome((await create_record(resource, desk.uow, desk.actor, payload)).id)

    return Operation(run, resource.create, resource.path, resource.creators, resource, create_all(resource))


def _update(resource: Resource[Any]) -> Operation:
    async def run(desk: Desk, id: UUID | None, payload: Any, item: s.BatchItem) -> Outcome:
        assert id is not None
        await update_record(resource, desk.uow, desk.actor, id, payload, item.if_match)
        return Outcome(id)

    allowed = resource.updaters or resource.creators
    return Operation(run, resource.update, resource.path, allowed, resource, update_all(resource))


def _delete(resource: Resource[Any]) -> Operation:
    async def run(desk: Desk, id: UUID | None, payload: Any, item: s.BatchItem) -> Outcome:
        assert id is not None
        await delete_row(resource, desk.uow, desk.actor, id, force=item.force, if_match=item.if_match)
        return Outcome(id)

    return Operation(run, None, resource.path, resource.deleters or resource.creators, resource)


Make = Callable[[UnitOfWork, Actor, UUID, Any], Awaitable[UUID]]


def _make_entity(body: type[BaseModel], make: Make, policy: Callable[[Actor, UUID], bool]) -> Operation:
    async def run(desk: Desk, id: UUID | None, payload: Any, item: s.BatchItem) -> Outcome:
        project_id, session = payload.project_id, desk.uow.session
        await once(session, (Project, project_id), lambda: existing_project(project_id, session))
        if not policy(desk.actor, project_id):
            raise Forbidden
        return Outcome(await make(desk.uow, desk.actor, project_id, payload))

    return Operation(run, body, "projects", register=_REGISTER["entities"])


def _remove_entity(path: str, kind: str, policy: Callable[[Actor, UUID], bool]) -> Operation:
    async def run(desk: Desk, id: UUID | None, payload: Any, item: s.BatchItem) -> Outcome:
        assert id is not None
        place = await place_of(desk.uow.session, desk.actor, id)
        if not (place.is_asset if kind == "Asset" else place.kind == kind):
            raise NotFound
        if not policy(desk.actor, place.project_id):
            raise Forbidden
        await check_row(desk.uow.session, Entity, id, item.if_match)
        await remove_entity(desk.uow, desk.actor, id, kind, force=item.force)
        return Outcome(id)

    return Operation(run, None, path, register=_REGISTER["entities"])


async def _make_asset(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: s.NewAssetOfProject) -> UUID:
    return await assets.create(uow, actor, project_id, wish.entity_type_id, wish)


async def _comment(desk: Desk, id: UUID | None, payload: NewCommentOnTask, item: s.BatchItem) -> Outcome:
    place = await locked_task(payload.task_id, desk.uow, desk.actor)
    if not may_comment(desk.actor, place):
        raise Forbidden
    return Outcome(await task_comments.post(desk.uow, desk.storage, desk.actor, place.task, payload))


_REGISTER: dict[str, Resource[Any]] = {resource.path: resource for resource in RESOURCES}

OPERATIONS: dict[tuple[s.Action, str], Operation] = {}
"""Every kind of change, by action and resource."""

for _path, _resource in _REGISTER.items():
    OPERATIONS["create", _path] = _create(_resource)
    OPERATIONS["update", _path] = _update(_resource)
    OPERATIONS["delete", _path] = _delete(_resource)

OPERATIONS["create", "comments"] = Operation(
    _comment, NewCommentOnTask, "tasks", register=_REGISTER["comments"], run_all=comment_all
)
"""People comment by this, with all that follows; the register's own way is for admins and imports."""

for _path, _kind, _body, _make, _policy in (
    ("assets", "Asset", s.NewAssetOfProject, _make_asset, runs_project),
    ("concepts", "Concept", s.NewConceptOfProject, concepts.create, keeps_concepts_of),
    ("edits", "Edit", s.NewEditOfProject, edits.create, runs_project),
    ("episodes", "Episode", s.NewEpisodeOfProject, episodes.create, runs_project),
    ("scenes", "Scene", s.NewSceneOfProject, scenes.create, runs_project),
    ("sequences", "Sequence", s.NewSequenceOfProject, shots.create_sequence, runs_project),
    ("shots", "Shot", s.NewShotOfProject, shots.create_shot, runs_project),
):
    OPERATIONS["create", _path] = _make_entity(_body, _make, _policy)
    OPERATIONS["delete", _path] = _remove_entity(_path, _kind, _policy)

OPERATIONS["create", "shots"] = replace(
    OPERATIONS["create", "shots"], run_all=add_all(shots.create_shots, runs_project)
)
