"""Rows that the server looks for by name, and makes when they are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import EntityType, Organisation, ProjectStatus
from kitsu_api.db.remembered import once
from kitsu_api.db.repositories.starting_data import wait_for_turn

R = TypeVar("R", EntityType, ProjectStatus)


async def find_or_add(session: AsyncSession, row: R) -> R:
    """The oldest row of this name, upper and lower case alike, or else the one given.

    Two requests that miss it at a time wait for each other, so that one of them makes it.
    """
    model = type(row)
    query = (
        select(model).where(func.lower(model.name) == row.name.lower()).order_by(model.created_at).limit(1)
    )

    async def look() -> R | None:
        return (await session.scalars(query)).first()

    found = await once(session, (model, row.name.lower()), look)
    if found is None:
        await wait_for_turn(session)
        found = await look()
    if found is None:
        session.add(row)
        await session.flush()
        found = row
    return found


async def missing_entity_types(session: AsyncSession, names: Sequence[str]) -> list[str]:
    """Those of the names that no entity type has."""
    query = select(EntityType.name).where(EntityType.name.in_(names))
    there = set((await session.scalars(query)).all())
    return [name for name in names if name not in there]


async def find_or_add_organisation(session: AsyncSession, name: str) -> Organisation:
    """The studio's row, made with this name when there is none."""
    query = select(Organisation).order_by(Organisation.created_at).limit(1)
    found = (await session.scalars(query)).first()
    if found is None:
        await wait_for_turn(session)
        found = (await session.scalars(query)).first()
    if found is None:
        found = Organisation(name=name)
        session.add(found)
        await session.flush()
    return found
