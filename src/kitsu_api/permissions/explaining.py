"""Why somebody may or may not call a route: its own dependencies are asked, for that person.

No rule is told twice: what refuses here is what refuses there. Nothing is kept of what the dependencies do,
and the route itself is not called.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import solve_dependencies
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Match

from kitsu_api.db.base import Record
from kitsu_api.db.engine import open_session
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import ApiError, Forbidden, NotFound, Unauthorized
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.api_keys import check_reach
from kitsu_api.permissions.authentication import authenticate
from kitsu_api.permissions.guard import GUARDS, POLICIES
from kitsu_api.permissions.scopes import Scope
from kitsu_api.unit_of_work import UnitOfWork, open_unit_of_work

Outcome = Literal["passed", "refused", "not found", "not asked"]
Rule = Callable[..., Any]


@dataclass(frozen=True)
class Rows:
    """Which rows of a table a route takes, where its own code asks for it and no dependency does."""

    model: type[Record]
    scope: Scope
    use: str
    parameter: str = "id"
    """What the path calls the row's id."""


_ROWS: dict[Rule, Rows] = {}


class Scoped(Protocol):
    """A table whose routes look for the row of the `id` in their path within a scope."""

    @property
    def model(self) -> type[Record]:
        """The table."""
        ...

    @property
    def scope(self) -> Scope:
        """The rows that somebody reads."""
        ...

    @property
    def own(self) -> Scope | None:
        """Those that they change, where these are fewer."""
        ...

    @property
    def erasable(self) -> Scope | None:
        """Those that they delete, where these are others again."""
        ...


def note_rows(table: Scoped, read: Rule, change: Rule, *erase: Rule) -> None:
    """Say which routes take rows of a table, and what for."""
    own = table.own or table.scope
    _ROWS[read] = Rows(table.model, table.scope, "read")
    _ROWS[change] = Rows(table.model, own, "change")
    for each in erase:
        _ROWS[each] = Rows(table.model, table.erasable or own, "delete")


def note_changes(table: Scoped, change: Rule, parameter: str = "id") -> None:
    """Say which further route changes rows of a table, and what its path calls their id."""
    _ROWS[change] = Rows(table.model, table.own or table.scope, "change", parameter)


@dataclass(frozen=True)
class Check:
    """A rule, and what it said."""

    rule: str
    meaning: str
    outcome: Outcome


@dataclass
class Verdict:
    """What the rules of a route said, in the order in which they are asked; the first refusal decides."""

    status: int = 200
    checks: list[Check] = field(default_factory=list)
    conditional: bool = False
    decided_by: str | None = None

    def note(self, check: Check, status: int = 200) -> None:
        """Note what a rule said, and how it is answered."""
        self.checks.append(check)
        if check.outcome in ("refused", "not found") and self.decided_by is None:
            self.status, self.decided_by = status, check.rule

    def add(self, rule: Rule, outcome: Outcome, status: int = 200) -> None:
        """As `note`, for a function."""
        self.note(Check(_name(rule), _meaning(rule), outcome), status)


def _name(rule: Rule) -> str:
    module = getattr(rule, "__module__", "").removeprefix("kitsu_api.").removeprefix("permissions.")
    return f"{module.removeprefix('policies.')}.{getattr(rule, '__name__', type(rule).__name__)}"


def _meaning(rule: Rule) -> str:
    said = inspect.getdoc(rule) or ""
    return " ".join(said.split("\n\n")[0].split())


def find_route(app: FastAPI, method: str, path: str, query: str) -> tuple[Any, dict[str, Any]] | None:
    """The route that takes a request, and what of its scope says so; None when there is none."""
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    for route in app.state.routes_of(path):
        match, child = route.matches(scope)
        if match is Match.FULL and hasattr(route, "dependant"):
            return route, {**scope, **child, "query_string": query.encode()}
    return None


def _below(dependant: Dependant) -> Iterator[Dependant]:
    for dependency in dependant.dependencies:
        yield from _below(dependency)
        yield dependency


