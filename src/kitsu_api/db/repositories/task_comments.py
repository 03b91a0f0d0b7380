"""Comments of a task, with what a client shows of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.base import now
from kitsu_api.db.prepared import Statements, built_once, is_everything, unseen
from kitsu_api.db.projection import array_of, bracketed, json_array, json_object, texts_of

Condition = ColumnElement[bool]


@built_once
def _cards(model: Any, names: Sequence[str], own: Any) -> ColumnElement[Any]:
    """Rows of a table that point to the comment, as a list of small objects."""
    row = aliased(model)
    pairs = [part for name in names for part in (name, getattr(row, name))]
    found = select(func.json_agg(func.json_build_object(*pairs))).where(getattr(row, own) == m.Comment.id)
    return func.coalesce(found.correlate(m.Comment).scalar_subquery(), func.json_build_array())


def attachments() -> ColumnElement[Any]:
    """The files attached to a comment."""
    names = ("id", "name", "extension", "size")
    return _cards(m.AttachmentFile, names, "comment_id")


@cache
def _previews() -> ColumnElement[Any]:
    """The previews that came with a comment, in their order."""
    link, preview = aliased(m.CommentPreviewLink), aliased(m.PreviewFile)
    names = (
        *("id", "revision", "extension", "width", "height", "duration", "status", "validation_status"),
        *("original_name", "position", "annotations", "task_id"),
    )
    pairs = [part for name in names for part in (name, getattr(preview, name))]
    card = func.json_build_object(*pairs)
    found = (
        select(func.json_agg(aggregate_order_by(card, preview.position)))
        .select_from(link)
        .join(preview, preview.id == link.preview_file)
        .where(link.comment == m.Comment.id)
        .correlate(m.Comment)
    )
    return func.coalesce(found.scalar_subquery(), func.json_build_array())


def _whole_previews() -> ColumnElement[Any]:
    """The previews that came with a comment as whole rows, in their order."""
    link, preview = aliased(m.CommentPreviewLink), m.PreviewFile
    pairs = [part for name, column in p.PREVIEW_FILE.columns().items() for part in (name, column)]
    found = (
        select(func.json_agg(aggregate_order_by(func.json_build_object(*pairs), preview.position)))
        .select_from(link)
        .join(preview, preview.id == link.preview_file)
        .where(link.comment == m.Comment.id)
        .correlate(m.Comment)
    )
    return func.coalesce(found.scalar_subquery(), func.json_build_array())


@cache
def _status_pairs(status: Any) -> list[Any]:
    return [part for name in ("name", "short_name", "color", "id") for part in (name, getattr(status, name))]


def status_card() -> ColumnElement[Any]:
    """The status that came with a comment."""
    status = aliased(m.TaskStatus)
    found = select(func.json_build_object(*_status_pairs(status)))
    return found.where(status.id == m.Comment.task_status_id).correlate(m.Comment).scalar_subquery()


def _status_cards() -> Any:
    """The same of all statuses, as `card_in` looks it up."""
    status = aliased(m.TaskStatus)
    return p.cards(status.id, func.json_build_object(*_status_pairs(status))).scalar_subquery()


def _one(projection: Any, id: Any, *, relations: bool = False) -> ColumnElement[Any]:
    """A whole row as a JSON object."""
    row = select(*projection.columns(relations=relations).values()).where(projection.key == id)
    found = row.correlate(m.Comment).subquery("one")
    return select(func.row_to_json(found.table_valued())).select_from(found).scalar_subquery()


def _made(departments: bool, preview_files: bool) -> Select[Any]:
    """Comments of `ids`, in that order, as the texts of JSON objects."""
    columns: dict[str, Any] = dict(p.COMMENT.columns())
    shown = {
        **{name: link.ids(m.Comment.__table__.c.id) for name, link in p.COMMENT_LINKS.items()},
        "attachment_files": attachments(),
        "task_status": _one(p.TASK_STATUS, m.Comment.task_status_id),
        "person": _one(p.PERSON, m.Comment.person_id, relations=departments),
    }
    if preview_files:
        shown["preview_files"], shown["previews"] = _whole_previews(), func.json_build_array()
    columns.update({name: value.label(name) for name, value in shown.items()})
    ids: BindParameter[Any] = bindparam("ids", type_=ARRAY(Uuid()))
    query = select(*columns.values()).where(m.Comment.id == any_(ids))
    return array_of(query.order_by(func.array_position(ids, m.Comment.id)))


_MADE = Statements(_made)


class TaskComments:
    """What was said about tasks; each list is one statement."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_json(self, task_id: UUID, seen: Condition) -> bytes:
        """The comments of a task that meet a condition: pinned ones first, then the newest."""
        if is_everything(seen):
            return bracketed(await _ALL().joined(self.session, task_id=task_id))
        return await json_array(self.session, self.list_of(task_id, seen))

    @staticmethod
    def list_of(task_id: Any, seen: Condition) -> Select[Any]:
        """The query behind `list_json`."""
        columns: dict[str, Any] = dict(p.COMMENT.columns())
        said = aliased(m.Comment)
        people, statuses = p.authors(select(said.person_id).where(said.object_id == task_id)), _status_cards()
        shown = {
            "replies": p.replies_with_authors(m.Comment.replies),
            "person": p.card_in(people, m.Comment.person_id),
            "task_status": p.card_in(statuses, m.Comment.task_status_id),
            **{name: link.ids(m.Comment.__table__.c.id) for name, link in p.COMMENT_LINKS.items()},
            "previews": _previews(),
            "attachment_files": attachments(),
        }
        # said to be JSON, so that it is not made JSON once more
        columns.update({name: type_coerce(value, JSON).label(name) for name, value in shown.items()})
        order = (m.Comment.pinned.desc().nulls_last(), m.Comment.created_at.desc(), m.Comment.id)
        return select(*columns.values()).where(m.Comment.object_id == task_id, seen).order_by(*order)

    async def one_json(self, comment_id: UUID) -> bytes | None:
        """A comment without what hangs on it."""
        query = select(*p.COMMENT.columns().values()).where(m.Comment.id == comment_id)
        return await json_object(self.session, query)

    async def made_json(
        self, ids: Sequence[UUID], *, departments: bool = False, preview_files: bool = False
    ) -> bytes:
        """Comments that were just made, in this order, with their status and author whole.

        `departments` adds those of the author, `preview_files` the previews whole, in place of their ids.
        """
        await self.session.flush()
        text: str | None = await _MADE(departments, preview_files).scalar(self.session, ids=list(ids))
        return b"[" + (text or "").encode() + b"]"

    async def card(self, person_id: UUID) -> dict[str, Any] | None:
        """Who somebody is, as far as everybody may know."""
        found: dict[str, Any] | None = await self.session.scalar(select(p.author_of(person_id)))
        return found

    async def find(self, task_id: UUID, comment_id: UUID) -> m.Comment | None:
        """A comment of a task, locked; None when it is of another, or not there."""
        query = select(m.Comment).where(m.Comment.id == comment_id, m.Comment.object_id == task_id)
        return (await self.session.scalars(query.with_for_update())).one_or_none()

    async def exists(self, comment_id: UUID) -> bool:
        """Whether there is such a comment, on whatever task."""
        return await self.session.scalar(select(m.Comment.id).where(m.Comment.id == comment_id)) is not None

    async def visible(self, comment_id: UUID, seen: Condition) -> bool:
        """Whether a comment meets a condition."""
        query = select(m.Comment.id).where(m.Comment.id == comment_id, seen)
        return await self.session.scalar(query) is not None

    async def toggle_acknowledgement(self, comment_id: UUID, person_id: UUID) -> bool:
        """Acknowledge a comment, or take that back; whether it is acknowledged now."""
        pair = m.CommentAcknoledgments
        gone = await self.session.execute(
            delete(pair).where(pair.comment == comment_id, pair.person == person_id).returning(pair.comment)
        )
        acknowledged = gone.scalar() is None
        if acknowledged:
            statement = insert(pair).values(comment=comment_id, person=person_id)
            await self.session.execute(statement.on_conflict_do_nothing())
        await self.session.execute(
            update(m.Comment).where(m.Comment.id == comment_id).values(updated_at=now())
        )
        return acknowledged

    async def news_of(self, comment_id: UUID) -> list[UUID]:
        """The ids of the news of a comment."""
        return list(
            (await self.session.scalars(select(m.News.id).where(m.News.comment_id == comment_id))).all()
        )

    async def delete_news_and_notices(self, comment_id: UUID) -> None:
        """Delete the news and the notifications of a comment."""
        await self.session.execute(delete(m.News).where(m.News.comment_id == comment_id))
        await self.session.execute(delete(m.Notification).where(m.Notification.comment_id == comment_id))

    async def move_previews(self, comment_id: UUID, source_id: UUID, target_id: UUID) -> None:
        """Let the previews of a comment go with it to another task, those excepted that hang on others too.

        Revisions that the other task has already are counted on from its last one.
        """
        link, others, preview = m.CommentPreviewLink, aliased(m.CommentPreviewLink), m.PreviewFile
        elsewhere = select(others.comment).where(
            others.preview_file == link.preview_file, others.comment != comment_id
        )
        own = select(link.preview_file).where(link.comment == comment_id, ~elsewhere.exists())
        ids = list((await self.session.scalars(own)).all())
        if not ids:
            return
        moved = select(preview.revision).where(preview.id.in_(ids)).distinct().order_by(preview.revision)
        revisions = list((await self.session.scalars(moved)).all())
        taken = select(preview.revision).where(preview.task_id == target_id).distinct()
        known = [revision or 0 for revision in (await self.session.scalars(taken)).all()]
        clash = bool(set(known) & set(revisions))
        first = max(known, default=0) + 1
        for number, revision in enumerate(revisions):
            await self.session.execute(
                update(preview)
                .where(preview.id.in_(ids), preview.revision == revision, preview.task_id != target_id)
                .values(task_id=target_id, revision=first + number if clash else revision, updated_at=now())
            )
        for task_id in (source_id, target_id):
            newest = (
                select(preview.id)
                .where(preview.task_id == task_id)
                .order_by(preview.revision.desc(), preview.position, preview.created_at)
                .limit(1)
                .scalar_subquery()
            )
            await self.session.execute(
                update(m.Task).where(m.Task.id == task_id).values(last_preview_file_id=newest)
            )

    async def delete_reply_notices(self, reply_id: UUID) -> None:
        """Delete the notifications of a reply."""
        await self.session.execute(delete(m.Notification).where(m.Notification.reply_id == reply_id))

    async def last_for_clients(self, task_ids: Sequence[UUID]) -> list[m.Comment]:
        """The newest comment by a client of each task, in the order of the tasks."""
        person, link, task = aliased(m.Person), aliased(m.ProjectPersonLink), aliased(m.Task)
        role = func.coalesce(link.role, person.role)
        query = (
            select(m.Comment)
            .join(task, task.id == m.Comment.object_id)
            .join(person, person.id == m.Comment.person_id)
            .outerjoin(link, and_(link.person_id == person.id, link.project_id == task.project_id))
            .where(m.Comment.object_id.in_(list(task_ids)), role == "client")
            .order_by(m.Comment.created_at.desc())
        )
        newest: dict[UUID, m.Comment] = {}
        for comment in (await self.session.scalars(query)).all():
            newest.setdefault(comment.object_id, comment)
        return [newest[id] for id in task_ids if id in newest]


