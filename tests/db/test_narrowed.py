"""Statements that are kept by the form of conditions: each request gets its own values."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

import pytest
from sqlalchemy import ColumnElement, Integer, Text, bindparam, false, func, literal, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.sql.visitors import InternalTraversal

from kitsu_api.db.models import Department, Person
from kitsu_api.db.narrowed import Narrowed, form_of, values_of
from kitsu_api.db.projection import array_of
from kitsu_api.db.repositories.row_states import counted
from tests import factories

NAMES = ("Ink", "Paint", "Back\\slash", "Quo'te", "%(percent)s", ":colon")


def names(where, limited=False):
    query = select(Department.name).where(*where).order_by(Department.name.collate("C"))
    return query.limit(bindparam("limit", type_=Integer())) if limited else query


@pytest.fixture
def narrowed() -> Narrowed:
    return Narrowed(names)


@pytest.fixture
async def departments(make):
    rows = [factories.department(name=name) for name in NAMES]
    await make(*rows)
    return {row.name: row.id for row in rows}


async def read(session, ready, **values):
    return [name async for some in ready.texts(session, 2, **values) for name in some]


CONDITIONS = {
    "equal": lambda ids: [Department.name == "Ink"],
    "another": lambda ids: [Department.name == "Quo'te"],
    "percent": lambda ids: [Department.name == "%(percent)s"],
    "a pattern": lambda ids: [Department.name.ilike("%IN%")],
    "two of a list": lambda ids: [Department.name.in_(["Ink", "Paint"])],
    "three of a list": lambda ids: [Department.name.in_(["Ink", ":colon", "Back\\slash"])],
    "none of a list": lambda ids: [Department.name.in_([])],
    "not in a list": lambda ids: [Department.id.not_in([ids["Ink"], ids["Paint"]])],
    "ids": lambda ids: [Department.id.in_([ids["Quo'te"]])],
    "several": lambda ids: [
        Department.id != ids["Ink"],
        or_(Department.name == "Ink", Department.name == "Paint"),
    ],
    "all": lambda ids: [true()],
    "nothing": lambda ids: [false()],
    "a query": lambda ids: [Department.id.in_(select(Department.id).where(Department.name == "Paint"))],
    "the same twice": lambda ids: [(same := Department.name == "Ink"), same],
    "a flag": lambda ids: [Department.archived.is_(False), Department.archived == False],  # noqa: E712
}


async def test_conditions_find_what_they_find_otherwise(session, departments, narrowed):
    for _ in range(2):
        for name, make in CONDITIONS.items():
            where = [Department.id.in_(departments.values()), *make(departments)]
            expected = list(await session.scalars(names(where)))
            assert await read(session, narrowed(where)) == expected, name


async def test_one_statement_serves_all_values_of_a_form(session, departments, narrowed):
    for name in NAMES:
        assert await read(session, narrowed([Department.name == name])) == [name]
    assert len(narrowed._kept) == 1
    [(statement, _)] = narrowed._kept.values()
    assert not any(name in statement._sql for name in NAMES), "a value of a request is no part of the text"


async def test_parameters_with_names_are_given_beside(session, departments, narrowed):
    where = [Department.id.in_(departments.values())]
    assert await read(session, narrowed(where, True), limit=1) == ["%(percent)s"]
    assert await read(session, narrowed(where, True), limit=2) == ["%(percent)s", ":colon"]


async def test_forms_that_were_not_asked_for_longest_are_forgotten(narrowed, monkeypatch):
    monkeypatch.setattr(Narrowed, "LIMIT", 2)
    lists = [[Department.name.in_(list("abc"[:length]))] for length in (1, 2, 3)]
    for where in (*lists[:2], lists[0], lists[2]):
        narrowed(where)
    kept = [lengths for _, lengths, _ in narrowed._kept]
    assert kept == [(1,), (3,)]


class lower(GenericFunction[str]):  # noqa: N801  # the name that PostgreSQL knows
    """A function whose form SQLAlchemy doesn't tell."""

    inherit_cache = False
    _register = False


async def test_what_has_no_form_is_made_anew(session, departments, narrowed):
    for name in ("Ink", "Paint"):
        where = [lower(name.upper()) == func.lower(Department.name)]
        assert form_of(where)[0] is None
        assert values_of(where) is None
        assert await read(session, narrowed(where)) == [name]
    assert not narrowed._kept


class Within(ColumnElement[str]):
    """An element whose parameters are written without a word of what else is to be written."""

    inherit_cache = True
    _traverse_internals: ClassVar[Any] = [("inner", InternalTraversal.dp_clauseelement)]
    type = Text()

    def __init__(self, inner: ColumnElement[str]) -> None:
        self.inner = inner


@compiles(Within)
def _write(element: Within, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.inner))


async def test_a_text_with_a_value_of_a_request_serves_nobody_else(session, departments, narrowed):
    for name in ("Ink", "Paint", "Quo'te"):
        where = [Department.name == Within(literal(name, Text))]
        assert form_of(where)[0] is not None
        assert await read(session, narrowed(where)) == [name]
    assert not narrowed._kept


def test_form_and_values_tell_conditions_apart():
    id, person = uuid4(), Person.id
    assert values_of([person == id]) == values_of([person == id])
    assert values_of([person == id]) != values_of([person == uuid4()])
    assert values_of([person.in_([id])]) != values_of([person.in_([id, id])])
    assert values_of([person == id]) != values_of([person != id])
    assert values_of([person.in_([id] * 201)]) is None, "that much is not remembered"
    assert values_of([Person.data == {"a": []}]) is None, "nothing is remembered by what may change"


async def test_lists_of_json_are_written_from_it(session, departments):
    texts = Narrowed(lambda where: array_of(names(where)))
    assert await texts([Department.name == "Quo'te"]).scalar(session) == '{"name":"Quo\'te"}'


async def test_rows_are_counted_by_their_conditions(session, departments):
    mine = Department.id.in_(departments.values())
    for where, amount in (([mine], 6), ([mine, Department.name == "Ink"], 1), ([mine, false()], 0)):
        assert await counted(session, Department, where) == amount
