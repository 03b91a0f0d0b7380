"""Routes that read, whose dependencies are put in order once.

FastAPI walks the tree of a route's dependencies anew for each request, classifies each of them, and builds a
context manager, a response and four lists of parameters at each place, whatever there is to find. For GET the
tree is walked here when the application starts; a request takes the steps one after the other (ADR 0025).

The signatures, the document and the refusals stay FastAPI's: whatever is not plain, a parameter that does not
fit for one, is left to it before anything was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from fastapi._compat import ModelField
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies import models, utils
from fastapi.routing import APIRoute, serialize_response
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from kitsu_api.db.engine import ONLY_READS
from kitsu_api.unit_of_work import open_unit_of_work

IMMUTABLE = (type(None), bool, int, float, str, bytes, UUID, Enum, date)
"""Defaults of these types are shared by all requests; others are made for each."""

Given = dict[str, Any]


class NotPlainError(Exception):
    """A route that FastAPI has to serve."""


@dataclass(slots=True)
class _Parameters:
    """The parameters of one place that come in the same part of a request."""

    fields: list[ModelField]
    names: frozenset[bytes]
    """What a request has to mention for them to differ from their defaults; of headers, in small letters."""
    plain: bool
    """Whether they are named one by one: a model takes whatever there is."""
    defaults: Given | None = None

    def absent(self, nothing: Mapping[str, Any]) -> Given | None:
        """Their values where nothing was sent; None when something had to be."""
        if self.defaults is not None:
            return self.defaults
        values, errors = utils.request_params_to_args(self.fields, nothing)
        if errors:
            return None
        if all(isinstance(value, IMMUTABLE) for value in values.values()):
            self.defaults = values
        return values

    def read(self, sent: Mapping[str, Any]) -> Given | None:
        """Their values; None when one does not fit."""
        values, errors = utils.request_params_to_args(self.fields, sent)
        return None if errors else values


def _parameters(fields: list[ModelField], *, headers: bool = False) -> _Parameters | None:
    if not fields:
        return None
    # underscores of models' fields are FastAPI's affair
    plain = all(utils._get_param_model(one) is None for one in fields)
    names = (
        {name for one in fields for pair in utils._get_param_aliases(one) for name in pair} if plain else ()
    )
    return _Parameters(
        fields, frozenset(name.lower().encode() for name in names) if headers else frozenset(), plain
    )


NO_QUERY = QueryParams("")
NO_HEADERS = Headers(raw=[])


@dataclass(slots=True)
class _Step:
    """A dependency, or the route's own function at the end: what it is given, and how it is called."""

    call: Callable[..., Any]
    given: tuple[tuple[str, int], ...]
    """Names of arguments, and the steps that made them."""
    path: tuple[tuple[str, str, ModelField], ...]
    query: _Parameters | None
    headers: _Parameters | None
    cookies: _Parameters | None
    request: tuple[str, ...]
    """Names of arguments that are the request itself."""
    opened: bool = False
    """Whether it is entered, and left again once the route's function is done."""


@dataclass(slots=True)
class _Plan:
    """The steps of a route; the last one is its function."""

    steps: list[_Step] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    def add(self, dependant: models.Dependant) -> int:
        """Add a dependency after those that it needs; the number of its step.

        Raises:
            NotPlainError: it is one of a kind that is not understood here.
        """
        key = models._get_cache_key(dependant=dependant)
        if dependant.use_cache and key in self.places:
            return self.places[key]
        given = [(each.name, self.add(each)) for each in dependant.dependencies]
        call, opened = dependant.call, models._is_async_gen_callable(dependant.call)
        if call is None or not _is_plain(dependant) or not (opened or models._is_coroutine_callable(call)):
            raise NotPlainError
        if opened and dependant.scope != "function":
            raise NotPlainError
        self.steps.append(
            _Step(
                # FastAPI's generators are context managers, made of the function at each request
                asynccontextmanager(call) if opened else call,
                tuple((name, number) for name, number in given if name is not None),
                tuple((one.name, utils.get_validation_alias(one), one) for one in dependant.path_params),
                _parameters(dependant.query_params),
                _parameters(dependant.header_params, headers=True),
                _parameters(dependant.cookie_params),
                tuple(
                    name
                    for name in (dependant.http_connection_param_name, dependant.request_param_name)
                    if name is not None
                ),
                opened,
            )
        )
        self.places[key] = len(self.steps) - 1
        return len(self.steps) - 1


