"""Rows that the server makes when they are missing."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.db.models import EntityType, ProjectStatus
from kitsu_api.services import standing_rows
from tests import factories


async def test_ten_requests_at_a_time_make_one_row(migrated_database):
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine)

    async def ask() -> None:
        async with sessions() as session:
            await standing_rows.entity_type(session, "Shot")
            await standing_rows.project_status(session, standing_rows.OPEN)
            await session.commit()

    await asyncio.gather(*(ask() for _ in range(10)))
    async with sessions() as session:
        for model in (EntityType, ProjectStatus):
            assert await session.scalar(select(func.count()).select_from(model)) == 1
    await engine.dispose()


async def test_a_row_of_another_spelling_is_taken(make, session):
    status = await make(factories.project_status(name="open"))
    assert (await standing_rows.project_status(session, "Open")).id == status.id


async def test_the_studio_is_made_once(session):
    first = await standing_rows.organisation(session)
    assert (await standing_rows.organisation(session)).id == first.id


async def test_only_missing_entity_types_are_made(make, session):
    await make(factories.entity_type(name="Shot"))
    await standing_rows.entity_types(session)
    await standing_rows.entity_types(session)
    names = list((await session.scalars(select(EntityType.name))).all())
    assert sorted(names) == ["Concept", "ConceptFolder", "Edit", "Episode", "Scene", "Sequence", "Shot"]
