"""From a path to its route in a few steps: an index, where a router asks 800 routes one after the other."""

from __future__ import annotations

from typing import Any

from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

ANY = "{}"
"""Stands for a segment with a variable in it."""


class _Node:
    """The routes whose paths share their first segments."""

    __slots__ = ("below", "routes")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.routes: list[tuple[int, Route]] = []


class RouteIndex:
    """Wraps a router: requests that one of its routes takes go straight there, the others to the router,
    which knows what to answer to a method or a path that there isn't.

    Of several routes that take a request, the one that was added first gets it, as ever.
    """

    def __init__(self, router: Router, app: ASGIApp) -> None:
        self._router = router
        self._app = app
        self._root = _Node()
        self._unindexed: list[Route | Mount] = []
        for number, route in enumerate(router.routes):
            if isinstance(route, Route) and ":path}" not in route.path:
                self._add(number, route)
            elif isinstance(route, Route | Mount):
                self._unindexed.append(route)

    def _add(self, number: int, route: Route) -> None:
        node = self._root
        for segment in route.path.strip("/").split("/"):
            node = node.below.setdefault(ANY if "{" in segment else segment, _Node())
        node.routes.append((number, route))

    def candidates(self, path: str) -> list[Route]:
        """The routes whose path may be this one, in the order in which they were added."""
        nodes = [self._root]
        for segment in path.strip("/").split("/"):
            nodes = [
                below
                for node in nodes
                for name in ((segment, ANY) if segment != ANY else (ANY,))
                if (below := node.below.get(name)) is not None
            ]
            if not nodes:
                return []
        found = [entry for node in nodes for entry in node.routes]
        return [route for _, route in sorted(found, key=lambda entry: entry[0])]

    def knows(self, path: str) -> bool:
        """Whether a route has this path, whatever its methods are."""
        routes = (*self.candidates(path), *self._unindexed)
        return any(route.path_regex.match(path) for route in routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to its route."""
        if scope["type"] == "http":
            for route in self.candidates(scope["path"]):
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    scope.setdefault("router", self._router)
                    scope.update(child_scope)
                    # a full match has the method as well: `handle` would look for it once more
                    await route.app(scope, receive, send)
                    return
        await self._app(scope, receive, send)


def index_routes(router: Router) -> RouteIndex:
    """Have a router find its routes by an index. Routes that are added later are found the slow way."""
    index = RouteIndex(router, router.middleware_stack)
    router.middleware_stack = index
    return index


def add_routes(router: Router, routes: list[BaseRoute]) -> None:
    """Add routes as they are.

    `include_router` would wrap them: each request would ask each of 70 routers, and each route would be
    built a second time. Prefixes, tags and answers of their own router are in the routes already.
    """
    kept: list[Any] = router.routes
    kept.extend(routes)