def _is_plain(dependant: models.Dependant) -> bool:
    """Whether a dependency asks for nothing but parameters, other dependencies and the request."""
    special = (
        dependant.body_params,
        dependant.response_param_name,
        dependant.background_tasks_param_name,
        dependant.security_scopes_param_name,
        dependant.websocket_param_name,
        dependant.concurrency,
    )
    return not any(special) and not models._uses_scopes(dependant=dependant)


def _below(dependant: models.Dependant) -> Iterator[models.Dependant]:
    """All dependencies of a route."""
    for each in dependant.dependencies:
        yield each
        yield from _below(each)


def _sent(step: _Step, scope: Scope, names: frozenset[bytes] | set[bytes], request: Request) -> Given | None:
    """The parameters of a step; None when one is missing or does not fit."""
    values: Given = {}
    for name, alias, one in step.path:
        value, errors = one.validate(scope["path_params"].get(alias), {}, loc=("path", alias))
        if errors:
            return None
        values[name] = value
    if step.query is not None:
        query = step.query
        found = query.read(request.query_params) if scope["query_string"] else query.absent(NO_QUERY)
        if found is None:
            return None
        values.update(found)
    if step.headers is not None:
        headers = step.headers
        absent = headers.plain and names.isdisjoint(headers.names)
        found = headers.absent(NO_HEADERS) if absent else headers.read(request.headers)
        if found is None:
            return None
        values.update(found)
    if step.cookies is not None:
        found = step.cookies.read(request.cookies)
        if found is None:
            return None
        values.update(found)
    for name in step.request:
        values[name] = request
    return values


class PlannedRead:
    """The application of a route that reads."""

    def __init__(self, route: APIRoute, ordinary: ASGIApp) -> None:
        """`ordinary` serves what is not plain.

        Raises:
            NotPlainError: the route is not.
        """
        default = isinstance(route.response_class, DefaultPlaceholder)
        if route.methods != {"GET"} or route.body_field or not default or route.response_field is None:
            raise NotPlainError
        if route.is_json_stream or route.is_sse_stream or route.status_code not in (None, 200):
            raise NotPlainError
        plan = _Plan()
        plan.add(route.dependant)
        if plan.steps[-1].opened:
            raise NotPlainError
        self._steps = tuple(plan.steps)
        self._route, self._ordinary = route, ordinary

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; errors are rendered by who calls."""
        request = Request(scope, receive, send)
        values = None if scope["app"].dependency_overrides else self._values(scope, request)
        if values is None:
            await self._ordinary(scope, receive, send)
            return
        response: Response | None = None
        async with AsyncExitStack() as opened:
            found = await self._run(values, opened)
            response = found if isinstance(found, Response) else await self._written(found)
        if response is None:
            raise RuntimeError("A dependency has swallowed an error.")
        await response(scope, receive, send)

    def _values(self, scope: Scope, request: Request) -> list[Given] | None:
        names = {name for name, _ in scope["headers"]}
        values = []
        for step in self._steps:
            sent = _sent(step, scope, names, request)
            if sent is None:
                return None
            values.append(sent)
        return values

    async def _run(self, values: list[Given], opened: AsyncExitStack) -> Any:
        results: list[Any] = []
        result: Any = None
        for step, arguments in zip(self._steps, values, strict=True):
            for name, number in step.given:
                arguments[name] = results[number]
            if step.opened:
                result = await opened.enter_async_context(step.call(**arguments))
            else:
                result = await step.call(**arguments)
            results.append(result)
        return result

    async def _written(self, found: Any) -> Response:
        """What a route gives back as the JSON of its schema."""
        route = self._route
        content = await serialize_response(
            field=route.response_field,
            response_content=found,
            include=route.response_model_include,
            exclude=route.response_model_exclude,
            by_alias=route.response_model_by_alias,
            exclude_unset=route.response_model_exclude_unset,
            exclude_defaults=route.response_model_exclude_defaults,
            exclude_none=route.response_model_exclude_none,
            dump_json=True,
        )
        return Response(content, media_type="application/json")


def plan_reads(routes: Iterable[BaseRoute]) -> None:
    """Have the routes that read served by plans, wherever they are plain and have none yet."""
    for route in routes:
        if isinstance(route, APIRoute) and not isinstance(route.app, PlannedRead):
            try:
                route.app = PlannedRead(route, route.app)
            except NotPlainError:
                continue


def mark_reads(routes: Iterable[BaseRoute]) -> None:
    """Tell GET routes that want no unit of work from those that may write: their sessions only read."""
    for route in routes:
        if isinstance(route, APIRoute) and route.methods == {"GET"}:
            wants = any(each.call is open_unit_of_work for each in _below(route.dependant))
            setattr(route, ONLY_READS, not wants)
