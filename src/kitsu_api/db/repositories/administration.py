"""Queries of the server's command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, column, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Base, now
from kitsu_api.db.models import (
    ApiEvent,
    Entity,
    EntityLink,
    LoginLog,
    Notification,
    Person,
    PreviewFile,
    Project,
    Task,
)

AGEING: dict[str, type[ApiEvent | LoginLog | Notification]] = {
    "events": ApiEvent,
    "login_logs": LoginLog,
    "notifications": Notification,
}
"""Rows that only tell what has been."""

MEND_TASKS = """
WITH spoken AS (
    SELECT object_id, created_at, task_status_id,
           lag(task_status_id) OVER (PARTITION BY object_id ORDER BY created_at, id) AS before
    FROM comment WHERE object_type = 'Task'
), turns AS (
    SELECT spoken.object_id, spoken.created_at, spoken.task_status_id,
           coalesce(status.is_wip, false) AS is_wip,
           coalesce(status.is_retake, false) AS is_retake,
           coalesce(status.is_done, false) AS is_done,
           coalesce(status.is_feedback_request, false) AS is_feedback,
           lag(coalesce(status.is_retake, false)) OVER turn AS was_retake,
           lag(coalesce(status.is_feedback_request, false)) OVER turn AS was_feedback,
           lag(spoken.created_at) OVER turn AS begun_before,
           lead(spoken.created_at) OVER turn IS NULL AS is_last
    FROM spoken JOIN task_status status ON status.id = spoken.task_status_id
    WHERE spoken.task_status_id IS DISTINCT FROM spoken.before
    WINDOW turn AS (PARTITION BY spoken.object_id ORDER BY spoken.created_at)
), facts AS (
    SELECT object_id,
           min(created_at) FILTER (WHERE is_wip) AS begun,
           count(*) FILTER (WHERE is_retake AND NOT coalesce(was_retake, false)) AS retakes,
           max(CASE WHEN NOT is_last THEN NULL
                    WHEN is_feedback THEN created_at
                    WHEN is_done AND was_feedback THEN begun_before
                    WHEN is_done THEN created_at END) AS ended,
           max(created_at) FILTER (WHERE is_last AND is_done) AS done,
           (array_agg(task_status_id) FILTER (WHERE is_last))[1] AS status
    FROM turns GROUP BY object_id
), last AS (
    SELECT object_id, max(created_at) AS spoken FROM spoken GROUP BY object_id
), mended AS (
    SELECT task.id, last.spoken, facts.retakes, coalesce(facts.begun, task.real_start_date) AS begun,
           CASE WHEN facts.status = task.task_status_id THEN facts.ended ELSE task.end_date END AS ended,
           CASE WHEN facts.status = task.task_status_id THEN facts.done ELSE task.done_date END AS done
    FROM task JOIN facts ON facts.object_id = task.id JOIN last ON last.object_id = task.id
    WHERE cast(:project AS uuid) IS NULL OR task.project_id = :project
)
UPDATE task
SET last_comment_date = mended.spoken, retake_count = mended.retakes, real_start_date = mended.begun,
    end_date = mended.ended, done_date = mended.done, updated_at = :moment
FROM mended
WHERE task.id = mended.id
  AND (task.last_comment_date, task.retake_count, task.real_start_date, task.end_date, task.done_date)
      IS DISTINCT FROM (mended.spoken, mended.retakes, mended.begun, mended.ended, mended.done)
RETURNING task.id, task.project_id
"""
"""What tasks tell of their comments, from the comments. Dates of the end follow the status that the task has;
a task whose status the comments don't explain keeps them. One retake after another counts once."""