_TASK: BindParameter[UUID] = bindparam("task_id", type_=Uuid())
_ALL = Statements(lambda: texts_of(TaskComments.list_of(unseen(_TASK), true())))
"""All comments of a task."""


def _id(name: str) -> BindParameter[UUID]:
    return bindparam(name, type_=Uuid())


def _readable(query: Select[Any], person: Any, project_id: Any, *, for_client: bool) -> Select[Any]:
    """Active people alone, and clients only of what is for clients."""
    link = aliased(m.ProjectPersonLink)
    role = func.coalesce(link.role, person.role)
    query = query.outerjoin(link, and_(link.person_id == person.id, link.project_id == project_id)).where(
        person.active.is_(True)
    )
    return query if for_client else query.where(role != "client")


def _readers(for_client: bool) -> Select[Any]:
    subscription, entity, person = m.Subscription, aliased(m.Entity), aliased(m.Person)
    link = m.TaskPersonLink
    holder = select(entity.parent_id).where(entity.id == _id("entity_id")).scalar_subquery()
    follows = or_(
        subscription.task_id == _id("task_id"),
        and_(
            subscription.task_type_id == _id("task_type_id"),
            or_(subscription.entity_id == _id("entity_id"), subscription.entity_id == holder),
        ),
    )
    others = func.unnest(bindparam("others", type_=ARRAY(Uuid())))
    told = union_all(
        select(link.person_id.label("person_id"), literal_column("true", Boolean).label("involved")).where(
            link.task_id == _id("task_id")
        ),
        select(subscription.person_id, literal_column("true", Boolean)).where(follows),
        select(others, literal_column("false", Boolean)),
    ).subquery("told")
    query = select(person.id, func.bool_or(told.c.involved)).join(told, told.c.person_id == person.id)
    return _readable(query, person, _id("project_id"), for_client=for_client).group_by(person.id)


