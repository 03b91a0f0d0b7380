"""What is read of one entity of any kind: task types, previews, news, time spents, versions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array, wire
from kitsu_api.db.projections import NAMED_KINDS, TASK_TYPE, TIME_SPENT, author_of, plain
from kitsu_api.db.repositories.entity_lists import assets
from kitsu_api.db.repositories.records import Page

Condition = ColumnElement[bool]

SHOWN_OF_PREVIEW = (
    "id",
    "name",
    "original_name",
    "extension",
    "revision",
    "position",
    "file_size",
    "status",
    "validation_status",
    "task_id",
    "person_id",
    "created_at",
    "token_in",
    "token_out",
)
SHOWN_OF_REVISION = (
    "id",
    "revision",
    "original_name",
    "extension",
    "width",
    "height",
    "duration",
    "status",
    "annotations",
)
SHOWN_OF_SOURCE = ("original_width", "original_height", "original_duration", "original_file_size")
"""What the movie was before it was converted, kept in the metadata of a preview."""


ENTITY_VERSION = plain(m.EntityVersion)


def _is_main(preview: Any) -> Condition:
    """Of several files that were published together, the first stands for all."""
    main: Condition = func.coalesce(preview.position, 1) <= 1
    return main


def _revision(preview: Any, *more: str, **added: ColumnElement[Any]) -> ColumnElement[Any]:
    """A preview as the player of an entity needs it."""
    card = {name: getattr(preview, name) for name in (*SHOWN_OF_REVISION, *more)}
    card |= {name: preview.data[name] for name in SHOWN_OF_SOURCE}
    card |= {"created_at": wire(preview.created_at), "task_id": preview.task_id, **added}
    return func.json_build_object(*(part for name, value in card.items() for part in (name, value)))


class EntityReads:
    """What hangs on one entity. `seen` narrows it to the tasks that the caller sees."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def task_types_json(self, entity_id: UUID, seen: Condition) -> bytes:
        """The types of the tasks on an entity."""
        used = select(m.Task.task_type_id).where(m.Task.entity_id == entity_id, seen)
        query = select(*TASK_TYPE.columns().values()).where(m.TaskType.id.in_(used))
        return await json_array(self.session, query.order_by(m.TaskType.priority, m.TaskType.name))

    async def preview_files_json(self, entity_id: UUID, seen: Condition) -> bytes:
        """The previews on the tasks of an entity, newest first."""
        columns = [wire(m.PreviewFile.__table__.columns[name]).label(name) for name in SHOWN_OF_PREVIEW]
        query = (
            select(*columns)
            .join(m.Task, m.Task.id == m.PreviewFile.task_id)
            .where(m.Task.entity_id == entity_id, seen)
            .order_by(m.PreviewFile.created_at.desc(), m.PreviewFile.id)
        )
        return await json_array(self.session, query)

    async def previews_by_task_type_json(self, entity_id: UUID, seen: Condition) -> bytes:
        """The revisions shown on an entity: a JSON object of task types, each with its main previews,
        newest revision first; `previews` are the other files of the revision."""
        preview, other = m.PreviewFile, aliased(m.PreviewFile)
        cards = func.json_agg(
            aggregate_order_by(_revision(other, "position"), other.position, other.created_at)
        )
        others = (
            select(func.coalesce(cards, func.json_build_array()))
            .where(other.task_id == preview.task_id, other.revision == preview.revision, ~_is_main(other))
            .correlate(preview)
            .scalar_subquery()
        )
        newest_first = aggregate_order_by(
            _revision(preview, previews=others), preview.revision.desc(), preview.created_at.desc()
        )
        by_type = (
            select(m.Task.task_type_id.label("id"), func.json_agg(newest_first).label("cards"))
            .join(m.Task, m.Task.id == preview.task_id)
            .where(m.Task.entity_id == entity_id, seen, _is_main(preview), m.Task.task_type_id.is_not(None))
            .group_by(m.Task.task_type_id)
            .subquery()
        )
        whole = func.json_object_agg(by_type.c.id, by_type.c.cards)
        found: str | None = await self.session.scalar(select(cast(whole, Text)))
        return (found or "{}").encode()

    async def time_spents_json(self, entity_id: UUID, seen: Condition) -> bytes:
        """The time spent on the tasks of an entity, day by day."""
        query = (
            select(*TIME_SPENT.columns().values())
            .join(m.Task, m.Task.id == m.TimeSpent.task_id)
            .where(m.Task.entity_id == entity_id, seen)
        )
        return await json_array(self.session, query.order_by(m.TimeSpent.date, m.TimeSpent.id))

    async def versions_json(self, entity_id: UUID, *, hidden: bool = False) -> bytes:
        """Former states of an entity, newest first; `hidden`: without their metadata."""
        version, columns = m.EntityVersion, dict(ENTITY_VERSION.columns())
        if hidden:
            columns["data"] = cast(literal("{}"), JSONB).label("data")
        query = select(*columns.values()).where(version.entity_id == entity_id)
        return await json_array(self.session, query.order_by(version.created_at.desc(), version.id))

    async def count_news(self, entity_id: UUID, seen: Condition) -> int:
        """How many news an entity has."""
        query = select(func.count()).select_from(m.News).join(m.Task, m.Task.id == m.News.task_id)
        return int(await self.session.scalar(query.where(m.Task.entity_id == entity_id, seen)) or 0)

    async def news_json(self, entity_id: UUID, seen: Condition, page: Page) -> bytes:
        """News of an entity, newest first. The page is cut on the ids alone: what news tell is read
        for the rows of the page, so that a deep page costs no more than the first."""
        cut = (
            select(m.News.id)
            .join(m.Task, m.Task.id == m.News.task_id)
            .where(m.Task.entity_id == entity_id, seen)
            .order_by(m.News.created_at.desc(), m.News.id.desc())
            .limit(page.limit if page.number > 0 else 0)
            .offset(max(page.offset, 0))
            .subquery()
        )
        query = (
            select(*_news_columns())
            .select_from(m.News)
            .join(cut, cut.c.id == m.News.id)
            .join(m.Task, m.Task.id == m.News.task_id)
            .join(m.Project, m.Project.id == m.Task.project_id)
            .join(m.Entity, m.Entity.id == m.Task.entity_id)
            .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .outerjoin(_PARENT, _PARENT.id == m.Entity.parent_id)
            .outerjoin(_ABOVE, _ABOVE.id == _PARENT.parent_id)
            .outerjoin(m.Comment, m.Comment.id == m.News.comment_id)
            .outerjoin(m.PreviewFile, m.PreviewFile.id == m.News.preview_file_id)
        )
        return await json_array(self.session, query.order_by(m.News.created_at.desc(), m.News.id.desc()))

    async def share(self, shared: bool, *where: Condition) -> list[UUID]:
        """Offer assets to other productions, or take them back; their ids."""
        change = (
            update(m.Entity)
            .where(assets(), *where)
            .values(is_shared=shared, updated_at=now())
            .returning(m.Entity.id)
            .execution_options(synchronize_session=False)
        )
        return list((await self.session.scalars(change)).all())

    async def projects_of_assets(self, ids: Collection[UUID]) -> set[UUID]:
        """The productions of assets."""
        query = select(m.Entity.project_id).where(assets(), m.Entity.id.in_(list(ids)))
        return set((await self.session.scalars(query.distinct())).all())


