"""From a path to its route in a few steps: an index, where a router asks 800 routes one after the other.

The index knows methods and paths before there is a route: routes are made, and the modules behind them
loaded, when a request first asks for one of them (ADR 0018).
"""

from __future__ import annotations

import asyncio
import gc
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from starlette.routing import BaseRoute, Match, Mount, Route, Router, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

ANY = "{}"
"""Stands for a segment with a variable in it."""


@dataclass(frozen=True)
class Described:
    """What is known of a route without having made it."""

    methods: tuple[str, ...]
    path: str


class Unit:
    """Routes that are made together."""

    def __init__(
        self, name: str, described: Sequence[Described], make: Callable[[], Sequence[BaseRoute]]
    ) -> None:
        self.name, self.described = name, tuple(described)
        self._make = make
        self.routes: list[Route] | None = None

    def load(self, prepare: Callable[[Sequence[BaseRoute]], None] = lambda routes: None) -> list[Route]:
        """The routes, made now if they are not there yet. Nobody sees them before they are prepared.

        Raises:
            RuntimeError: they are others than was said.
        """
        if self.routes is None:
            routes = [route for route in self._make() if isinstance(route, Route)]
            if describe(routes) != list(self.described):
                raise RuntimeError(f"The index does not tell the routes of {self.name}. Write it anew.")
            prepare(routes)
            self.routes = routes
        return self.routes


def describe(routes: Iterable[BaseRoute]) -> list[Described]:
    """What an index must know of routes.

    Raises:
        TypeError: one of them is a router or an application, which has no methods.
    """
    found = []
    for route in routes:
        if not isinstance(route, Route) or ":path}" in route.path:
            raise TypeError(f"{route} can't be indexed.")
        found.append(Described(tuple(sorted(route.methods or ())), route.path))
    return found


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


@dataclass(frozen=True)
class _Entry:
    """A route, made or not: the one of this number in its unit."""

    place: tuple[int, int]
    unit: Unit
    described: Described

    def takes(self, path: str) -> bool:
        """Whether this is a path of the route, which need not be there for it."""
        return _pattern(self.described.path).match(path) is not None

    @property
    def route(self) -> Route | None:
        """The route, if it was made."""
        return None if self.unit.routes is None else self.unit.routes[self.place[1]]


class _Node:
    """The routes whose paths share their first segments."""

    __slots__ = ("below", "routes")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.routes: list[_Entry] = []


class RouteIndex:
    """Wraps a router: requests that a route of the units takes go straight there, the others to the router,
    which knows what to answer to a method or a path that there isn't.

    Of several routes that take a request, the first one gets it, as ever. `router.routes` holds those that
    were made, before what else was added to the router.
    """

    def __init__(
        self,
        router: Router,
        app: ASGIApp,
        units: Sequence[Unit],
        prepare: Callable[[Sequence[BaseRoute]], None] = lambda routes: None,
    ) -> None:
        self._router, self._app = router, app
        self.permanent = False
        """Whether the collector is to pass over what is made, as it does over what was there at the start."""
        self._units, self._prepare = units, prepare
        self._root = _Node()
        self._lock = threading.Lock()
        self._complete = False
        self._own: set[int] = set()
        for number, unit in enumerate(units):
            for place, described in enumerate(unit.described):
                self._add(_Entry((number, place), unit, described))

    def _add(self, entry: _Entry) -> None:
        node = self._root
        for segment in entry.described.path.strip("/").split("/"):
            node = node.below.setdefault(ANY if "{" in segment else segment, _Node())
        node.routes.append(entry)

    def _entries(self, path: str) -> list[_Entry]:
        """The routes whose path may be this one, in their order."""
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
        return sorted(found, key=lambda entry: entry.place) if len(found) > 1 else found

    def load(self, units: Iterable[Unit]) -> None:
        """Make the routes of units that have none yet. Any thread may ask for it."""
        with self._lock:
            missing = [unit for unit in units if unit.routes is None]
            for unit in missing:
                unit.load(self._prepare)
            if missing:
                self._place()
        if missing and self.permanent:
            gc.freeze()

    def _place(self) -> None:
        made = [route for unit in self._units for route in unit.routes or ()]
        others = [route for route in self._router.routes if id(route) not in self._own]
        self._own = {id(route) for route in made}
        # a new list: whoever walks over the old one is not disturbed
        self._router.routes = [*made, *others]

    def load_all(self) -> None:
        """Make every route: a document, or a test, wants to see them all."""
        if not self._complete:
            self.load(self._units)
            self._complete = True

    def candidates(self, path: str) -> list[Route]:
        """The routes whose path may be this one, in their order; they are made now."""
        entries = self._entries(path)
        self.load({entry.unit.name: entry.unit for entry in entries}.values())
        return [route for entry in entries if (route := entry.route) is not None]

    def knows(self, path: str) -> bool:
        """Whether a route has this path, whatever its methods are."""
        if any(entry.takes(path) for entry in self._entries(path)):
            return True
        others = [route for route in self._router.routes if id(route) not in self._own]
        return any(route.path_regex.match(path) for route in others if isinstance(route, Route | Mount))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to its route."""
        if scope["type"] == "http":
            path = scope["path"]
            entries = self._entries(path)
            for entry in entries:
                route = entry.route
                if scope["method"] not in entry.described.methods:
                    continue
                if route is None and entry.takes(path):
                    # in a thread: loading modules would hold up everybody else
                    await asyncio.to_thread(self.load, [entry.unit])
                    route = entry.route
                if route is None:
                    continue
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    scope.setdefault("router", self._router)
                    scope.update(child_scope)
                    # a full match has the method as well: `handle` would look for it once more
                    await route.app(scope, receive, send)
                    return
            # a path with other methods: its routes have to be there for the router to say which
            if missing := [entry.unit for entry in entries if entry.route is None]:
                await asyncio.to_thread(self.load, missing)
        await self._app(scope, receive, send)


def index_routes(
    router: Router, units: Sequence[Unit], prepare: Callable[[Sequence[BaseRoute]], None]
) -> RouteIndex:
    """Have a router find the routes of units by an index. Others that it has are found the slow way."""
    index = RouteIndex(router, router.middleware_stack, units, prepare)
    router.middleware_stack = index
    return index


def add_routes(router: Router, routes: list[BaseRoute]) -> None:
    """Add routes as they are.

    `include_router` would wrap them: each request would ask each router, and each route would be built a
    second time. Prefixes, tags and answers of their own router are in the routes already.
    """
    kept: list[Any] = router.routes
    kept.extend(routes)
