"""Statements that conditions of requests narrow, built and compiled once for each form of these.

To put a list of twenty columns together takes SQLAlchemy longer than PostgreSQL takes to read a page of it.
The conditions are few and small: SQLAlchemy names their form (it keeps compiled statements by it as well),
and the values in them become parameters of a statement that is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from kitsu_api.db.prepared import Given, Prepared


class Ready:
    """A kept statement, and the values that a request brought with its conditions."""

    def __init__(self, statement: Prepared, brought: dict[str, Any]) -> None:
        self._statement, self._brought = statement, brought

    async def row(self, session: AsyncSession, **values: Any) -> Any:
        """The first row, or None; `values` are those of named parameters."""
        return await self._statement.row(session, **self._brought, **values)

    async def scalar(self, session: AsyncSession, **values: Any) -> Any:
        """The first column of the first row, or None."""
        return await self._statement.scalar(session, **self._brought, **values)

    async def texts(self, session: AsyncSession, size: int, **values: Any) -> AsyncIterator[list[str]]:
        """The first column of the rows, `size` of them at a time; no more are held."""
        async for rows in self._statement.batches(session, size, **self._brought, **values):
            yield [row[0] for row in rows]


class Narrowed:
    """Statements of one kind, kept by their shape and by the form of the clauses of a request.

    `build` is given the clauses, and the shape. Shapes must come from few, as those of `Statements`. Forms
    may be as many as there are filters: those that were not asked for longest go.
    """

    LIMIT = 500

    def __init__(self, build: Callable[..., Select[Any]]) -> None:
        self._build = build
        self._kept: OrderedDict[Hashable, tuple[Prepared, dict[str, int]]] = OrderedDict()

    def __call__(self, clauses: Sequence[ClauseElement], *shape: Hashable) -> Ready:
        """The statement of this shape for clauses of this form, with the values in them."""
        form, parameters = form_of(clauses)
        lists = {
            place: len(parameter.effective_value or ())
            for place, parameter in enumerate(parameters)
            if parameter.expanding
        }
        key = None if form is None else (form, tuple(lists.values()), shape)
        found = None if key is None else self._kept.get(key)
        if found is None:
            given = Given(parameters)
            statement = Prepared(self._build(tuple(clauses), *shape), given, lists)
            found = statement, given.names
            if not given.are_all_named:
                key = None  # the text holds a value of this request
        if key is not None:
            self._kept[key] = found
            self._kept.move_to_end(key)
            if len(self._kept) > self.LIMIT:
                self._kept.popitem(last=False)
        statement, names = found
        return Ready(statement, _values(parameters, names))


def form_of(
    clauses: Sequence[ClauseElement],
) -> tuple[tuple[Hashable, ...] | None, list[BindParameter[Any]]]:
    """What clauses have in common with others that differ in their values alone (None: there is no telling),
    and the parameters with the values."""
    forms: list[Hashable] = []
    parameters: list[BindParameter[Any]] = []
    for clause in clauses:
        key = clause._generate_cache_key()
        if key is None:
            found = [part for part in visitors.iterate(clause) if isinstance(part, BindParameter)]
        else:
            found = list(key.bindparams)
            forms.append(key.key)
        parameters += [one for one in found if not one.required]
    return tuple(forms) if len(forms) == len(clauses) else None, parameters


def _values(parameters: Sequence[BindParameter[Any]], names: dict[str, int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, place in names.items():
        parameter = parameters[place]
        if parameter.expanding:
            values |= {
                f"{name}_{number}": one for number, one in enumerate(parameter.effective_value or (), 1)
            }
        else:
            values[name] = parameter.effective_value
    return values


LONG = 200
"""Values in lists that are remembered with what was found for them; more take too much memory."""


def values_of(clauses: Sequence[ClauseElement]) -> Hashable:
    """Form and values of clauses together, to remember by; None where there is no telling, or too much."""
    form, parameters = form_of(clauses)
    if form is None or sum(len(one.effective_value or ()) for one in parameters if one.expanding) > LONG:
        return None
    values = [parameter.effective_value for parameter in parameters]
    found = form, tuple(tuple(value) if isinstance(value, list) else value for value in values)
    try:
        hash(found)
    except TypeError:  # an object of JSON
        return None
    return found
