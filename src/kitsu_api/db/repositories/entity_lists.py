"""Assets, shots and sequences as JSON: lists, and single ones with what belongs to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from functools import cache
from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.prepared import Statements, is_everything
from kitsu_api.db.projection import bracketed, json_array, json_object, json_parts, object_of
from kitsu_api.db.projections import ENTITY, NAMED_KINDS, TASK, TASK_TYPE
from kitsu_api.db.remembered import once, remembers
from kitsu_api.db.repositories.bulk import among
from kitsu_api.db.repositories.entity_columns import (
    Shape,
    metadata_for,
    name_of_entity,
    name_of_project,
    open_metadata,
)
from kitsu_api.db.repositories.kept_entity_lists import LISTED, PAGED, PIECES, narrowed
from kitsu_api.db.repositories.records import Page
from kitsu_api.db.repositories.row_states import counted
from kitsu_api.db.repositories.task_cards import SHOWN_OF_ASSET_TASK, SHOWN_OF_SHOT_TASK, task_cards

Condition = ColumnElement[bool]
OTHER_KINDS = (*NAMED_KINDS, "ConceptFolder")
"""Entity types that are no asset types."""

NAMES_LOCK = 0x6B6E616D
"""First key of the advisory lock under which the name of a new entity is looked up and taken."""

ALL_NAMES_LOCK = 0x6B6E616E
"""First key of the advisory lock that whoever adds one entity to a production shares, and whoever adds
thousands has alone: a lock for each of their names would not fit into the server's table of locks."""

# made once: an alias costs more than the rest of a small statement
_PROJECT, _OTHER, _KIND = aliased(m.Project), aliased(m.Entity), aliased(m.EntityType)
_SEQUENCE = aliased(m.Entity)


def of_kind(name: str) -> Condition:
    """Entities of one of the named kinds: `Shot`, `Sequence`, …"""
    return m.Entity.entity_type_id.in_(select(m.EntityType.id).where(m.EntityType.name == name))


def of_types(ids: Collection[UUID]) -> Condition:
    """Entities of any of these types."""
    return m.Entity.entity_type_id.in_(list(ids))


def assets() -> Condition:
    """Entities that are assets."""
    return m.Entity.entity_type_id.not_in(select(m.EntityType.id).where(m.EntityType.name.in_(OTHER_KINDS)))


def assigned_to(person_id: UUID) -> Condition:
    """Entities that a person has a task on."""
    return m.Entity.id.in_(_entities_of(person_id))


def above_assigned_to(person_id: UUID) -> Condition:
    """The sequences and episodes that hold an entity which a person has a task on, and the sequences that
    they have one on."""
    child = aliased(m.Entity)
    parents = select(child.parent_id).where(
        child.id.in_(_entities_of(person_id)), child.parent_id.is_not(None)
    )
    holders = and_(m.Entity.id.in_(parents), or_(of_kind("Sequence"), of_kind("Episode")))
    return or_(holders, and_(of_kind("Sequence"), assigned_to(person_id)))


def holding_assigned_to(person_id: UUID) -> Condition:
    """What a person has a task on, what holds that, and what holds its holder."""
    child, parent, lower = aliased(m.Entity), aliased(m.Entity), aliased(m.Entity)
    parents = select(child.parent_id).where(
        child.id.in_(_entities_of(person_id)), child.parent_id.is_not(None)
    )
    below = select(lower.parent_id).where(lower.id.in_(_entities_of(person_id)))
    above = select(parent.parent_id).where(parent.id.in_(below), parent.parent_id.is_not(None))
    return or_(m.Entity.id.in_(parents), m.Entity.id.in_(above), assigned_to(person_id))


def _entities_of(person_id: UUID) -> Select[Any]:
    task, link = aliased(m.Task), aliased(m.TaskPersonLink)
    return (
        select(task.entity_id)
        .join(link, link.task_id == task.id)
        .where(link.person_id == person_id)
        .distinct()
    )