class AdministrationRepository:
    """What operators count, mend and forget."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def people_who_sign_in(self) -> Sequence[UUID]:
        """Everybody but bots."""
        return (await self.session.scalars(select(Person.id).where(~Person.is_bot))).all()

    async def project_named(self, name: str) -> UUID | None:
        """A production by its id or its name; None when there is none of it."""
        same = or_(Project.name == name, cast(Project.id, Text) == name.lower())
        id: UUID | None = await self.session.scalar(select(Project.id).where(same).limit(1))
        return id

    async def mend_castings(self, project_id: UUID | None) -> Sequence[tuple[UUID, UUID | None]]:
        """Count anew how many assets each entity casts; the entities that were wrong, with productions."""
        number = (
            select(func.count())
            .select_from(EntityLink)
            .where(EntityLink.entity_in_id == Entity.id)
            .correlate(Entity)
            .scalar_subquery()
        )
        change = (
            update(Entity)
            .where(func.coalesce(Entity.nb_entities_out, 0) != number)
            .values(nb_entities_out=number, updated_at=now())
            .returning(Entity.id, Entity.project_id)
            .execution_options(synchronize_session=False)
        )
        if project_id is not None:
            change = change.where(Entity.project_id == project_id)
        return [(row[0], row[1]) for row in await self.session.execute(change)]

    async def mend_tasks(self, project_id: UUID | None) -> Sequence[tuple[UUID, UUID | None]]:
        """Work out anew what tasks tell of their comments; those that were wrong, with productions."""
        values = {"project": project_id, "moment": now()}
        return [(row[0], row[1]) for row in await self.session.execute(text(MEND_TASKS), values)]

    async def delete_before(self, kind: str, moment: datetime, limit: int) -> int:
        """Delete at most so many rows of a kind of `AGEING` that are older; how many there were."""
        model = AGEING[kind]
        old = select(model.id).where(model.created_at < moment).limit(limit)
        done = await self.session.execute(
            delete(model).where(model.id.in_(old)).execution_options(synchronize_session=False)
        )
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of a DELETE has one

    async def clear(self) -> int:
        """Delete the rows of all tables; how many tables there are. Records of versions stay."""
        tables = list(Base.metadata.tables)
        names = ", ".join(f'"{name}"' for name in tables)
        await self.session.execute(text(f"TRUNCATE {names} CASCADE"))
        return len(tables)

    async def annotated(
        self, project_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[PreviewFile]:
        """A batch of previews with annotations, by id, locked until the transaction ends."""
        query = select(PreviewFile).where(func.jsonb_typeof(PreviewFile.annotations) == "array")
        if after is not None:
            query = query.where(PreviewFile.id > after)
        if project_id is not None:
            of_project = select(Task.id).where(Task.project_id == project_id)
            query = query.where(PreviewFile.task_id.in_(of_project))
        query = query.order_by(PreviewFile.id).limit(limit).with_for_update()
        return (await self.session.scalars(query)).all()

    async def set_annotations(self, annotations: Mapping[UUID, Any]) -> None:
        """Give previews other annotations, in one statement."""
        if not annotations:
            return
        given = func.jsonb_each(cast({str(id): value for id, value in annotations.items()}, JSONB))
        rows = given.table_valued("key", column("value", JSONB), name="given")
        change = (
            update(PreviewFile)
            .where(cast(PreviewFile.id, Text) == rows.c.key)
            .values(annotations=rows.c.value, updated_at=now())
        )
        await self.session.execute(change.execution_options(synchronize_session=False))

    async def previews(
        self, project_id: UUID | None, extensions: Sequence[str], *, unmeasured: bool
    ) -> Sequence[UUID]:
        """Previews that have their files, of these extensions; `unmeasured`: only those without a size."""
        query = select(PreviewFile.id).where(
            PreviewFile.extension.in_(list(extensions)), PreviewFile.status == "ready"
        )
        if unmeasured:
            query = query.where(func.coalesce(PreviewFile.width, 0) == 0)
        if project_id is not None:
            query = query.join(Task, Task.id == PreviewFile.task_id).where(Task.project_id == project_id)
        return (await self.session.scalars(query.order_by(PreviewFile.created_at, PreviewFile.id))).all()
