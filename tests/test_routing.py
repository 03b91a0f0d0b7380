"""The index of routes finds what asking one route after the other would find, and makes no more than that."""

from __future__ import annotations

import asyncio
import re
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.routing import Match, Mount, Route

from kitsu_api import route_register
from kitsu_api.app import create_app
from kitsu_api.routing import Described, RouteIndex, Unit, describe, index_routes
from kitsu_api.settings import Settings


def asked_in_turn(routes, scope):
    """The first route that takes a request, found the slow way."""
    for route in routes:
        if route.matches(scope)[0] is Match.FULL:
            return route
    return None


def scope_of(method, path):
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}


async def test_every_route_is_found_by_the_index_as_it_is_without(built_app):
    routes = built_app.routes
    for route in routes:
        if not isinstance(route, Route):
            continue
        for value in (str(uuid4()), "all", "2026"):
            path = re.sub(r"{\w+}", value, route.path_format)
            for method in sorted(route.methods or ()):
                scope = scope_of(method, path)
                wanted = asked_in_turn(routes, scope)
                found = next(
                    (one for one in built_app.index.candidates(path) if one.matches(scope)[0] is Match.FULL),
                    None,
                )
                assert found is wanted, (method, path)
                assert built_app.index.knows(path)


async def test_few_routes_are_asked(built_app):
    assert len(built_app.index.candidates(f"/data/tasks/{uuid4()}")) <= 10
    assert built_app.index.candidates("/nothing/here") == []
    assert not built_app.index.knows("/nothing/here")


async def test_a_path_that_looks_like_a_variable_of_the_index_is_no_route(client):
    assert (await client.get("/data/{}/{}")).status_code in (401, 404)
    assert (await client.get("/{}")).status_code == 404


async def test_other_methods_and_paths_are_answered_by_the_router(client):
    refused = await client.delete("/status")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert (await client.get("/no/such/path")).status_code == 404


def test_the_index_tells_all_routes_of_this_source():
    assert route_register.INDEX.read_text() == route_register.index_text(), "make openapi writes it"


def test_without_an_index_of_this_source_all_modules_are_loaded_at_the_start(tmp_path, monkeypatch):
    known = {unit.name: unit.described for unit in route_register.find_units()}
    stale = tmp_path / "index.json"
    for text in (None, "nonsense", '{"source": "another", "routes": {}}'):
        if text is not None:
            stale.write_text(text)
        monkeypatch.setattr(route_register, "INDEX", stale)
        assert {unit.name: unit.described for unit in route_register.find_units()} == known


def test_an_application_makes_its_routes_when_they_are_wanted_and_has_them_all_if_asked():
    app = create_app(Settings.model_construct())
    assert not any(isinstance(route, Route) for route in app.router.routes)
    app.index.candidates("/status")
    made = [route.path for route in app.router.routes if isinstance(route, Route)]
    assert "/status" in made
    assert len(made) < 30
    everything = app.routes
    described = [one for unit in route_register.find_units() for one in unit.described]
    assert describe(everything[:-1]) == described
    assert isinstance(everything[-1], Mount)


def a_unit(name, made, *, says="/a/{id}"):
    """A unit with one route, and a note of each time that it is made."""
    router = APIRouter()

    @router.get("/a/{id}")
    async def read(id: str) -> str:
        return name

    def make():
        made.append(name)
        return router.routes

    return Unit(name, [Described(("GET",), says)], make)


@pytest.fixture
def small():
    """An application with a unit, and what was made of it."""
    made: list[str] = []
    prepared: list[object] = []
    app = FastAPI()
    index = index_routes(app.router, [a_unit("unit", made)], prepared.extend)
    return app, index, made, prepared


async def test_a_route_is_made_once_however_many_ask_for_it_first(small):
    app, _, made, prepared = small
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/b/1")).status_code == 404
        assert made == []
        answers = await asyncio.gather(*(client.get(f"/a/{number}") for number in range(10)))
        assert {answer.text for answer in answers} == {'"unit"'}
    assert made == ["unit"]
    assert len(prepared) == 1


async def test_a_path_with_other_methods_is_refused_by_a_route_that_was_not_there_yet(small):
    app, _, made, _ = small
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        refused = await client.post("/a/1")
    assert (refused.status_code, refused.headers["allow"], made) == (405, "GET", ["unit"])


def test_whether_a_path_is_known_needs_no_route(small):
    _, index, made, _ = small
    assert index.knows("/a/1")
    assert not index.knows("/a")
    assert made == []


def test_an_index_that_tells_other_routes_is_refused():
    unit = a_unit("unit", [], says="/another")
    index = RouteIndex(APIRouter(), FastAPI(), [unit])
    with pytest.raises(RuntimeError, match="Write it anew"):
        index.load_all()


def test_routers_within_routers_are_refused():
    outer, inner = APIRouter(), APIRouter()
    outer.include_router(inner)
    with pytest.raises(TypeError):
        describe(outer.routes)