def near_work_of(person_id: UUID, limit: int) -> Any:
    """The ids of what a person has a task on, of what holds that, and of what holds its holder, as an array;
    at most as many of each. They are looked up one by one: of few."""

    def holders(ids: Any) -> CTE:
        above = aliased(m.Entity)
        found = select(above.parent_id).where(above.id == ids.c.id).correlate(ids).scalar_subquery()
        return select(found.label("id")).select_from(ids).distinct().cte()

    own = _entities_of(person_id).limit(limit).subquery()
    works = select(own.c.entity_id.label("id")).cte()
    above = holders(works)
    every = union_all(*(select(one.c.id) for one in (works, above, holders(above)))).subquery()
    return select(func.array_agg(every.c.id, type_=ARRAY(Uuid))).where(every.c.id.is_not(None))


def cast_in(episode_id: UUID) -> Condition:
    """Assets that an episode casts, or that were made for it."""
    link = aliased(m.EntityLink)
    return or_(
        m.Entity.id.in_(select(link.entity_out_id).where(link.entity_in_id == episode_id)),
        m.Entity.source_id == episode_id,
    )


def in_episode(episode_id: UUID) -> Condition:
    """Shots of the sequences of an episode."""
    sequence = aliased(m.Entity)
    return m.Entity.parent_id.in_(select(sequence.id).where(sequence.parent_id == episode_id))


def in_an_episode() -> Condition:
    """Shots of sequences that are of an episode."""
    sequence = aliased(m.Entity)
    found = select(sequence.id).where(sequence.id == m.Entity.parent_id, sequence.parent_id.is_not(None))
    return found.correlate(m.Entity).exists()


def asset_types(project_id: UUID | None = None) -> Condition:
    """Entity types of assets; of a production those that it has chosen or has assets of."""
    is_asset_type = m.EntityType.name.not_in(OTHER_KINDS)
    if project_id is None:
        return is_asset_type
    link, asset = m.ProjectAssetTypeLink, aliased(m.Entity)
    chosen = select(link.asset_type_id).where(link.project_id == project_id)
    used = select(asset.entity_type_id).where(asset.project_id == project_id)
    return and_(is_asset_type, or_(m.EntityType.id.in_(chosen), m.EntityType.id.in_(used)))


AT_A_TIME = 250
"""Entities in a piece of a list."""


