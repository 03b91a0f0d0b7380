"""How much of the shots people finished, and on which day: what quotas are counted from."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import Entity, EntityType, Person, Project, Task, TaskPersonLink, TimeSpent

DEFAULT_FPS = 25.0
"""Frames a second of productions that name no rate."""

WEEKDAYS = 5
LONGEST_WORK = 3660
"""Days between start and delivery of a task, at most, over which its work is spread."""


class CountMode(StrEnum):
    """How a shot counts.

    `weighted` spreads each shot that was sent for feedback over the days on which time was noted for it,
    `weighteddone` each shot that is done; `feedback` counts a shot whole on the day of its first feedback
    request, `done` on the day when it was done.
    """

    WEIGHTED = "weighted"
    WEIGHTED_DONE = "weighteddone"
    FEEDBACK = "feedback"
    DONE = "done"

    @property
    def is_weighted(self) -> bool:
        """Whether shots are spread over the days of work."""
        return self in (CountMode.WEIGHTED, CountMode.WEIGHTED_DONE)

    @property
    def delivery(self) -> Any:
        """The column of tasks that says when the shot was delivered; tasks without it do not count."""
        return Task.end_date if self in (CountMode.WEIGHTED, CountMode.FEEDBACK) else Task.done_date


@dataclass(frozen=True)
class Share:
    """The part of one shot's work that one person did on one day.

    `weight` is 1 for the whole shot; `frames` and `drawings` are those of the whole shot.
    """

    task_id: UUID
    shot_id: UUID
    task_type_id: UUID
    person_id: UUID
    day: dt.date
    weight: float
    frames: int
    drawings: int
    fps: float


@dataclass(frozen=True)
class Range:
    """Which shares are asked for; None stands for all. Days count from `first` to `last`, both included."""

    projects: Collection[UUID] | None = None
    task_type_id: UUID | None = None
    person_id: UUID | None = None
    studio_id: UUID | None = None
    first: dt.date | None = None
    last: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether a day lies in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


async def shares(session: AsyncSession, mode: CountMode, wanted: Range) -> list[Share]:
    """The shares of all shots that are delivered and not canceled, in at most two statements.

    Work without noted time is spread evenly over the working days from its start to its delivery.
    """
    if not mode.is_weighted:
        return await _delivered_whole(session, mode, wanted)
    return [*await _by_time_spent(session, mode, wanted), *await _by_dates(session, mode, wanted)]


def _tasks(mode: CountMode, wanted: Range) -> list[ColumnElement[bool]]:
    """The tasks that count, joined with `Entity` and `Project`."""
    shots = select(EntityType.id).where(EntityType.name == "Shot")
    where = [mode.delivery.is_not(None), Entity.entity_type_id.in_(shots), Entity.canceled.is_not(True)]
    if wanted.projects is not None:
        where.append(Task.project_id.in_(list(wanted.projects)))
    if wanted.task_type_id is not None:
        where.append(Task.task_type_id == wanted.task_type_id)
    return where


def _people(column: Any, wanted: Range) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.person_id is not None:
        where.append(column == wanted.person_id)
    if wanted.studio_id is not None:
        where.append(column.in_(select(Person.id).where(Person.studio_id == wanted.studio_id)))
    return where


def _of_shots(*columns: Any) -> Select[Any]:
    return (
        select(
            Task.id,
            Task.entity_id,
            Task.task_type_id,
            func.coalesce(Entity.nb_frames, 0),
            func.coalesce(Task.nb_drawings, 0),
            Entity.data["fps"].astext,
            Project.fps,
            *columns,
        )
        .join(Entity, Entity.id == Task.entity_id)
        .join(Project, Project.id == Task.project_id)
    )


def frame_rate(*texts: str | None) -> float:
    """The first of the texts that is a frame rate; 25 when none is."""
    for text in texts:
        try:
            rate = float(text or "")
        except ValueError:
            continue
        if 0 < rate < math.inf:
            return rate
    return DEFAULT_FPS


def _share(row: Sequence[Any], person_id: UUID, day: dt.date, weight: float) -> Share:
    task_id, shot_id, task_type_id, frames, drawings, of_shot, of_project = row[:7]
    return Share(
        task_id=task_id,
        shot_id=shot_id,
        task_type_id=task_type_id,
        person_id=person_id,
        day=day,
        weight=weight,
        frames=frames,
        drawings=drawings,
        fps=frame_rate(of_shot, of_project),
    )


async def _delivered_whole(session: AsyncSession, mode: CountMode, wanted: Range) -> list[Share]:
    query = (
        _of_shots(TaskPersonLink.person_id, mode.delivery)
        .join(TaskPersonLink, TaskPersonLink.task_id == Task.id)
        .where(*_tasks(mode, wanted), *_people(TaskPersonLink.person_id, wanted))
    )
    rows = (await session.execute(query)).all()
    return [_share(row, row[7], row[8].date(), 1.0) for row in rows if wanted.holds(row[8].date())]


async def _by_time_spent(session: AsyncSession, mode: CountMode, wanted: Range) -> list[Share]:
    noted = aliased(TimeSpent)
    whole = (
        select(noted.task_id, func.sum(noted.duration).label("duration"))
        .group_by(noted.task_id)
        .having(func.sum(noted.duration) > 0)
        .subquery()
    )
    query = (
        _of_shots(TimeSpent.person_id, TimeSpent.date, TimeSpent.duration / whole.c.duration)
        .join(TimeSpent, TimeSpent.task_id == Task.id)
        .join(whole, whole.c.task_id == Task.id)
        .where(*_tasks(mode, wanted), *_people(TimeSpent.person_id, wanted), TimeSpent.duration > 0)
    )
    if wanted.first is not None:
        query = query.where(TimeSpent.date >= wanted.first)
    if wanted.last is not None:
        query = query.where(TimeSpent.date <= wanted.last)
    rows = (await session.execute(query)).all()
    return [_share(row, row[7], row[8], row[9]) for row in rows if row[7] is not None]


async def _by_dates(session: AsyncSession, mode: CountMode, wanted: Range) -> list[Share]:
    noted = select(TimeSpent.id).where(TimeSpent.task_id == Task.id, TimeSpent.duration > 0)
    colleague = aliased(TaskPersonLink)
    team = select(func.count()).where(colleague.task_id == Task.id).correlate(Task).scalar_subquery()
    query = (
        _of_shots(TaskPersonLink.person_id, Task.real_start_date, mode.delivery, team)
        .join(TaskPersonLink, TaskPersonLink.task_id == Task.id)
        .where(
            *_tasks(mode, wanted),
            *_people(TaskPersonLink.person_id, wanted),
            Task.real_start_date.is_not(None),
            ~noted.exists(),
        )
    )
    found: list[Share] = []
    for row in (await session.execute(query)).all():
        days = working_days(row[8].date(), row[9].date())
        weight = 1 / (len(days) * row[10])
        found.extend(_share(row, row[7], day, weight) for day in days if wanted.holds(day))
    return found


def working_days(first: dt.date, last: dt.date) -> list[dt.date]:
    """The days from Monday to Friday from `first` to `last`; `last` alone when there are none."""
    length = min((last - first).days, LONGEST_WORK)
    days = [last - dt.timedelta(days=back) for back in range(length, -1, -1)]
    return [day for day in days if day.weekday() < WEEKDAYS] or [last]
