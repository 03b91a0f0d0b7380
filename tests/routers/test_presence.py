"""When people began to work at their desks: notes, and the month as a sheet."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from uuid import uuid4

import pytest

from kitsu_api.db.models import DesktopLoginLog
from kitsu_api.db.repositories.person_time_spents import Period
from kitsu_api.services.presence import presence_sheet
from tests import factories


def logs(person) -> str:
    return f"/data/persons/{person.id}/desktop-login-logs"


async def test_a_note_is_listed_and_moves_the_last_presence_forward_only(client, sign_in, make):
    person = await make(factories.person())
    headers = sign_in(person)
    assert (await client.get(logs(person), headers=headers)).json() == []
    for moment in ("2024-04-10T08:00:00", "2024-04-02T08:00:00"):
        answer = await client.post(logs(person), json={"date": moment}, headers=headers)
        assert answer.status_code == 201
        assert answer.json()["date"] == moment
    listed = (await client.get(logs(person), headers=headers)).json()
    assert [row["date"] for row in listed] == ["2024-04-10T08:00:00", "2024-04-02T08:00:00"]


@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), ("manager", 200), ("supervisor", 403), ("user", 403), ("client", 403), ("vendor", 403)],
)
async def test_notes_of_others_are_for_managers(client, as_role, make, role, status):
    person, headers = await make(factories.person()), await as_role(role)
    assert (await client.get(logs(person), headers=headers)).status_code == status
    posted = await client.post(logs(person), json={"date": "2024-04-10T08:00:00"}, headers=headers)
    assert posted.status_code == (201 if status == 200 else status)
    sheet = await client.get("/data/persons/presence-logs/2024-04", headers=headers)
    assert sheet.status_code == status


async def test_notes_of_nobody_are_not_found(client, as_role):
    url = f"/data/persons/{uuid4()}/desktop-login-logs"
    headers = await as_role("admin")
    assert (await client.get(url, headers=headers)).status_code == 404
    assert (await client.post(url, json={"date": "2024-04-10"}, headers=headers)).status_code == 404


@pytest.mark.parametrize("payload", [{}, {"date": None}, {"date": "soon"}, [], {"date": "99999-01-01"}])
async def test_a_note_without_a_moment_is_refused(client, sign_in, make, payload):
    person = await make(factories.person())
    answer = await client.post(logs(person), json=payload, headers=sign_in(person))
    assert answer.status_code == 400


async def test_the_sheet_of_a_month_has_a_row_a_person_and_a_column_a_day(client, as_role, make):
    here, gone, _, robot = await make(
        factories.person(first_name="Bea", last_name="Here"),
        factories.person(first_name="Cid", last_name="Gone", active=False),
        factories.person(first_name="Dan", last_name="Away", active=False),
        factories.bot(first_name="Robot"),
    )
    for person, day in ((here, 1), (here, 29), (gone, 3), (robot, 4)):
        await make(DesktopLoginLog(person_id=person.id, date=datetime(2024, 2, day, 23, 59)))
    await make(DesktopLoginLog(person_id=here.id, date=datetime(2024, 3, 1)))
    answer = await client.get("/data/persons/presence-logs/2024-02", headers=await as_role("manager"))
    assert answer.headers["content-type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.text), delimiter=";")
    assert header == ["2024", *(str(day) for day in range(1, 30))]
    found = {row[0]: [day for day, cell in enumerate(row) if cell == "X"] for row in rows}
    assert found["Bea Here"] == [1, 29]
    assert found["Cid Gone"] == [3]
    assert not {"Dan Away", "Robot"} & set(found)


def test_a_name_that_spreadsheets_would_run_is_quoted():
    first = datetime(2024, 2, 1).date()
    sheet = presence_sheet(Period(first, first), [("=cmd()", frozenset({1}))])
    assert sheet == "2024;1\r\n'=cmd();X\r\n"


@pytest.mark.parametrize("month", ["2024-13", "2024", "soon", "0-1", "2024-02-01", "99999-01"])
async def test_a_month_that_does_not_exist_is_refused(client, as_role, month):
    answer = await client.get(f"/data/persons/presence-logs/{month}", headers=await as_role("admin"))
    assert answer.status_code == 400