def cast_types(shot_id: UUID) -> Condition:
    """Entity types of what a shot casts."""
    asset, link = aliased(m.Entity), aliased(m.EntityLink)
    cast_by = (
        select(asset.entity_type_id)
        .join(link, link.entity_out_id == asset.id)
        .where(link.entity_in_id == shot_id)
    )
    return m.EntityType.id.in_(cast_by)


def shared_used(project_id: UUID, episode_id: UUID | None = None) -> Condition:
    """Shared assets of other productions that a production casts, or one of its episodes."""
    user, link = aliased(m.Entity), aliased(m.EntityLink)
    used = (
        select(link.entity_out_id)
        .join(user, user.id == link.entity_in_id)
        .where(user.project_id == project_id)
    )
    if episode_id is not None:
        sequence = aliased(m.Entity)
        sequences = select(sequence.id).where(sequence.parent_id == episode_id)
        in_it = (user.id == episode_id, user.parent_id == episode_id, user.parent_id.in_(sequences))
        used = used.where(or_(*in_it))
    return and_(assets(), m.Entity.is_shared, m.Entity.project_id != project_id, m.Entity.id.in_(used))


_PARENT, _ABOVE = aliased(m.Entity), aliased(m.Entity)


def _news_columns() -> list[ColumnElement[Any]]:
    """News with what they tell of: task, comment, preview, entity and author."""
    in_shot = m.EntityType.name == "Shot"
    path = func.concat_ws(" / ", _ABOVE.name, _PARENT.name, m.Entity.name)
    has_path = m.EntityType.name.in_(NAMED_KINDS)
    columns: dict[str, Any] = {
        "id": m.News.id,
        "type": literal("News", Text),
        "author_id": m.News.author_id,
        "comment_id": m.News.comment_id,
        "task_id": m.News.task_id,
        "task_type_id": m.Task.task_type_id,
        "task_status_id": m.Comment.task_status_id,
        "task_entity_id": m.Task.entity_id,
        "preview_file_id": m.News.preview_file_id,
        "preview_file_extension": m.PreviewFile.extension,
        "preview_file_revision": m.PreviewFile.revision,
        "project_id": m.Project.id,
        "project_name": m.Project.name,
        "created_at": wire(m.News.__table__.c.created_at),
        "change": m.News.change,
        "full_entity_name": case((has_path, path), else_=m.EntityType.name + " / " + m.Entity.name),
        "episode_id": case((in_shot, _ABOVE.id), (~has_path, m.Entity.source_id)),
        "entity_preview_file_id": m.Entity.preview_file_id,
        "person": author_of(m.News.author_id),
    }
    return [column.label(name) for name, column in columns.items()]
