"""Time spent on tasks: the task keeps the sum."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import TimeSpent
from kitsu_api.db.repositories.assignations import Assignations, TaskPlace
from kitsu_api.db.repositories.task_time_spents import TaskTimeSpents
from kitsu_api.db.repositories.tasks import TaskRepository
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.task_time_spents import notes_time_of
from kitsu_api.services.csv_cells import Cell
from kitsu_api.services.export_csv import zone_of
from kitsu_api.unit_of_work import UnitOfWork


def _check_minutes(minutes: float | None) -> None:
    """Make sure that some time is noted.

    Raises:
        BadRequest: it is none.
    """
    if minutes is not None and minutes <= 0:
        raise BadRequest("duration: must be above 0.")


def _is_past(day: dt.date, zone: str | None) -> bool:
    """Whether a day lies in a week that is over where somebody works; weeks begin on Monday."""
    today = dt.datetime.now(zone_of(zone)).date()
    return day < today - dt.timedelta(days=today.weekday())


async def _check_day(
    uow: UnitOfWork, actor: Actor, project_id: UUID | None, person_id: UUID, day: dt.date
) -> bool:
    """Make sure that the caller may still change what was noted on a day; whether the person is off then.

    Raises:
        Forbidden: the studio locks the timesheets of past weeks, and the caller does not run the production.
    """
    calendar = await TaskTimeSpents(uow.session).calendar(person_id, day)
    if calendar.locked and not actor.manages(project_id) and _is_past(day, calendar.timezone):
        raise Forbidden("The timesheets of past weeks are locked. Ask somebody who runs the production.")
    return calendar.is_off


async def _check_new_day(
    uow: UnitOfWork, actor: Actor, project_id: UUID | None, person_id: UUID, day: dt.date
) -> None:
    """Make sure that time may be noted on a day.

    Raises:
        Forbidden: as `_check_day`, or the person is off.
    """
    if await _check_day(uow, actor, project_id, person_id, day):
        raise Forbidden("No time is spent on a day off.")


async def creating(uow: UnitOfWork, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """Time is spent on tasks of productions that are open to the caller, by those who work on them.

    Raises:
        BadRequest: there is no such task, or no time is noted.
        Forbidden: it is of another production; unless the caller is an admin, the person does not work on it,
            or as `_check_new_day`.
    """
    _check_minutes(values.get("duration"))
    task_id = values.get("task_id")
    project_id = await TaskRepository(uow.session).project_of(task_id)
    if project_id is None:
        raise BadRequest("task_id: there is no such task.")
    if not actor.sees(project_id):
        raise Forbidden
    person_id = values.get("person_id")
    if not actor.is_admin and task_id is not None and person_id is not None:
        if not await Assignations(uow.session).is_assigned(task_id, person_id):
            raise Forbidden("Time is noted by those who are assigned to a task.")
        await _check_new_day(uow, actor, project_id, person_id, values["date"])
    return values


async def updating(
    uow: UnitOfWork, actor: Actor, time_spent: TimeSpent, values: dict[str, Any]
) -> dict[str, Any]:
    """What was noted on a day changes, or moves to another, by the rules for both.

    Raises:
        BadRequest: it would be no time at all.
        Forbidden: as `deleting`, and as `_check_new_day` for the day that it moves to.
    """
    _check_minutes(values.get("duration"))
    await deleting(uow, actor, time_spent)
    day = values.get("date")
    if not actor.is_admin and day is not None and day != time_spent.date and time_spent.person_id is not None:
        project_id = await TaskRepository(uow.session).project_of(time_spent.task_id)
        await _check_new_day(uow, actor, project_id, time_spent.person_id, day)
    return values


async def deleting(uow: UnitOfWork, actor: Actor, time_spent: TimeSpent) -> None:
    """What was noted on a day of a week that is locked stays as it is.

    Raises:
        Forbidden: as `_check_day`.
    """
    if actor.is_admin or time_spent.person_id is None:
        return
    project_id = await TaskRepository(uow.session).project_of(time_spent.task_id)
    await _check_day(uow, actor, project_id, time_spent.person_id, time_spent.date)


async def refresh_task(uow: UnitOfWork, actor: Actor, time_spent: TimeSpent) -> None:
    """Set the task's duration (minutes) to the sum of its time spents, and tell of it."""
    if time_spent.task_id is None:
        return
    tasks = TaskRepository(uow.session)
    task = await tasks.find(time_spent.task_id)
    if task is None:
        return
    task.duration = await tasks.spent(task.id)
    task.updated_at = now()
    uow.emit(record_event("task", "update", task.id, task.project_id))


