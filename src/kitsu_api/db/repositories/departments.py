"""Queries on departments: their people, and the software and hardware that they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record
from kitsu_api.db.models import (
    DepartmentLink,
    HardwareItem,
    HardwareItemDepartmentLink,
    Person,
    Software,
    SoftwareDepartmentLink,
)
from kitsu_api.db.projection import Projection, json_object, wire
from kitsu_api.db.projections import HARDWARE_ITEM, SOFTWARE


@dataclass(frozen=True)
class Equipment:
    """A kind of thing that departments have: its table, the table of links, and what shows it."""

    model: type[Record]
    link: Any
    column: str
    """The column of the link that holds the thing's id."""
    projection: Projection

    @property
    def id(self) -> Any:
        """That column."""
        return getattr(self.link, self.column)


HARDWARE = Equipment(HardwareItem, HardwareItemDepartmentLink, "hardware_item_id", HARDWARE_ITEM)
LICENSES = Equipment(Software, SoftwareDepartmentLink, "software_id", SOFTWARE)


class DepartmentEquipment:
    """What departments have of one kind of thing."""

    def __init__(self, session: AsyncSession, equipment: Equipment) -> None:
        self.session = session
        self.equipment = equipment

    async def all_json(self) -> bytes:
        """What each department has, as a JSON object by department: `{id: [row, …]}`."""
        kind = self.equipment
        pairs = [part for name, column in kind.projection.columns().items() for part in (name, column)]
        row = aggregate_order_by(func.json_build_object(*pairs), kind.model.created_at, kind.model.id)
        by_department = (
            select(kind.link.department_id, func.json_agg(row).label("rows"))
            .join(kind.model, kind.model.id == kind.id)
            .group_by(kind.link.department_id)
            .subquery()
        )
        whole = func.json_object_agg(by_department.c.department_id, by_department.c.rows)
        text: str | None = await self.session.scalar(select(cast(whole, Text)))
        return (text or "{}").encode()

    async def one_json(self, department_id: UUID, id: UUID) -> bytes | None:
        """One thing that a department has; None when it has not."""
        kind = self.equipment
        query = (
            select(*kind.projection.columns().values())
            .join(kind.link, kind.id == kind.model.id)
            .where(kind.link.department_id == department_id, kind.id == id)
        )
        return await json_object(self.session, query)

    async def add_json(self, department_id: UUID, id: UUID) -> bytes:
        """Give a department a thing, unless it has it; the link as JSON."""
        kind = self.equipment
        values = {"department_id": department_id, kind.column: id}
        await self.session.execute(insert(kind.link).values(values).on_conflict_do_nothing())
        columns = [wire(column).label(column.name) for column in kind.link.__table__.columns]
        query = select(*columns, literal(kind.link.__name__, Text).label("type")).where(
            kind.link.department_id == department_id, kind.id == id
        )
        row = await json_object(self.session, query)
        assert row is not None
        return row

    async def remove(self, department_id: UUID, id: UUID) -> bool:
        """Take a thing from a department; False when it had none."""
        kind = self.equipment
        gone = delete(kind.link).where(kind.link.department_id == department_id, kind.id == id)
        return (await self.session.execute(gone.returning(kind.link.id))).first() is not None


def people_of(department_id: UUID) -> ColumnElement[bool]:
    """The condition for people of a department."""
    return Person.id.in_(
        select(DepartmentLink.person_id).where(DepartmentLink.department_id == department_id)
    )


async def join_department(session: AsyncSession, person_id: UUID, department_id: UUID) -> None:
    """Add a person to a department, unless they are in it."""
    values = {"person_id": person_id, "department_id": department_id}
    await session.execute(insert(DepartmentLink).values(values).on_conflict_do_nothing())


async def leave_department(session: AsyncSession, person_id: UUID, department_id: UUID) -> None:
    """Take a person out of a department, if they are in it."""
    await session.execute(
        delete(DepartmentLink).where(
            DepartmentLink.person_id == person_id, DepartmentLink.department_id == department_id
        )
    )