_READERS = Statements(_readers)


class CommentAudience:
    """Who is told of a comment."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def readers(self, task: m.Task, others: Collection[UUID], *, for_client: bool) -> dict[UUID, bool]:
        """Who may read a comment of those who work on a task, who follow it or the tasks of its type on its
        entity or in its sequence, and of some others; with whether the task is a matter of theirs."""
        await self.session.flush()
        rows = await _READERS(for_client).rows(
            self.session,
            task_id=task.id,
            entity_id=task.entity_id,
            task_type_id=task.task_type_id,
            project_id=task.project_id,
            others=list(others),
        )
        return {row[0]: bool(row[1]) for row in rows}

    async def narrow_to_readers(self, people: set[UUID], task: m.Task, *, for_client: bool) -> set[UUID]:
        """Those of the people who may read it: active ones, and clients only what is for clients."""
        person = aliased(m.Person)
        query = select(person.id).where(person.id.in_(list(people)))
        query = _readable(query, person, task.project_id, for_client=for_client)
        return set((await self.session.scalars(query)).all())

    async def team(self, project_id: UUID | None) -> list[tuple[UUID, str]]:
        """The people of a production by the names that mentions use."""
        person, link = aliased(m.Person), aliased(m.ProjectPersonLink)
        name = func.trim(person.first_name + " " + person.last_name)
        query = (
            select(person.id, name)
            .join(link, link.person_id == person.id)
            .where(link.project_id == project_id, person.active.is_(True))
        )
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def departments(self) -> list[tuple[UUID, str]]:
        """All departments by name."""
        rows = (await self.session.execute(select(m.Department.id, m.Department.name))).all()
        return [(row[0], row[1]) for row in rows]

    async def of_departments(self, departments: Collection[UUID], project_id: UUID | None) -> set[UUID]:
        """The people of some departments who are in the team of a production."""
        member, link = aliased(m.DepartmentLink), aliased(m.ProjectPersonLink)
        query = (
            select(member.person_id)
            .join(link, link.person_id == member.person_id)
            .where(member.department_id.in_(list(departments)), link.project_id == project_id)
        )
        return set((await self.session.scalars(query)).all())

    async def drop_mentions(self, comment_id: UUID, but: Collection[UUID]) -> None:
        """Forget that a comment called people, except these."""
        row = m.Notification
        await self.session.execute(
            delete(row).where(
                row.comment_id == comment_id, row.type == "mention", row.person_id.not_in(list(but))
            )
        )

    async def told_of_mention(self, comment_id: UUID) -> set[UUID]:
        """The people who were told that a comment calls them."""
        row = m.Notification
        query = select(row.person_id).where(row.comment_id == comment_id, row.type == "mention")
        return set((await self.session.scalars(query)).all())