async def _checked(uow: UnitOfWork, actor: Actor, task_id: UUID, person_id: UUID) -> TaskPlace:
    """The task, if the caller may note this person's time on it.

    Raises:
        NotFound: there is no such task or person.
        Forbidden: it is somebody else's time, or a bot's where bots don't work.
    """
    assignations = Assignations(uow.session)
    place = (await assignations.places([task_id])).get(task_id)
    if place is None:
        raise NotFound
    if not notes_time_of(actor, place.project_id, person_id):
        raise Forbidden
    bot = await assignations.is_bot(person_id)
    if bot is None:
        raise NotFound
    if bot and not place.open_to_bots:
        raise Forbidden
    return place


async def _sum_up(uow: UnitOfWork, place: TaskPlace) -> None:
    """Set the task's duration (minutes) to the sum of its time spents, and tell of it."""
    tasks = TaskRepository(uow.session)
    task = await tasks.find(place.id)
    assert task is not None
    task.duration = await tasks.spent(place.id)
    task.updated_at = now()
    uow.emit(record_event("task", "update", place.id, place.project_id))


async def note(
    uow: UnitOfWork, actor: Actor, task_id: UUID, person_id: UUID, day: dt.date, minutes: float, *, add: bool
) -> UUID:
    """Set what a person spent on a task on a day, or add to it; the id of the time spent.

    Raises:
        NotFound: there is no such task or person.
        BadRequest: the duration is not above 0.
        Forbidden: it is somebody else's time, a bot's where bots don't work, a day off, a day of a week that
            is locked, or a task that the person is not assigned to.
    """
    place = await _checked(uow, actor, task_id, person_id)
    _check_minutes(minutes)
    if not await Assignations(uow.session).is_assigned(task_id, person_id):
        raise Forbidden
    spents = TaskTimeSpents(uow.session)
    await _check_new_day(uow, actor, place.project_id, person_id, day)
    id, new = await spents.put(task_id, person_id, day, minutes, add=add)
    if new:
        await spents.mark_presence(person_id, day)
        uow.emit(record_event("person", "update", person_id))
    action = "new" if new else "update"
    uow.emit(record_event("time-spent", action, id, place.project_id))
    await _sum_up(uow, place)
    return id


async def forget(uow: UnitOfWork, actor: Actor, task_id: UUID, person_id: UUID, day: dt.date) -> TimeSpent:
    """Delete what a person spent on a task on a day; the row that was.

    Raises:
        NotFound: there is no such task, person or time spent.
        Forbidden: it is somebody else's time, or of a week that is locked.
    """
    place = await _checked(uow, actor, task_id, person_id)
    await _check_day(uow, actor, place.project_id, person_id, day)
    spents = TaskTimeSpents(uow.session)
    spent = await spents.find(task_id, person_id, day)
    if spent is None:
        raise NotFound
    await spents.delete(spent.id)
    uow.emit(record_event("time-spent", "delete", spent.id, place.project_id))
    await _sum_up(uow, place)
    return spent


def time_table(
    minutes: Mapping[str, Mapping[str, float]], names: Mapping[str, str], span: Iterable[int] | None = None
) -> Iterator[Sequence[Cell]]:
    """The rows of a sheet: who, the minutes of each part of a period, and their sum; people by name.

    `minutes` are by part and person, `span` the parts that have a column (None: those in which somebody
    worked).
    """
    parts = [str(part) for part in span] if span is not None else sorted(minutes, key=int)
    people = sorted({id for part in minutes.values() for id in part}, key=lambda id: (names.get(id, ""), id))
    yield ["Person", *parts, "Total"]
    for id in people:
        row = [minutes.get(part, {}).get(id, 0) for part in parts]
        yield [names.get(id, ""), *(_short(cell) for cell in (*row, sum(row)))]


def _short(minutes: float) -> float | int:
    """Whole minutes without a fraction."""
    return int(minutes) if minutes == int(minutes) else minutes
