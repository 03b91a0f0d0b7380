"""Statements that are kept for all who stand alike show each what their scopes show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ColumnElement, select

from kitsu_api.db.marks import mark, parametrised
from kitsu_api.db.models import Comment, Entity, Person, Playlist, ProjectPersonLink, Task
from kitsu_api.db.prepared import Prepared
from kitsu_api.db.scopes import Rows
from kitsu_api.permissions.actor import Actor, KeyLimits, Role
from kitsu_api.permissions.entity_scopes import shown_metadata
from kitsu_api.permissions.search_scopes import ASKED, FOUND, found_by
from kitsu_api.permissions.standing import stand_in, standing_of
from kitsu_api.schemas.access_groups import Capability
from tests import factories

MODELS = {"persons": Person, "tasks": Task, "comments": Comment, "playlists": Playlist}
ROLES = (Role.MANAGER, Role.SUPERVISOR, Role.ARTIST, Role.CLIENT, Role.VENDOR)


@pytest.fixture
async def studio(make):
    """Three productions alike, each with an episode, a sequence, shots, an asset, tasks, what is said on them
    by its people and by its client, and playlists; and somebody with a task in each."""
    kinds = {name: await make(factories.entity_type(name=name)) for name in ("Episode", "Sequence", "Shot")}
    props, kind, state = await make(factories.entity_type(), factories.task_type(), factories.task_status())
    status, me = await make(factories.project_status(), factories.person())
    artist, customer = await make(factories.person(), factories.person(role="client"))
    projects = []
    for isolated in (False, True, False):
        film = await make(factories.project(status, is_clients_isolated=isolated))
        for one in (me, artist, customer):
            await make(ProjectPersonLink(project_id=film.id, person_id=one.id))
        episode = await make(factories.entity(film, kinds["Episode"]))
        sequence = await make(factories.entity(film, kinds["Sequence"], parent_id=episode.id))
        shots = [
            await make(factories.entity(film, kinds["Shot"], parent_id=sequence.id, data={"lens": "50"}))
            for _ in range(2)
        ]
        asset = await make(factories.entity(film, props))
        tasks = [await make(factories.task(entity, kind, state)) for entity in (*shots, asset)]
        await make(factories.assignation(tasks[0], me))
        for task in tasks:
            for author in (me, artist, customer):
                await make(*(factories.comment(task, author, for_client=shown) for shown in (True, False)))
        await make(*(factories.playlist(film, for_client=shown) for shown in (True, False)))
        projects.append(film.id)
    return me.id, projects


def rows_of(kind: str) -> Any:
    return MODELS.get(kind, Entity).id


async def shown(session, kind: str, condition: ColumnElement[bool], **values: Any) -> set[UUID]:
    rows = await Prepared(select(rows_of(kind).label("id")).where(condition)).rows(session, **values)
    return {row.id for row in rows}


def actors(me: UUID, projects: list[UUID]) -> list[Actor]:
    first, second, third = projects
    found = [Actor(me, Role.ADMIN), Actor(me, Role.ARTIST), Actor(me, Role.CLIENT, is_guest=True)]
    for role in ROLES:
        found.append(Actor(me, role, project_roles={first: role}))
        found.append(Actor(me, role, project_roles={first: role, third: role}))
        for other in ROLES[ROLES.index(role) :]:
            held = {first: role, second: other, third: Role.VENDOR}
            found.append(Actor(me, role, project_roles=held))
        shown = {second: frozenset({Capability.PLAYLISTS_VIEW})}
        found.append(Actor(me, role, project_roles={first: role, second: Role.VENDOR}, grants=shown))
    keyed = replace(found[-1], key=KeyLimits(writes=False, projects=frozenset({second})))
    return [*found, replace(keyed, project_roles={second: Role.VENDOR})]


@pytest.mark.parametrize(("kind", "rows"), [*((kind, Rows.MANY) for kind in FOUND), ("comments", Rows.FEW)])
async def test_everybody_finds_what_their_scope_shows(session, studio, kind, rows):
    kept: dict[Any, ColumnElement[bool]] = {}
    seen = set()
    for actor in actors(*studio):
        standing, values = standing_of(actor, ASKED)
        if standing not in kept:
            kept[standing] = parametrised(found_by(stand_in(standing), kind, rows))
        found = await shown(session, kind, kept[standing], **values)
        assert found == await shown(session, kind, FOUND[kind](actor)), actor
        seen.add(frozenset(found))
    assert len(seen) > 1
    assert len(kept) < len(actors(*studio))


async def test_those_who_stand_alike_share_a_statement_that_names_none_of_them(studio):
    me, (first, second, _) = studio
    one = Actor(me, Role.ARTIST, project_roles={first: Role.ARTIST})
    other = Actor(uuid4(), Role.ARTIST, project_roles={first: Role.ARTIST, second: Role.ARTIST})
    (standing, values), (same, others) = (standing_of(actor, ASKED) for actor in (one, other))
    assert standing == same
    assert values != others
    statement = Prepared(
        select(Task.id).where(parametrised(found_by(stand_in(standing), "tasks", Rows.MANY)))
    )
    assert not any(isinstance(value, UUID) for value in statement._constants.values())
    assert str(first) not in statement._sql


async def test_what_a_vendor_reads_of_metadata_goes_by_their_departments(session, studio):
    me, (first, *_) = studio
    vendor = Actor(me, Role.VENDOR, departments=frozenset({uuid4()}), project_roles={first: Role.VENDOR})
    standing, values = standing_of(vendor, ASKED)
    column = shown_metadata(stand_in(standing))
    assert column is not None
    rows = await Prepared(select(parametrised(column).label("data"))).rows(session, **values)
    assert {"lens": "50"} in [row.data for row in rows]


def test_a_capability_that_no_scope_asks_for_makes_no_other_standing():
    id = uuid4()
    plain = Actor(uuid4(), Role.ARTIST, project_roles={id: Role.ARTIST})
    more = replace(plain, grants={id: frozenset({Capability.COMMENTS_POST})})
    assert standing_of(plain, ASKED) == standing_of(more, ASKED)


def test_ids_of_nobody_find_nothing():
    assert str(parametrised(Task.project_id.in_([]))) == "false"
    assert str(parametrised(Task.project_id.not_in([]))) == "true"


def test_a_mark_that_can_be_no_parameter_is_refused():
    with pytest.raises(TypeError, match="confined"):
        parametrised(Task.project_id.in_([mark("confined"), uuid4()]))
