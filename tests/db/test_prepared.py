"""Statements whose text is kept: they answer what the statement itself would."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Text, Uuid, and_, bindparam, case, false, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kitsu_api.db.models import Department, Person
from kitsu_api.db.prepared import Prepared, Statements
from kitsu_api.db.projections import DEPARTMENT
from kitsu_api.db.repositories.records import Records
from tests import factories


async def test_values_are_bound_by_name_and_constants_stay(session, make):
    first, second = await make(factories.department(), factories.department())
    ids = bindparam("ids", type_=ARRAY(Uuid))
    query = select(Department.name, literal("team", Text)).where(Department.id == func.any(ids))
    statement = Prepared(query.order_by(Department.name))
    rows = await statement.rows(session, ids=[first.id, second.id])
    assert [tuple(row) for row in rows] == sorted([(first.name, "team"), (second.name, "team")])
    assert await statement.row(session, ids=[uuid4()]) is None
    assert await statement.scalar(session, ids=[second.id]) == second.name


async def test_lists_of_constants_have_their_places(session, make):
    department = await make(factories.department())
    wanted = bindparam("wanted", type_=Uuid())
    query = select(case((Department.name.in_((department.name, "x", "y")), literal("in")), else_="out"))
    statement = Prepared(query.where(Department.id == wanted, Department.archived.in_((True, False))))
    assert await statement.scalar(session, wanted=department.id) == "in"


async def test_json_goes_in_and_comes_out_as_objects(session):
    statement = Prepared(select(bindparam("value", type_=JSONB)))
    assert await statement.scalar(session, value={"weather": ["fog"]}) == {"weather": ["fog"]}


async def test_values_of_what_can_not_hold_are_left_out(session, make):
    department = await make(factories.department())
    same = Department.id == bindparam("id", type_=Uuid())
    for condition, found in ((same, department.name), (and_(false(), same), None)):
        statement = Prepared(select(Department.name).where(condition))
        assert await statement.scalar(session, id=department.id) == found


async def test_a_shape_is_built_once():
    built = []

    def build(name):
        built.append(name)
        return select(getattr(Person, name))

    statements = Statements(build)
    assert statements("id") is statements("id")
    assert statements("email") is not statements("id")
    assert built == ["id", "email"]


async def test_statements_do_not_pile_up():
    statements = Statements(lambda number: select(literal(number)))
    for number in range(Statements.LIMIT + 5):
        statements(number)
    assert len(statements._kept) <= Statements.LIMIT


async def test_what_was_just_changed_is_read(session, make):
    department = await make(factories.department())
    session.add(department)
    department.name = "Just renamed"
    row = await Records(session, Department).one_json(DEPARTMENT, department.id)
    assert b"Just renamed" in row


async def test_names_that_callers_make_up_are_no_shapes(session, make):
    department = await make(factories.department())
    records = Records(session, Department)
    before = len(DEPARTMENT.one._kept)
    for number in range(5):
        row = await records.one_json(DEPARTMENT, department.id, fields=["name", f"made up {number}"])
        assert b'"name"' in row
    assert len(DEPARTMENT.one._kept) <= before + 1
