"""Who asks, looked up together: everybody gets what is theirs, and as it was after they asked."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import RedisError
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from kitsu_api.app import connect, make_valkey
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.models import Person
from kitsu_api.db.straight import watch
from kitsu_api.permissions import tokens
from kitsu_api.permissions.callers import Callers
from kitsu_api.permissions.revocation import is_revoked, revoke, revoke_all, which_are_revoked
from tests import factories

CROWD = 50


@pytest.fixture
async def people(engine):
    """People who are there for others to see as well: several connections look them up at a time."""
    sessions = make_sessions(engine)
    people = [factories.person() for _ in range(CROWD + 1)]
    async with sessions() as session:
        session.add_all(people)
        await session.commit()
    yield people
    async with sessions() as session:
        await session.execute(delete(Person).where(Person.id.in_([each.id for each in people])))
        await session.commit()


@pytest.fixture
def callers(engine, valkey):
    return Callers(make_sessions(engine), valkey)


@pytest.fixture
def claims_of(settings):
    return lambda person: tokens.read(settings, tokens.issue(settings, person.id))


async def test_everybody_gets_their_own_row_by_one_statement(callers, people, claims_of, engine):
    told: list[str] = []
    end = watch(engine, lambda sql, _seconds: told.append(sql))
    found = await asyncio.gather(*(callers.find(claims_of(person)) for person in people))
    end()
    assert [caller.row.id for caller in found] == [person.id for person in people]
    assert [caller.row.email for caller in found] == [person.email for person in people]
    assert not any(caller.revoked for caller in found)
    assert len(told) == 1


async def test_two_tokens_of_one_person_are_told_apart(callers, people, claims_of, valkey):
    kept, ended = claims_of(people[0]), claims_of(people[0])
    await revoke(valkey, ended.token_id, ended.expires_at)
    assert [(await one).revoked for one in (callers.find(kept), callers.find(ended))] == [False, True]
    found = await asyncio.gather(callers.find(ended), callers.find(kept), callers.find(claims_of(people[1])))
    assert [caller.revoked for caller in found] == [True, False, False]


async def test_who_does_not_exist_is_nobody_beside_somebody(callers, people, claims_of):
    found = await asyncio.gather(
        callers.find(claims_of(factories.person())), callers.find(claims_of(people[0]))
    )
    assert found[0].row is None
    assert found[1].row is not None


async def test_what_was_taken_away_counts_at_once_however_many_are_being_looked_up(
    callers, people, claims_of, engine, valkey, settings
):
    ended, *crowd = people
    enough = asyncio.Event()

    async def ask_on(claims):
        while not enough.is_set():
            assert (await callers.find(claims)).row.active

    asking = [asyncio.ensure_future(ask_on(claims_of(person))) for person in crowd]
    try:
        for active in (False, True) * 10:
            async with engine.begin() as connection:
                changed = update(Person).where(Person.id == ended.id).values(active=active)
                await connection.execute(changed)
            assert (await callers.find(claims_of(ended))).row.active is active
        for number in range(10):
            claims = claims_of(ended)
            assert not (await callers.find(claims)).revoked
            if number % 2:
                await revoke(valkey, claims.token_id, claims.expires_at)
            else:
                await revoke_all(valkey, settings, ended.id)
            assert (await callers.find(claims)).revoked
    finally:
        enough.set()
        await asyncio.gather(*asking)


async def test_a_valkey_that_is_away_is_told_to_everybody(engine, people, claims_of):
    valkey = make_valkey("redis://127.0.0.1:1/0")
    callers = Callers(make_sessions(engine), valkey)
    asking = [callers.find(claims_of(person)) for person in people[:3]]
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [isinstance(error, RedisError) for error in told] == [True] * 3
    await valkey.aclose()


async def test_a_database_that_is_away_is_told_to_everybody(settings, valkey, people, claims_of):
    away = make_engine(settings, url="postgresql://nobody@127.0.0.1:1/nothing")
    callers = Callers(make_sessions(away), valkey)
    asking = [callers.find(claims_of(person)) for person in people[:3]]
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [isinstance(error, OSError | DBAPIError) for error in told] == [True] * 3
    await away.dispose()


async def test_revoked_tokens_are_found_by_one_command(valkey, people, claims_of, settings):
    shown = [claims_of(person) for person in people[:4]]
    await revoke(valkey, shown[1].token_id, shown[1].expires_at)
    await revoke_all(valkey, settings, people[2].id)
    before = (await valkey.info("commandstats")).get("cmdstat_mget", {"calls": 0})["calls"]
    assert await which_are_revoked(valkey, shown) == [False, True, True, False]
    assert (await valkey.info("commandstats"))["cmdstat_mget"]["calls"] == before + 1
    assert [await is_revoked(valkey, claims) for claims in shown] == [False, True, True, False]


async def test_somebody_who_is_deactivated_is_refused_by_the_next_request_amid_a_crowd(
    app, client, people, engine, valkey, sign_in
):
    connect(app, make_sessions(engine), valkey)
    ended, *crowd = people
    enough = asyncio.Event()

    async def ask(person):
        return (await client.get("/data/departments", headers=sign_in(person))).status_code

    async def ask_on(person):
        while not enough.is_set():
            assert await ask(person) == 200

    asking = [asyncio.ensure_future(ask_on(person)) for person in crowd[:5]]
    try:
        for active in (True, False):
            async with engine.begin() as connection:
                changed = update(Person).where(Person.id == ended.id).values(active=active)
                await connection.execute(changed)
            assert await ask(ended) == (200 if active else 401)
    finally:
        enough.set()
        await asyncio.gather(*asking)


async def test_somebody_who_is_deactivated_between_two_requests_is_refused_by_the_second(
    client, as_role, session
):
    person = await as_role("user")
    assert (await client.get("/data/user/context", headers=person)).status_code == 200
    person.person.active = False
    session.add(person.person)
    await session.commit()
    assert (await client.get("/data/user/context", headers=person)).status_code == 401
