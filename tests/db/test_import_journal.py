"""What an import notes of itself, while others work on the same production."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import ImportChange, SheetImport, Task
from kitsu_api.db.repositories.import_journal import ImportJournal
from tests import factories


@pytest.fixture
async def sessions(migrated_database, settings):
    """Sessions of a database of their own, each with a connection: commits are real."""
    engine = make_engine(settings.model_copy(update={"database_url": migrated_database}))
    yield make_sessions(engine)
    await engine.dispose()


async def test_only_what_the_import_wrote_is_noted(sessions):
    film = factories.production()
    async with sessions() as session:
        for row in film:
            session.add(row)
            await session.flush()
        sheet = SheetImport(
            kind="assets", name="list.csv", owner_id=film.person.id, project_id=film.project.id
        )
        session.add(sheet)
        await session.commit()
    async with sessions() as mine, sessions() as theirs:
        journal = ImportJournal(mine, sheet.id, film.project.id)
        await journal.begin()
        own, other = (factories.entity(film.project, film.entity_type) for _ in range(2))
        theirs.add(other)
        await theirs.flush()
        async with mine.begin_nested():  # has a number of its own, which is higher than the transaction's
            mine.add(own)
        await theirs.commit()
        await mine.execute(update(Task).where(Task.id == film.task.id).values(priority=3))
        await journal.note()
        await mine.commit()
        noted = (await mine.scalars(select(ImportChange))).all()
    told = {(each.table_name, each.action, each.key["id"]) for each in noted}
    assert told == {("entity", "created", str(own.id)), ("task", "updated", str(film.task.id))}
    (changed,) = [each.before for each in noted if each.action == "updated"]
    assert changed == {"priority": film.task.priority}


async def test_nobody_else_changes_what_an_import_may_change_meanwhile(sessions):
    film = factories.production()
    async with sessions() as session:
        for row in film:
            session.add(row)
            await session.flush()
        await session.commit()
    async with sessions() as mine, sessions() as theirs:
        await ImportJournal(mine, film.task.id, film.project.id).begin()
        await theirs.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await theirs.execute(update(Task).where(Task.id == film.task.id).values(priority=3))
        await theirs.rollback()
        await theirs.execute(text("SET LOCAL lock_timeout = '50ms'"))
        theirs.add(factories.comment(film.task, film.person))
        await theirs.commit()
        await mine.rollback()
