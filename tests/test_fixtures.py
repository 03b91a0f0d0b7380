"""The fixtures themselves: what other tests take for granted."""

from __future__ import annotations

from sqlalchemy import func, select, text

from kitsu_api.db.models import Person
from kitsu_api.permissions import tokens
from tests import factories


async def test_a_commit_of_one_test_is_gone_in_the_next(make, session):
    assert await session.scalar(select(func.count()).select_from(Person)) == 0
    await make(factories.person())
    assert await session.scalar(select(func.count()).select_from(Person)) == 1


async def test_and_the_other_way_round(make, session):
    assert await session.scalar(select(func.count()).select_from(Person)) == 0
    await make(factories.person())


async def test_statements_are_counted_without_savepoints(sessions, count_statements):
    async with sessions() as session:
        with count_statements() as statements:
            await session.execute(text("SELECT 1"))
            await session.execute(text("SELECT 2"))
            await session.commit()
    assert statements.sql == ["SELECT 1", "SELECT 2"]


async def test_every_factory_makes_rows_that_the_database_takes(make):
    rows = factories.production()
    await make(*rows)
    await make(
        factories.comment(rows.task, rows.person),
        factories.preview_file(rows.task, rows.person),
        factories.department(),
        factories.working_file(rows.task, rows.person),
        factories.time_spent(rows.task, rows.person),
        factories.playlist(rows.project),
        factories.metadata_descriptor(rows.project),
        factories.bot(),
        factories.milestone(rows.project, rows.task_type),
        factories.news(rows.task, rows.person),
        factories.notification(rows.person, rows.task),
        factories.output_type(),
        factories.file_status(),
        factories.organisation(),
        factories.software(),
        factories.studio(),
    )


async def test_as_role_signs_somebody_in(as_role, settings, make):
    status = factories.project_status()
    _, project = await make(status, factories.project(status))
    headers = await as_role("manager", on=project)
    claims = tokens.read(settings, headers["Authorization"].removeprefix("Bearer "))
    assert claims.person_id == headers.person.id


async def test_valkey_starts_empty(valkey):
    assert await valkey.dbsize() == 0
    await valkey.set("key", "value")


async def test_and_stays_so_for_the_next(valkey):
    assert await valkey.dbsize() == 0


async def test_settings_ignore_the_environment(settings, database_url):
    assert settings.postgres_url == database_url
    assert settings.bcrypt_log_rounds == 4


async def test_the_application_answers(client):
    answer = await client.get("/no-such-route")
    assert answer.status_code == 404


async def test_configured_settings_last_for_one_test(app, configure):
    configure(enforce_2fa=True)
    assert app.state.settings.enforce_2fa


async def test_and_are_gone_in_the_next(app):
    assert not app.state.settings.enforce_2fa