class EntityLists:
    """What the routes of assets, shots and sequences read."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_json(
        self, where: Sequence[Condition], *, page: Page | None = None, **shape: Unpack[Shape]
    ) -> bytes:
        """Entities that meet all conditions."""
        await self.session.flush()
        if page is None:
            return bracketed(await narrowed(LISTED, where, shape).scalar(self.session))
        limit, offset = page.limit if page.number > 0 else 0, max(page.offset, 0)
        found = narrowed(PAGED, where, shape)
        return bracketed(await found.scalar(self.session, limit=limit, offset=offset))

    async def parts_json(self, where: Sequence[Condition], **shape: Unpack[Shape]) -> AsyncIterator[bytes]:
        """What `list_json` gives without a page, in pieces of a quarter of a megabyte."""
        rows = narrowed(PIECES, where, shape)
        async for part in json_parts(rows.texts(self.session, AT_A_TIME)):
            yield part

    async def count(self, where: Sequence[Condition]) -> int:
        """How many entities meet all conditions."""
        await self.session.flush()
        return await counted(self.session, m.Entity, where)

    async def asset_json(
        self, id: UUID, person_id: UUID, seen: Condition, departments: Collection[UUID] | None = None
    ) -> bytes | None:
        """An asset with its tasks; `seen` narrows these, `departments` its metadata. None: no such asset."""
        if is_everything(seen) and departments is None:
            return _encoded(await _ASSET().scalar(self.session, id=id, person_id=person_id))
        return await json_object(self.session, self.asset_of(id, person_id, seen, departments))

    @staticmethod
    def asset_of(
        id: Any, person_id: Any, seen: Condition, departments: Collection[UUID] | None
    ) -> Select[Any]:
        """The query behind `asset_json`."""
        columns: dict[str, Any] = dict(ENTITY.columns(relations=True))
        del columns["nb_frames"], columns["source_id"]
        empty = literal("", Text)
        columns["preview_file_id"] = func.coalesce(cast(m.Entity.preview_file_id, Text), empty)
        columns["data"] = metadata_for(departments)
        columns["ready_for"] = func.coalesce(cast(m.Entity.ready_for, Text), literal("None", Text))
        columns["project_name"] = name_of_project()
        columns["asset_type_id"] = m.Entity.entity_type_id
        columns["asset_type_name"] = _type_name(m.Entity.entity_type_id)
        columns["episode_id"] = func.coalesce(cast(m.Entity.source_id, Text), empty)
        columns["casting_episode_ids"] = _casting_episodes()
        columns["tasks"] = task_cards(SHOWN_OF_ASSET_TASK, person_id, seen)
        labelled = [column.label(name) for name, column in columns.items()]
        return select(*labelled).where(m.Entity.id == id, assets())

    async def shot_json(
        self, id: UUID, person_id: UUID, seen: Condition, departments: Collection[UUID] | None = None
    ) -> bytes | None:
        """A shot with its tasks; `seen` narrows these, `departments` its metadata. None: no such shot."""
        if is_everything(seen) and departments is None:
            return _encoded(await _SHOT().scalar(self.session, id=id, person_id=person_id))
        return await json_object(self.session, self.shot_of(id, person_id, seen, departments))

    @staticmethod
    def shot_of(
        id: Any, person_id: Any, seen: Condition, departments: Collection[UUID] | None
    ) -> Select[Any]:
        """The query behind `shot_json`."""
        columns: dict[str, Any] = dict(ENTITY.columns(relations=True))
        above = select(_SEQUENCE.parent_id).where(_SEQUENCE.id == m.Entity.parent_id)
        episode_id = above.correlate(m.Entity).scalar_subquery()
        if departments is not None:
            columns["data"] = open_metadata(departments)
        for name in ("fps", "frame_in", "frame_out"):
            columns[name] = m.Entity.data[name]
        columns["project_name"] = name_of_project()
        columns["sequence_id"] = m.Entity.parent_id
        columns["sequence_name"] = name_of_entity(m.Entity.parent_id)
        columns["episode_id"] = episode_id
        columns["episode_name"] = name_of_entity(episode_id)
        columns["tasks"] = task_cards(SHOWN_OF_SHOT_TASK, person_id, seen)
        labelled = [column.label(name) for name, column in columns.items()]
        return select(*labelled).where(m.Entity.id == id, of_kind("Shot"))

    async def tasks_json(self, entity_id: UUID, seen: Condition) -> bytes:
        """The tasks on an entity that meet a condition, with the names of what they refer to."""
        return await self.named_tasks_json(m.Task.entity_id == entity_id, seen)

    async def named_tasks_json(self, *where: Condition, relations: bool = False) -> bytes:
        """Tasks that meet all conditions, with the names of what they refer to.
        `relations` adds their assignees."""
        status = aliased(m.TaskStatus)
        of_entity = select(m.Entity.entity_type_id).where(m.Entity.id == m.Task.entity_id)
        entity_type_id = of_entity.correlate(m.Task).scalar_subquery()
        project = select(m.Project.name).where(m.Project.id == m.Task.project_id).scalar_subquery()
        task_type = select(m.TaskType.name).where(m.TaskType.id == m.Task.task_type_id).scalar_subquery()
        status_name = select(status.name).where(status.id == m.Task.task_status_id).scalar_subquery()
        columns = [
            *TASK.columns(relations=relations).values(),
            project.label("project_name"),
            task_type.label("task_type_name"),
            status_name.label("task_status_name"),
            _type_name(entity_type_id).label("entity_type_name"),
            name_of_entity(m.Task.entity_id).label("entity_name"),
        ]
        query = select(*columns).where(*where)
        return await json_array(self.session, query.order_by(m.Task.created_at, m.Task.id))

    async def task_types_json(self, project_id: UUID) -> bytes:
        """The task types that a production has chosen, or that it has tasks of."""
        link, task = m.ProjectTaskTypeLink, m.Task
        chosen = select(link.task_type_id).where(link.project_id == project_id)
        used = select(task.task_type_id).where(task.project_id == project_id)
        query = select(*TASK_TYPE.columns().values()).where(
            or_(m.TaskType.id.in_(chosen), m.TaskType.id.in_(used))
        )
        return await json_array(self.session, query.order_by(m.TaskType.priority, m.TaskType.name))

    async def place(self, id: UUID) -> tuple[UUID, str] | None:
        """The production of an entity, and the name of its type; None when there is no such entity."""
        await self.session.flush()
        row = await _PLACE().row(self.session, id=id)
        return None if row is None else (row[0], row[1])

    async def is_assigned(self, id: UUID, person_id: UUID) -> bool:
        """Whether a person has a task on an entity."""
        found = await self.session.scalar(
            select(m.Entity.id).where(m.Entity.id == id, assigned_to(person_id))
        )
        return found is not None

    async def reserve_name(self, *place: object, project_id: object) -> None:
        """Let nobody else add an entity of this name and place until the transaction ends, so that of two
        requests that do so at once the second sees what the first has added. A transaction of many changes
        takes all names of the production instead."""
        if remembers(self.session):
            await self.reserve_all_names(project_id)
            return
        shared = func.pg_advisory_xact_lock_shared(ALL_NAMES_LOCK, func.hashtext(str(project_id)))
        key = func.hashtext("/".join(map(str, place)))
        await self.session.execute(select(shared, func.pg_advisory_xact_lock(NAMES_LOCK, key)))

    async def reserve_all_names(self, project_id: object) -> None:
        """Let nobody else add entities to a production until the transaction ends."""
        await once(self.session, ("names", project_id), lambda: reserve_names(self.session, project_id))

    async def taken_names(
        self, project_id: UUID, entity_type_id: UUID, names: Collection[str]
    ) -> dict[tuple[str, UUID | None], bool]:
        """Which of these names entities of a type have, in which place, and whether these are canceled."""
        query = select(m.Entity.name, m.Entity.parent_id, _CANCELED).where(
            m.Entity.project_id == project_id,
            m.Entity.entity_type_id == entity_type_id,
            _takes_names(m.Entity.source_id.is_(None)),
            among(m.Entity.name, names),
        )
        rows = (await self.session.execute(query.order_by(_CANCELED.desc()))).all()
        return {(row[0], row[1]): row[2] for row in rows}

    async def namesake(self, *, source_id: Any, **place: Any) -> bool | None:
        """Whether the entity that has this name, type and place is canceled; None when there is none."""
        same = [getattr(m.Entity, name).is_not_distinct_from(value) for name, value in place.items()]
        made_for = m.Entity.source_id.is_not_distinct_from(source_id)
        query = select(_CANCELED).where(*same, _takes_names(made_for)).order_by(_CANCELED).limit(1)
        found: bool | None = await self.session.scalar(query)
        return found


_CANCELED = func.coalesce(m.Entity.canceled, literal(False))


def _takes_names(made_for: Condition) -> Condition:
    """Entities whose names are taken. What lies in something keeps its name while it is canceled, whatever it
    is made for: the table has it so. Of what lies in nothing, canceled ones give theirs free."""
    return or_(m.Entity.parent_id.is_not(None), and_(made_for, m.Entity.canceled.is_not(True)))


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


_ID, _READER = bindparam("id", type_=Uuid()), bindparam("person_id", type_=Uuid())


def _place() -> Select[Any, Any]:
    query: Select[Any, Any] = select(m.Entity.project_id, m.EntityType.name)
    return query.join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id).where(m.Entity.id == _ID)


_PLACE = Statements(_place)
_ASSET = Statements(lambda: object_of(EntityLists.asset_of(_ID, _READER, true(), None)))
_SHOT = Statements(lambda: object_of(EntityLists.shot_of(_ID, _READER, true(), None)))
"""One asset, one shot, as those see it who may read all of it."""


async def reserve_names(session: AsyncSession, project_id: object) -> bool:
    """Let nobody else add entities to a production until the transaction ends; true."""
    key = func.hashtext(str(project_id))
    await session.execute(select(func.pg_advisory_xact_lock(ALL_NAMES_LOCK, key)))
    return True


def _type_name(id: Any) -> ColumnElement[Any]:
    return select(_KIND.name).where(_KIND.id == id).correlate_except(_KIND).scalar_subquery()


@cache
def _casting_episodes() -> ColumnElement[Any]:
    link, episode, kind = aliased(m.EntityLink), aliased(m.Entity), aliased(m.EntityType)
    ids = func.coalesce(func.json_agg(episode.id), func.json_build_array())
    return (
        select(ids)
        .select_from(link)
        .join(episode, episode.id == link.entity_in_id)
        .join(kind, and_(kind.id == episode.entity_type_id, kind.name == "Episode"))
        .where(link.entity_out_id == m.Entity.id)
        .scalar_subquery()
    )
