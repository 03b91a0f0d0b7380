"""Rows that are copied from another instance: references, names that are taken, removal."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db import models as m
from kitsu_api.db.base import Base
from kitsu_api.db.repositories.row_copies import RowCopies
from kitsu_api.db.table_graph import late_columns, ordered_tables, references_of
from tests import factories

TABLES = Base.metadata.tables
MOMENT = "2026-01-02T03:04:05"


@pytest.fixture
def copies(session) -> RowCopies:
    return RowCopies(session)


def row(**values):
    return {"id": str(uuid4()), "created_at": MOMENT, "updated_at": MOMENT, **values}


async def write(copies, table, *rows):
    return await copies.write(TABLES[table], list(rows), list(rows[0]))


async def test_rows_are_made_and_changed_by_their_ids(copies, session):
    sent = row(name="Layout", color="#123456", archived=False)
    await write(copies, "department", sent)
    await write(copies, "department", sent | {"color": "#654321"})
    found = (await session.scalars(select(m.Department).where(m.Department.name == "Layout"))).one()
    assert (str(found.id), found.color, found.created_at) == (
        sent["id"],
        "#654321",
        dt.datetime(2026, 1, 2, 3, 4, 5),
    )


async def test_what_is_not_sent_has_its_default(copies, session):
    sent = row(email="sam@studio.example", first_name="Sam", last_name="S")
    await write(copies, "person", sent)
    person = (await session.scalars(select(m.Person).where(m.Person.email == sent["email"]))).one()
    assert (person.role, person.password) == ("user", None)


async def test_a_column_that_is_not_sent_stays(copies, session, make):
    person = await make(factories.person())
    password = person.password
    sent = row(email=person.email, first_name="New", last_name="Name") | {"id": str(person.id)}
    await write(copies, "person", sent)
    await session.refresh(found := await session.get(m.Person, person.id))
    assert (found.first_name, found.password) == ("New", password)


async def test_null_gives_way_to_a_default_where_it_can_not_be(copies, session):
    sent = row(name="Film", revision_padding=None)
    await write(copies, "project", sent)
    assert await session.scalar(select(m.Project.revision_padding)) == 0


async def test_references_to_what_is_not_here_are_dropped_or_drop_the_row(copies, session):
    loose = row(name="Rig", color="#000000", department_id=str(uuid4()))
    copied = await write(copies, "task_type", loose)
    assert (copied.written, copied.loosened, copied.left_out) == (1, 1, 0)
    lost = row(name="S1", project_id=str(uuid4()), entity_type_id=str(uuid4()))
    copied = await write(copies, "entity", lost)
    assert (copied.written, copied.left_out) == (0, 1)
    assert await session.scalar(select(func.count()).select_from(m.Entity)) == 0


async def test_references_within_a_table_are_set_once_all_rows_are_there(copies, session, make):
    rows = factories.production()
    await make(*rows)
    common = {"project_id": str(rows.project.id), "entity_type_id": str(rows.entity_type.id)}
    parent = row(name="S1", **common, parent_id=None, source_id=None, preview_file_id=None)
    child = {**parent, "id": str(uuid4()), "name": "1", "parent_id": parent["id"]}
    orphan = {**parent, "id": str(uuid4()), "name": "2", "parent_id": str(uuid4())}
    await write(copies, "entity", child, orphan)
    await write(copies, "entity", parent)
    assert await copies.set_late(TABLES["entity"], [child, orphan, parent]) == 1
    found = select(m.Entity.name, m.Entity.parent_id, m.Entity.updated_at).where(
        m.Entity.name.in_(["1", "2"])
    )
    moment = dt.datetime.fromisoformat(MOMENT)
    told = {name: (str(up) if up else None, at) for name, up, at in await session.execute(found)}
    assert told == {"1": (parent["id"], moment), "2": (None, moment)}


async def test_a_row_under_another_id_becomes_the_one_that_is_sent(copies, session, make):
    mine = factories.department(name="Layout")
    kind = factories.task_type(department_id=mine.id)
    person = factories.person()
    await make(mine, kind, person, m.DepartmentLink(person_id=person.id, department_id=mine.id))
    sent = row(name="Layout", color="#123456", archived=False)
    await write(copies, "department", sent)
    assert [str(id) for id in await session.scalars(select(m.Department.id))] == [sent["id"]]
    assert str(await session.scalar(select(m.TaskType.department_id))) == sent["id"]
    assert str(await session.scalar(select(m.DepartmentLink.department_id))) == sent["id"]


async def test_people_are_the_same_whatever_the_case_of_their_mail(copies, session, make):
    person = await make(factories.person(email="Sam@studio.example"))
    await make(factories.api_event(user_id=person.id))
    sent = row(email="sam@Studio.example", first_name="Sam", last_name="S")
    await write(copies, "person", sent)
    assert [str(id) for id in await session.scalars(select(m.Person.id))] == [sent["id"]]
    assert str(await session.scalar(select(m.ApiEvent.user_id))) == sent["id"]
    # Whoever could sign in here still can.
    assert await session.scalar(select(m.Person.password)) == person.password


async def test_merged_rows_leave_no_link_twice(copies, session, make):
    project_rows = factories.production()
    await make(*project_rows)
    mine, theirs = factories.task_status(name="Done"), factories.task_status(name="Other")
    await make(mine, theirs)
    for status in (mine, theirs):
        await make(m.ProjectTaskStatusLink(project_id=project_rows.project.id, task_status_id=status.id))
    sent = {"id": str(theirs.id), "name": "Done", "short_name": "d", "color": "#000000", "for_concept": False}
    await write(copies, "task_status", sent)
    links = await session.scalars(select(m.ProjectTaskStatusLink.task_status_id))
    assert [str(id) for id in links] == [sent["id"]]


async def test_links_are_made_exactly_those_that_are_wanted(copies, session, make):
    rows = factories.production()
    people = [factories.person() for _ in range(3)]
    await make(*rows, *people)
    table = TABLES["project_person_link"]
    project = str(rows.project.id)
    first = [
        {"person_id": str(people[0].id), "role": "manager"},
        {"person_id": str(people[1].id), "role": None},
    ]
    await copies.set_links(table, "project_id", "person_id", {project: first})
    lost = await copies.set_links(
        table,
        "project_id",
        "person_id",
        {
            project: [
                {"person_id": str(people[0].id)},
                {"person_id": str(people[2].id)},
                {"person_id": str(uuid4())},
            ]
        },
    )
    assert lost == 1
    found = await session.execute(select(m.ProjectPersonLink.person_id, m.ProjectPersonLink.role))
    assert {tuple(pair) for pair in found} == {(people[0].id, "manager"), (people[2].id, None)}


async def test_what_can_not_be_without_a_row_goes_with_it(copies, session, make):
    rows = factories.production()
    await make(*rows)
    await make(factories.time_spent(rows.task, rows.person))
    assert await copies.delete(TABLES["task"], [rows.task.id]) == 1
    for model in (m.Task, m.TaskPersonLink):
        assert await session.scalar(select(func.count()).select_from(model)) == 0, model
    assert await session.scalar(select(m.TimeSpent.task_id)) is None


async def test_rows_that_could_be_without_others_are_told(copies, make):
    rows = factories.production()
    await make(*rows)
    found = await copies.referring(TABLES["project"], [rows.project.id])
    assert found["task"] == {str(rows.task.id)}


async def test_a_page_takes_as_many_statements_as_a_row(copies, count_statements):
    counts = []
    for size in (1, 200):
        rows = [row(name=f"{size} {n}", color="#000000", department_id=None) for n in range(size)]
        with count_statements() as statements:
            await write(copies, "task_type", *rows)
        counts.append(statements.count)
    assert counts[0] == counts[1]


def test_rows_can_be_written_in_the_order_of_their_tables():
    order = ordered_tables()
    for table in order:
        for reference in references_of(table):
            known = order.index(reference.target) < order.index(table)
            assert known or reference.column.name in late_columns(table), reference
