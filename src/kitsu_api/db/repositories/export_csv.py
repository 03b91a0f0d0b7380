"""Rows of the sheets of a studio, in their order, a batch at a time from a cursor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS, assets, of_kind
from kitsu_api.db.repositories.person_tasks import in_open_project

Condition = ColumnElement[bool]
Row = Any
"""A row of a query: a tuple whose values have names."""

Batches = AsyncIterator[Sequence[Row]]
BATCH = 500
"""Rows that are held at a time."""

ID_LENGTH = 36
"""Characters of an id as text."""

COMMA: ColumnElement[str] = literal_column("','")


def full_name(person: Any) -> ColumnElement[str]:
    """How somebody is called."""
    name: ColumnElement[str] = func.trim(func.concat_ws(" ", person.first_name, person.last_name))
    return name


async def batches(session: AsyncSession, query: Select[Any]) -> Batches:
    """The rows of a query from a cursor, so that they are never held all at once.

    While a batch is used, PostgreSQL computes the next one.
    """
    result = await session.stream(query, execution_options={"yield_per": BATCH})
    partitions = result.partitions(BATCH)
    following = asyncio.ensure_future(anext(partitions, None))
    try:
        while (rows := await following) is not None:
            following = asyncio.ensure_future(anext(partitions, None))
            await asyncio.sleep(0)  # lets the question go before the caller computes
            yield rows
    finally:
        if not following.done():
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following


async def names_of_people(session: AsyncSession) -> dict[str, str]:
    """How everybody is called, by their ids as text."""
    people = await session.execute(select(m.Person.id, full_name(m.Person)))
    return {str(id): name for id, name in people.all()}


def persons(*where: Condition) -> Select[Any]:
    """People by name, with the names of their departments and studio; bots and guests are none."""
    link, department, person = m.DepartmentLink, m.Department, m.Person
    names = (
        select(func.string_agg(department.name, aggregate_order_by(COMMA, department.name)))
        .join(link, link.department_id == department.id)
        .where(link.person_id == person.id)
        .correlate(person)
        .scalar_subquery()
    )
    return (
        select(
            *(person.first_name, person.last_name, person.email, person.phone, person.role),
            names,
            m.Studio.name,
            *(person.country, person.contract_type, person.position, person.seniority),
            *(person.daily_salary, person.active),
        )
        .outerjoin(m.Studio, m.Studio.id == person.studio_id)
        .where(person.is_bot.is_(False), person.is_guest.is_(False), *where)
        .order_by(func.lower(person.first_name), func.lower(person.last_name), person.id)
    )


def projects(*where: Condition) -> Select[Any]:
    """Productions by name, with their status."""
    status = m.ProjectStatus
    columns: list[Any] = [m.Project.name, status.name]
    query: Select[Any] = select(*columns)
    query = query.outerjoin(status, status.id == m.Project.project_status_id)
    return query.where(*where).order_by(m.Project.name, m.Project.id)


def task_types() -> Select[Any]:
    """Task types by department; those of no department have no row."""
    columns: list[Any] = [m.Department.name, m.TaskType.name]
    query: Select[Any] = select(*columns)
    query = query.join(m.Department, m.Department.id == m.TaskType.department_id)
    return query.order_by(m.Department.name, m.TaskType.name, m.TaskType.id)


def tasks(*where: Condition) -> Select[Any]:
    """Tasks of running productions, by production, task type and what they are on."""
    holder, above, assigner = aliased(m.Entity), aliased(m.Entity), aliased(m.Person)
    holder_kind, kind = aliased(m.EntityType), m.EntityType
    in_episode = holder_kind.name == "Episode"
    episode = case((in_episode, holder.name), else_=above.name)
    sequence = case((in_episode, None), else_=holder.name)
    query = (
        select(
            m.Project.name,
            m.TaskType.name,
            episode,
            sequence,
            kind.name,
            m.Entity.name,
            full_name(assigner),
            _assignees().label("assignees"),
            *(m.Task.duration, m.Task.estimation, m.Task.start_date, m.Task.due_date),
            *(m.Task.real_start_date, m.Task.done_date, m.TaskStatus.name),
        )
        .select_from(m.Task)
        .join(m.Project, m.Project.id == m.Task.project_id)
        .join(m.TaskType, m.TaskType.id == m.Task.task_type_id)
        .join(m.TaskStatus, m.TaskStatus.id == m.Task.task_status_id)
        .join(m.Entity, m.Entity.id == m.Task.entity_id)
        .join(kind, kind.id == m.Entity.entity_type_id)
        .outerjoin(assigner, assigner.id == m.Task.assigner_id)
        .outerjoin(holder, holder.id == m.Entity.parent_id)
        .outerjoin(holder_kind, holder_kind.id == holder.entity_type_id)
        .outerjoin(above, above.id == holder.parent_id)
        .where(in_open_project(), *where)
    )
    place = (kind.name, episode.nulls_first(), sequence.nulls_first(), m.Entity.name)
    return query.order_by(m.Project.name, m.TaskType.name, *place, m.Task.id)


def _assignees() -> ColumnElement[Any]:
    """The ids of the people on a task, one after the other: their names are at hand."""
    link = m.TaskPersonLink
    ids = func.string_agg(cast(link.person_id, Text), literal_column("''"))
    return select(ids).where(link.task_id == m.Task.id).correlate(m.Task).scalar_subquery()


def time_spents(*where: Condition) -> Select[Any]:
    """Minutes spent on tasks of running productions, by production, person and day."""
    name = full_name(m.Person)
    columns: list[Any] = [
        m.Project.name,
        name,
        m.EntityType.name,
        m.Entity.name,
        m.TaskType.name,
        m.TimeSpent.date,
        m.TimeSpent.duration,
    ]
    query: Select[Any] = (
        select(*columns)
        .join(m.Task, m.Task.id == m.TimeSpent.task_id)
        .join(m.Person, m.Person.id == m.TimeSpent.person_id)
        .join(m.Project, m.Project.id == m.Task.project_id)
        .join(m.TaskType, m.TaskType.id == m.Task.task_type_id)
        .join(m.Entity, m.Entity.id == m.Task.entity_id)
        .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
        .where(in_open_project(), *where)
    )
    what = (m.EntityType.name, m.Entity.name)
    return query.order_by(m.Project.name, name, m.TimeSpent.date, *what, m.TimeSpent.id)


def _casting(columns: Sequence[Any], place: Sequence[Any]) -> Select[Any]:
    """Links of `Entity` rows, with the type and the name of the asset, by the place of what casts it."""
    asset, kind, link = aliased(m.Entity), aliased(m.EntityType), m.EntityLink
    return (
        select(
            *columns,
            kind.name.label("asset_type"),
            asset.name.label("asset"),
            link.nb_occurences,
            link.label,
        )
        .select_from(link)
        .join(m.Entity, m.Entity.id == link.entity_in_id)
        .join(asset, asset.id == link.entity_out_id)
        .join(kind, kind.id == asset.entity_type_id)
        .where(
            kind.name.not_in(OTHER_KINDS),
            m.Entity.canceled.is_not(True),
            asset.canceled.is_not(True),
        )
        .order_by(*place, kind.name, asset.name, link.id)
    )


def castings_of_assets(*where: Condition, main_pack: str) -> Select[Any]:
    """What assets cast; the episode of those that were made for none is called `main_pack`."""
    episode, kind = aliased(m.Entity), aliased(m.EntityType)
    shown = func.coalesce(episode.name, main_pack).label("episode")
    query = _casting([shown, kind.name, m.Entity.name], [shown, kind.name, m.Entity.name])
    query = query.join(kind, kind.id == m.Entity.entity_type_id)
    return query.outerjoin(episode, episode.id == m.Entity.source_id).where(assets(), *where)


def castings_of_shots(*where: Condition, episode_id: UUID | None = None, alone: bool = False) -> Select[Any]:
    """What shots cast, of all episodes, of one, or (`alone`) of those that are in none."""
    sequence, episode = aliased(m.Entity), aliased(m.Entity)
    place = [episode.name, sequence.name, m.Entity.name]
    query = _casting(place, [column.nulls_first() for column in place])
    query = query.outerjoin(sequence, sequence.id == m.Entity.parent_id)
    query = query.outerjoin(episode, episode.id == sequence.parent_id).where(of_kind("Shot"), *where)
    if episode_id is not None:
        query = query.where(sequence.parent_id == episode_id)
    return query.where(sequence.parent_id.is_(None)) if alone else query


def castings_of_episodes(*where: Condition) -> Select[Any]:
    """What episodes cast; they are in no episode, and their parent is their kind."""
    kind = aliased(m.EntityType)
    query = _casting([literal_column("''"), kind.name, m.Entity.name], [m.Entity.name])
    return query.join(kind, kind.id == m.Entity.entity_type_id).where(kind.name == "Episode", *where)