class UndoneWork(UnitOfWork):
    """A unit of work that nothing comes of: what rules write or lock is undone with its session."""

    async def pause(self) -> None:
        """Keep the transaction."""

    async def commit(self) -> None:
        """Never."""
        raise RuntimeError("What rules are asked about is not written.")


class _Overrides:
    """The dependencies that say who asks, and with which transaction, replaced by this person and one that is
    undone."""

    def __init__(self, actor: Actor, uow: UnitOfWork) -> None:
        async def this_person() -> Actor:
            return actor

        async def this_session() -> AsyncSession:
            return uow.session

        async def this_unit_of_work() -> UnitOfWork:
            return uow

        self.dependency_overrides: dict[Rule, Rule] = {
            authenticate: this_person,
            open_session: this_session,
            open_unit_of_work: this_unit_of_work,
        }


def _outcome(error: ApiError) -> tuple[Outcome, int]:
    if isinstance(error, NotFound):
        return "not found", NotFound.status
    return "refused", int(error.status)


async def _ask(verdict: Verdict, asked: Dependant, request: Request, overrides: _Overrides) -> None:
    """Have a dependency answer, and note what the rule in it said."""
    call: Any = asked.call
    rule = POLICIES.get(call, call)
    if any(each.body_params for each in (asked, *_below(asked))):
        verdict.conditional = True
        verdict.add(rule, "not asked")
        return
    alone = Dependant(dependencies=[asked])
    async with AsyncExitStack() as stack:
        request.scope["fastapi_inner_astack"] = request.scope["fastapi_function_astack"] = stack
        try:
            solved = await solve_dependencies(
                request=request,
                dependant=alone,
                dependency_overrides_provider=overrides,
                async_exit_stack=stack,
                embed_body_fields=False,
            )
        except (Forbidden, NotFound, Unauthorized) as error:
            outcome, status = _outcome(error)
            verdict.add(rule, outcome, status)
            return
    verdict.add(rule, "not asked" if solved.errors else "passed")


def _asked_of(dependant: Dependant) -> list[Dependant]:
    """The dependencies that hold a rule: guards, each once, those within others before them."""
    found: dict[Any, Dependant] = {}
    for dependency in _below(dependant):
        if dependency.call in POLICIES:
            found.setdefault(dependency.call, dependency)
    if not found:  # who is signed in may: the guard itself is the rule
        for dependency in _below(dependant):
            if dependency.call in GUARDS:
                found.setdefault(dependency.call, dependency)
    return list(found.values())


async def _ask_for_row(verdict: Verdict, rows: Rows, id: str, actor: Actor, session: AsyncSession) -> None:
    """Look whether the row that a path names is in the scope that the route has for this person."""
    visible = await Records(session, rows.model).visible(UUID(id), rows.scope(actor))
    outcome: Outcome = "not found" if visible is None else "passed" if visible else "refused"
    status = int(NotFound.status if visible is None else Forbidden.status)
    table = rows.model.__tablename__
    verdict.note(Check(f"rows.{table}", f"Which rows of {table} the person may {rows.use}.", outcome), status)


def _ask_key(verdict: Verdict, asked: Request) -> None:
    """Look whether the key that this request came with reaches the other one."""
    try:
        check_reach(asked.state.claims, asked.method, asked.scope["path"])
    except Forbidden as error:
        verdict.add(check_reach, "refused", int(error.status))
    else:
        verdict.add(check_reach, "passed")


async def explain(
    route: Any, child: dict[str, Any], request: Request, actor: Actor, uow: UnitOfWork
) -> Verdict:
    """Ask the rules of a route about a person. What they write is for the caller to undo."""
    asked = Request({**request.scope, **child, "headers": []})
    verdict, overrides = Verdict(), _Overrides(actor, uow)
    if actor.key is not None:  # only who asks has come with a key
        _ask_key(verdict, asked)
    dependant: Dependant = route.dependant
    for dependency in _asked_of(dependant):
        await _ask(verdict, dependency, asked, overrides)
    rows = _ROWS.get(route.endpoint)
    if rows is not None and verdict.decided_by is None:
        await _ask_for_row(verdict, rows, child["path_params"][rows.parameter], actor, uow.session)
    verdict.conditional = verdict.conditional or child["method"] != "GET"
    return verdict
