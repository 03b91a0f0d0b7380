"""Queries that find rows by the number that ShotGrid knows them by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import delete, func, literal, null, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.base import Record, now
from kitsu_api.db.projection import Projection, json_array
from kitsu_api.db.repositories.instance_rows import InstanceRows
from kitsu_api.db.repositories.starting_data import wait_for_turn

R = TypeVar("R", bound=Record)

PERSON = replace(
    p.PERSON,
    computed={
        **p.PERSON.computed,
        **{name: null() for name in p.PERSON_SECRETS},
        "login_failed_attemps": literal(0),
    },
)
"""People as scripts that import them know the answer: the keys of what is secret, and nothing in them."""

IMPORT_ERROR = Projection(m.DataImportError, "DataImportError")


class Shotgrid:
    """Rows that came from ShotGrid, and those that its rows refer to."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def wait_for_turn(self) -> None:
        """Imports follow one another, so that two of them don't make the same row."""
        await wait_for_turn(self.session)

    async def numbered(self, model: type[R], numbers: Collection[int]) -> dict[int, R]:
        """The rows of a table by ShotGrid's number, locked for a change."""
        table: Any = model
        query = select(model).where(table.shotgun_id.in_(list(numbers))).with_for_update(of=model)
        rows = await self.session.scalars(query.order_by(model.created_at.desc()))
        return {getattr(row, "shotgun_id"): row for row in rows}  # noqa: B009  (some tables alone have it)

    async def entities(
        self, numbers: Collection[int], type_ids: Collection[UUID], *, but: bool = False
    ) -> dict[int, m.Entity]:
        """The entities of some types by ShotGrid's number, locked; with `but`, those of all other types."""
        kind = m.Entity.entity_type_id
        of_type = kind.not_in(list(type_ids)) if but else kind.in_(list(type_ids))
        query = select(m.Entity).where(m.Entity.shotgun_id.in_(list(numbers)), of_type)
        rows = await self.session.scalars(query.order_by(m.Entity.created_at.desc()).with_for_update())
        return {row.shotgun_id: row for row in rows if row.shotgun_id is not None}

    async def unnumbered(
        self, project_ids: Collection[UUID], names: Collection[str]
    ) -> dict[tuple[Any, ...], m.Entity]:
        """Entities that ShotGrid doesn't know yet, by production, type, what holds them, and name."""
        query = select(m.Entity).where(
            m.Entity.project_id.in_(list(project_ids)),
            m.Entity.name.in_(list(names)),
            m.Entity.shotgun_id.is_(None),
        )
        rows = await self.session.scalars(query.with_for_update())
        return {(row.project_id, row.entity_type_id, row.parent_id, row.name): row for row in rows}

    async def named(self, model: type[R], names: Iterable[str], column: str = "name") -> dict[str, R]:
        """The rows of a table by name in lower case; the oldest counts."""
        field = func.lower(getattr(model, column))
        query = select(model).where(field.in_({name.lower() for name in names}))
        rows = await self.session.scalars(query.order_by(model.created_at.desc()))
        return {getattr(row, column).lower(): row for row in rows}

    async def add(self, rows: Sequence[Record]) -> None:
        """Insert rows."""
        self.session.add_all(rows)
        await self.session.flush()

    def plan(self, row: Record) -> None:
        """Insert a row with the others of its kind, when all are known."""
        row.id = uuid4()
        self.session.add(row)

    async def type_ids(self, names: Collection[str]) -> dict[str, UUID]:
        """The ids of entity types by name."""
        query = select(m.EntityType.name, m.EntityType.id).where(m.EntityType.name.in_(list(names)))
        return {row[0]: row[1] for row in await self.session.execute(query)}

    async def link_entities(self, pairs: Collection[tuple[UUID, UUID]]) -> None:
        """Cast entities in others, where they aren't yet."""
        if not pairs:
            return
        link = m.EntityLink
        query = select(link.entity_in_id, link.entity_out_id).where(
            tuple_(link.entity_in_id, link.entity_out_id).in_(list(pairs))
        )
        there = {(a, b) for a, b in await self.session.execute(query)}
        self.session.add_all(
            link(entity_in_id=a, entity_out_id=b, label="") for a, b in pairs if (a, b) not in there
        )
        await self.session.flush()

    async def default_status(self) -> UUID | None:
        """The status of new tasks."""
        query = select(m.TaskStatus.id).where(m.TaskStatus.is_default.is_(True)).limit(1)
        return (await self.session.scalars(query)).first()

    async def task_types(self, names: Collection[str]) -> list[m.TaskType]:
        """The task types of these names."""
        return list(await self.session.scalars(select(m.TaskType).where(m.TaskType.name.in_(list(names)))))

    async def alike_tasks(self, entity_ids: Collection[UUID]) -> dict[tuple[Any, ...], m.Task]:
        """The tasks of entities that ShotGrid doesn't know yet, by type, entity and name."""
        query = select(m.Task).where(m.Task.entity_id.in_(list(entity_ids)), m.Task.shotgun_id.is_(None))
        rows = await self.session.scalars(query.with_for_update())
        return {(row.task_type_id, row.entity_id, row.name): row for row in rows}

    async def connections(self, numbers: Collection[int]) -> list[m.ProjectPersonLink]:
        """Places in teams by ShotGrid's number."""
        link = m.ProjectPersonLink
        return list(await self.session.scalars(select(link).where(link.shotgun_id.in_(list(numbers)))))

    async def place(self, project_id: UUID, person_id: UUID) -> m.ProjectPersonLink | None:
        """A person's place in the team of a production."""
        return await self.session.get(m.ProjectPersonLink, (project_id, person_id))

    async def touch_project(self, project_id: UUID) -> None:
        """Note that a production has changed."""
        await self.session.execute(
            update(m.Project).where(m.Project.id == project_id).values(updated_at=now())
        )

    async def in_order_json(self, projection: Projection, model: type[R], ids: Sequence[UUID]) -> bytes:
        """The rows of these ids as a JSON array, in the order of the ids."""
        return await InstanceRows(self.session, model).in_order_json(projection, ids)

    async def errors_json(self) -> bytes:
        """The events of ShotGrid that could not be followed, oldest first."""
        error = m.DataImportError
        query = select(*IMPORT_ERROR.columns().values()).order_by(error.created_at, error.id)
        return await json_array(self.session, query)

    async def delete(self, row: Record) -> bool:
        """Delete a row; False when others still refer to it, and then nothing has changed."""
        try:
            async with self.session.begin_nested():
                if isinstance(row, m.Entity):
                    link = m.EntityLink
                    own = (link.entity_in_id == row.id) | (link.entity_out_id == row.id)
                    await self.session.execute(delete(link).where(own))
                await self.session.delete(row)
                await self.session.flush()
        except IntegrityError:
            return False
        return True
