"""The index of routes finds what asking one route after the other would find."""

from __future__ import annotations

import re
from uuid import uuid4

from starlette.routing import Match, Route

from kitsu_api.routing import RouteIndex


def asked_in_turn(router, scope):
    """The first route that takes a request, found the slow way."""
    for route in router.routes:
        if route.matches(scope)[0] is Match.FULL:
            return route
    return None


def scope_of(method, path):
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}


async def test_every_route_is_found_by_the_index_as_it_is_without(built_app):
    router = built_app.router
    index = RouteIndex(router, router.app)
    for route in router.routes:
        if not isinstance(route, Route):
            continue
        for value in (str(uuid4()), "all", "2026"):
            path = re.sub(r"{\w+}", value, route.path_format)
            for method in sorted(route.methods or ()):
                scope = scope_of(method, path)
                wanted = asked_in_turn(router, scope)
                found = next(
                    (one for one in index.candidates(path) if one.matches(scope)[0] is Match.FULL), None
                )
                assert found is wanted, (method, path)


async def test_few_routes_are_asked(built_app):
    index = RouteIndex(built_app.router, built_app.router.app)
    assert len(index.candidates(f"/data/tasks/{uuid4()}")) <= 10
    assert index.candidates("/nothing/here") == []


async def test_a_path_that_looks_like_a_variable_of_the_index_is_no_route(client):
    assert (await client.get("/data/{}/{}")).status_code in (401, 404)
    assert (await client.get("/{}")).status_code == 404


async def test_other_methods_and_paths_are_answered_by_the_router(client):
    refused = await client.delete("/status")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert (await client.get("/no/such/path")).status_code == 404
