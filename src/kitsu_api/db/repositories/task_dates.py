"""When people work: from when to when, and on what else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, select
from sqlalchemy.dialects.postgresql import TSRANGE, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.projection import TIMESTAMP_FORMAT, json_array
from kitsu_api.db.repositories.person_tasks import in_open_project

Condition = ColumnElement[bool]
NO_PERIODS = func.json_build_array()


def _periods(where: Sequence[Condition], project_id: UUID) -> Select[Any]:
    """The spans of everybody's tasks in other running productions; those that meet are one."""
    spans = func.range_agg(func.tsrange(m.Task.start_date, m.Task.due_date, literal("[]")))
    merged = (
        select(m.TaskPersonLink.person_id, func.unnest(spans, type_=TSRANGE()).label("span"))
        .join(m.Task, m.Task.id == m.TaskPersonLink.task_id)
        .where(
            *where,
            in_open_project(),
            m.Task.project_id != project_id,
            m.Task.start_date <= m.Task.due_date,
        )
        .group_by(m.TaskPersonLink.person_id)
        .subquery()
    )
    period = func.json_build_object(
        "start_date",
        func.to_char(func.lower(merged.c.span), TIMESTAMP_FORMAT),
        "end_date",
        func.to_char(func.upper(merged.c.span), TIMESTAMP_FORMAT),
    )
    periods = func.json_agg(aggregate_order_by(period, merged.c.span))
    return select(merged.c.person_id, periods.label("periods")).group_by(merged.c.person_id)


async def task_dates_json(
    session: AsyncSession, where: Sequence[Condition], project_id: UUID | None
) -> bytes:
    """From when to when everybody has tasks in running productions, or in one, as a JSON array.

    With a production it is told when they work on others.
    """
    link = m.TaskPersonLink
    dated = and_(in_open_project(), func.coalesce(m.Task.start_date, m.Task.due_date).is_not(None))
    of_project = [] if project_id is None else [m.Task.project_id == project_id]
    people = (
        select(
            link.person_id,
            func.to_char(func.min(m.Task.start_date), TIMESTAMP_FORMAT).label("min_date"),
            func.to_char(func.max(m.Task.due_date), TIMESTAMP_FORMAT).label("max_date"),
        )
        .join(m.Task, m.Task.id == link.task_id)
        .where(*where, dated, *of_project)
        .group_by(link.person_id)
    )
    if project_id is None:
        query = people.add_columns(NO_PERIODS.label("busy_periods")).order_by(link.person_id)
        return await json_array(session, query)
    found, busy = people.subquery("found"), _periods(where, project_id).subquery("busy")
    query = (
        select(*found.c, func.coalesce(busy.c.periods, NO_PERIODS).label("busy_periods"))
        .outerjoin(busy, busy.c.person_id == found.c.person_id)
        .order_by(found.c.person_id)
    )
    return await json_array(session, query)
