"""Reports: what they count, who reads them, how they are drawn and mailed."""

from __future__ import annotations

import ast
import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select, update

import kitsu_api
from kitsu_api.db.base import now
from kitsu_api.db.models import (
    Message,
    Person,
    ProjectPersonLink,
    Report,
    ReportChart,
    ReportSubscription,
    StoredFile,
)
from kitsu_api.schemas.reports import ReportData, ReportFilters
from kitsu_api.services.report_charts import chart_of
from kitsu_api.services.report_data import UNITS, periods_of
from kitsu_api.services.report_texts import words_for
from kitsu_api.services.reports import next_time
from kitsu_api.workers import message_rounds
from kitsu_api.workers.jobs import reports as jobs
from kitsu_api.workers.message_rounds import MessageRounds
from tests import factories
from tests.workers.mail_server import mail_server

PATH = "/data/reports"
MONDAY = datetime(2026, 3, 2)
WEEKS = {"first": "2026-03-02", "last": "2026-03-22"}


class Film:
    """A production of two departments, whose tasks tests add."""

    def __init__(self, make) -> None:
        self.make = make
        self.project = factories.project()
        self.kind = factories.entity_type()
        self.tree = factories.entity(self.project, self.kind)
        self.modeling = factories.department(name="=Modeling $x$")
        self.lighting = factories.department(name="Zebra lighting")
        self.model = factories.task_type(department_id=self.modeling.id)
        self.light = factories.task_type(department_id=self.lighting.id)
        self.wip = factories.task_status()
        self.done = factories.task_status(is_done=True)
        self.retake = factories.task_status(is_retake=True)
        self.artist = factories.person()

    async def store(self) -> None:
        await self.make(
            *(self.project, self.kind, self.tree, self.modeling, self.lighting, self.model, self.light),
            *(self.wip, self.done, self.retake, self.artist),
        )

    async def task(self, type=None, status=None, entity=None, **values):
        name = factories.unique("task")
        values = {"created_at": MONDAY - timedelta(days=30), "name": name, **values}
        return await self.make(
            factories.task(entity or self.tree, type or self.model, status or self.wip, **values)
        )

    async def say(self, task, status, day) -> None:
        values = {"task_status_id": status.id, "created_at": day}
        await self.make(factories.comment(task, self.artist, **values))


@pytest.fixture
async def film(make) -> Film:
    film = Film(make)
    await film.store()
    return film


@pytest.fixture
async def boss(as_role, film):
    return await as_role("manager", on=film.project)


async def keep(client, headers, film, kind="burndown", **more) -> dict:
    wish = {"name": "Weekly", "kind": kind, "project_id": str(film.project.id), "filters": WEEKS, **more}
    answer = await client.post(PATH, json=wish, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(client, headers, film, kind, **filters) -> dict:
    report = await keep(client, headers, film, kind, filters={**WEEKS, **filters})
    answer = await client.get(f"{PATH}/{report['id']}/data", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def values(data, measure, department=None) -> list[float]:
    (found,) = [
        series["values"]
        for series in data["series"]
        if series["measure"] == measure and series["department"] == department
    ]
    return found


# --- what is counted ----------------------------------------------------------------------------------


async def test_a_burndown_tells_what_is_left_at_the_end_of_each_week(client, film, boss):
    await film.task(estimation=60)
    await film.task(status=film.done, done_date=MONDAY + timedelta(days=8), estimation=120)
    await film.task(created_at=MONDAY + timedelta(days=15), estimation=30)
    await film.task(created_at=MONDAY + timedelta(days=40))
    data = await read(client, boss, film, "burndown")
    assert data["periods"] == ["2026-03-02", "2026-03-09", "2026-03-16"]
    assert values(data, "open") == [2, 1, 2]
    assert values(data, "open_minutes") == [180, 60, 90]
    assert values(data, "ideal") == [2, 1, 0]


async def test_a_task_that_was_opened_again_is_not_finished(client, film, boss):
    await film.task(status=film.wip, done_date=MONDAY)
    assert values(await read(client, boss, film, "burndown"), "open") == [1, 1, 1]


async def test_what_was_cancelled_is_not_counted(client, film, boss, make):
    gone = await make(factories.entity(film.project, film.kind, canceled=True))
    await film.task(entity=gone)
    assert values(await read(client, boss, film, "burndown"), "open") == [0, 0, 0]


async def test_tasks_of_other_productions_are_not_counted(client, film, boss, make):
    other = await make(factories.project())
    await film.task(entity=await make(factories.entity(other, film.kind)))
    assert values(await read(client, boss, film, "burndown"), "open") == [0, 0, 0]


async def test_velocity_tells_what_each_department_finished(client, film, boss):
    await film.task(status=film.done, done_date=MONDAY, estimation=60)
    await film.task(status=film.done, done_date=MONDAY + timedelta(days=6, hours=23), estimation=30)
    await film.task(status=film.done, done_date=MONDAY + timedelta(days=7), type=film.light)
    await film.task(status=film.done, done_date=MONDAY - timedelta(seconds=1))
    await film.task(status=film.done, done_date=MONDAY + timedelta(days=21))
    data = await read(client, boss, film, "velocity")
    assert values(data, "finished", film.modeling.name) == [2, 0, 0]
    assert values(data, "finished_minutes", film.modeling.name) == [90, 0, 0]
    assert values(data, "finished", film.lighting.name) == [0, 1, 0]
    assert len(data["series"]) == 4


async def test_retakes_count_changes_of_status_alone(client, film, boss):
    task = await film.task()
    await film.say(task, film.wip, MONDAY - timedelta(days=3))
    await film.say(task, film.retake, MONDAY + timedelta(days=1))
    await film.say(task, film.retake, MONDAY + timedelta(days=8))
    await film.say(task, film.wip, MONDAY + timedelta(days=9))
    await film.say(task, film.done, MONDAY + timedelta(days=10))
    data = await read(client, boss, film, "retakes")
    assert values(data, "retakes", film.modeling.name) == [1, 0, 0]
    assert values(data, "judged", film.modeling.name) == [1, 1, 0]


async def test_a_retake_from_before_the_first_week_is_no_new_one(client, film, boss):
    task = await film.task()
    await film.say(task, film.retake, MONDAY - timedelta(days=3))
    await film.say(task, film.retake, MONDAY + timedelta(days=1))
    assert (await read(client, boss, film, "retakes"))["series"] == []


async def test_workload_spreads_an_estimation_over_weekdays(client, film, boss):
    thursday, next_tuesday = MONDAY + timedelta(days=3), MONDAY + timedelta(days=8)
    await film.task(start_date=thursday, due_date=next_tuesday, estimation=400)
    data = await read(client, boss, film, "workload")
    assert values(data, "planned_minutes", film.modeling.name) == [200, 200, 0]


async def test_workload_of_a_weekend_is_that_of_its_week(client, film, boss):
    await film.task(
        start_date=MONDAY + timedelta(days=5), due_date=MONDAY + timedelta(days=6), estimation=100
    )
    data = await read(client, boss, film, "workload")
    assert values(data, "planned_minutes", film.modeling.name) == [100, 0, 0]


async def test_workload_counts_only_the_part_within_the_periods(client, film, boss):
    start, due = MONDAY - timedelta(days=7), MONDAY + timedelta(days=4)
    await film.task(start_date=start, due_date=due, estimation=100)
    data = await read(client, boss, film, "workload")
    assert values(data, "planned_minutes", film.modeling.name) == [50, 0, 0]


async def test_workload_bears_dates_that_make_no_sense(client, film, boss):
    await film.task(start_date=datetime(1, 1, 1), due_date=datetime(9999, 12, 30), estimation=100)
    await film.task(start_date=MONDAY + timedelta(days=4), due_date=MONDAY, estimation=100)
    await film.task(start_date=datetime(1, 1, 1), due_date=MONDAY + timedelta(days=4), estimation=2616)
    data = await read(client, boss, film, "workload")
    assert values(data, "planned_minutes", film.modeling.name)[0] == pytest.approx(5, abs=0.05)


async def test_workload_tells_the_time_that_was_noted(client, film, boss, make):
    task = await film.task(type=film.light)
    await make(
        factories.time_spent(task, film.artist, date=date(2026, 3, 8), duration=60),
        factories.time_spent(task, film.artist, date=date(2026, 3, 9), duration=90),
        factories.time_spent(task, film.artist, date=date(2026, 3, 23), duration=10),
    )
    data = await read(client, boss, film, "workload")
    assert values(data, "spent_minutes", film.lighting.name) == [60, 90, 0]


async def test_departments_and_task_types_narrow_a_report(client, film, boss):
    await film.task()
    await film.task(type=film.light)
    await film.task(type=film.light)
    wanted = {"department_ids": [str(film.lighting.id)]}
    assert values(await read(client, boss, film, "burndown", **wanted), "open")[-1] == 2
    wanted = {"task_type_ids": [str(film.model.id)]}
    assert values(await read(client, boss, film, "burndown", **wanted), "open")[-1] == 1


@pytest.mark.parametrize("kind", ["burndown", "velocity", "retakes", "workload"])
async def test_a_report_takes_as_many_statements_with_more_tasks(client, film, boss, count_statements, kind):
    report = await keep(client, boss, film, kind)
    counts = []
    for _ in range(2):
        for _ in range(3):
            task = await film.task(
                status=film.done, done_date=MONDAY, start_date=MONDAY, due_date=MONDAY, estimation=1
            )
            await film.say(task, film.retake, MONDAY)
        with count_statements() as statements:
            await client.get(f"{PATH}/{report['id']}/data", headers=boss)
        counts.append(statements.count)
    assert counts[0] == counts[1] <= 4


def test_periods_move_along_with_today():
    wednesday = date(2026, 3, 4)
    assert periods_of(ReportFilters(periods=2), wednesday) == (date(2026, 2, 23), date(2026, 3, 2))
    assert periods_of(ReportFilters(periods=2, step="day"), wednesday) == (date(2026, 3, 3), wednesday)
    open_end = ReportFilters(first=date(2026, 2, 24))
    assert periods_of(open_end, wednesday) == (date(2026, 2, 23), date(2026, 3, 2))
    to_come = ReportFilters(first=date(2026, 5, 5))
    assert periods_of(to_come, wednesday) == (date(2026, 5, 4),)


def test_a_report_without_an_end_stays_of_a_length_that_can_be_read():
    found = periods_of(ReportFilters(first=date(1990, 1, 1), step="day"), date(2026, 3, 4))
    assert len(found) == 366
    assert found[-1] == date(2026, 3, 4)


@pytest.mark.parametrize(
    "filters",
    [
        {"step": "month"},
        {"step": "day", "periods": 367},
        {"periods": 0},
        {"last": "2026-03-01"},
        {"first": "2026-03-02", "last": "2026-03-01"},
        {"first": "0001-01-01", "last": "9999-12-31"},
        {"first": "0001-01-01"},
        {"first": "9999-12-31"},
        {"department_ids": ["x"]},
    ],
)
async def test_filters_that_make_no_sense_are_refused(client, film, boss, filters):
    wish = {"name": "x", "kind": "burndown", "project_id": str(film.project.id), "filters": filters}
    answer = await client.post(PATH, json=wish, headers=boss)
    assert answer.status_code == 400
    assert answer.json()["message"]


async def test_a_sheet_has_a_row_for_each_period_and_runs_nothing(client, film, boss):
    await film.task(status=film.done, done_date=MONDAY, estimation=45)
    report = await keep(client, boss, film, "velocity")
    answer = await client.get(f"{PATH}/{report['id']}/data.csv", headers=boss)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text), delimiter=";"))
    assert rows[0] == ["Period", f"Finished: {film.modeling.name}", f"Finished minutes: {film.modeling.name}"]
    assert rows[1:] == [["2026-03-02", "1", "45"], ["2026-03-09", "0", "0"], ["2026-03-16", "0", "0"]]


# --- who keeps and reads ------------------------------------------------------------------------------


async def test_a_report_is_kept_changed_and_deleted(client, film, boss):
    report = await keep(client, boss, film)
    assert report["owner_id"] == str(boss.person.id)
    path = f"{PATH}/{report['id']}"
    changed = await client.put(path, json={"name": "Other", "shared": True}, headers=boss)
    assert (changed.json()["name"], changed.json()["shared"]) == ("Other", True)
    assert changed.json()["filters"]["first"] == WEEKS["first"]
    wish = {"filters": {"periods": 4}}
    assert (await client.put(path, json=wish, headers=boss)).json()["filters"]["first"] is None
    assert (await client.put(path, json={"name": None}, headers=boss)).status_code == 400
    assert [row["name"] for row in (await client.get(PATH, headers=boss)).json()] == ["Other"]
    assert (await client.delete(path, headers=boss)).status_code == 204
    assert (await client.get(path, headers=boss)).status_code == 404


@pytest.mark.parametrize("role", ["user", "client", "vendor"])
async def test_who_oversees_nothing_has_no_reports(client, film, as_role, boss, role):
    report = await keep(client, boss, film, shared=True)
    headers = await as_role(role, on=film.project)
    wish = {"name": "x", "kind": "burndown", "project_id": str(film.project.id)}
    assert (await client.post(PATH, json=wish, headers=headers)).status_code == 403
    assert (await client.get(PATH, headers=headers)).status_code == 403
    for place in ("", "/data", "/data.csv", "/subscription"):
        assert (await client.get(f"{PATH}/{report['id']}{place}", headers=headers)).status_code == 403


async def test_reports_of_other_productions_are_closed(client, film, as_role, boss, make):
    report = await keep(client, boss, film, shared=True)
    stranger = await as_role("manager", on=await make(factories.project()))
    assert (await client.get(PATH, headers=stranger)).json() == []
    for method, place, body in (
        ("GET", "", None),
        ("GET", "/data", None),
        ("PUT", "", {"name": "x"}),
        ("DELETE", "", None),
        ("POST", "/charts", {}),
        ("PUT", "/subscription", {"every": "day"}),
    ):
        answer = await client.request(method, f"{PATH}/{report['id']}{place}", json=body, headers=stranger)
        assert answer.status_code == 403, (method, place)
    wish = {"name": "x", "kind": "burndown", "project_id": str(film.project.id)}
    assert (await client.post(PATH, json=wish, headers=stranger)).status_code == 403


async def test_a_report_is_its_owners_until_it_is_shared(client, film, as_role, boss):
    report = await keep(client, boss, film)
    colleague = await as_role("supervisor", on=film.project)
    path = f"{PATH}/{report['id']}"
    assert (await client.get(path, headers=colleague)).status_code == 403
    assert (await client.get(PATH, headers=colleague)).json() == []
    await client.put(path, json={"shared": True}, headers=boss)
    assert (await client.get(path, headers=colleague)).status_code == 200
    assert (await client.put(path, json={"name": "Mine"}, headers=colleague)).status_code == 403


async def test_there_is_an_end_to_how_many_one_keeps(client, film, boss, monkeypatch):
    monkeypatch.setattr("kitsu_api.services.reports.REPORTS_AT_MOST", 1)
    await keep(client, boss, film)
    wish = {"name": "x", "kind": "burndown", "project_id": str(film.project.id)}
    assert (await client.post(PATH, json=wish, headers=boss)).status_code == 400


async def test_there_is_no_report_on_no_production(client, as_role):
    wish = {"name": "x", "kind": "burndown", "project_id": str(uuid4())}
    answer = await client.post(PATH, json=wish, headers=await as_role("admin"))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr_FR", ["Période", "Terminées", "Minutes terminées"]),
        ("en_US", ["Period", "Finished", "Finished minutes"]),
    ],
)
async def test_sheets_are_in_the_language_of_who_asks(client, film, boss, session, locale, words):
    await film.task(status=film.done, done_date=MONDAY, estimation=45)
    report = await keep(client, boss, film, "velocity")
    await session.execute(update(Person).where(Person.id == boss.person.id).values(locale=locale))
    answer = await client.get(f"{PATH}/{report['id']}/data.csv", headers=boss)
    head = next(csv.reader(io.StringIO(answer.text), delimiter=";"))
    assert [cell.partition(":")[0] for cell in head] == words


def test_every_measure_has_words_for_its_column_in_french():
    english, french = words_for("en"), words_for("fr_FR")
    assert set(english.sheet) == set(UNITS)
    assert all(french.sheet[measure] for measure in UNITS)
    assert {french.chart[measure] for measure in french.chart} & set(english.chart.values()) == {"Retakes"}


@pytest.mark.parametrize("kind", ["burndown", "velocity", "workload"])
def test_charts_are_labelled_in_the_language_of_who_asks(kind):
    measures = {
        "burndown": ["open", "ideal"],
        "velocity": ["finished"],
        "workload": ["planned_minutes", "spent_minutes"],
    }
    data = ReportData(
        kind=kind,
        name="Weekly",
        project_id=uuid4(),
        project="Lighthouse",
        step="day",
        periods=[date(2026, 11, 23)],
        series=[{"measure": measure, "unit": UNITS[measure], "values": [1.0]} for measure in measures[kind]],
    )
    chart = chart_of(data, words_for("fr"))
    told = {chart.unit, chart.others, *(shape.label for shape in (*chart.bars, *chart.lines))}
    assert "Autres" in told
    assert told <= {
        *("Autres", "Tâches à faire", "Rythme régulier", "Tâches terminées"),
        *("Sans département", "Heures prévues", "Heures passées"),
    }


# --- charts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "format"), [("workload", "png"), ("burndown", "svg")])
async def test_a_report_is_drawn_by_a_job(client, film, boss, kind, format):
    await film.task(start_date=MONDAY, due_date=MONDAY + timedelta(days=9), estimation=480)
    report = await keep(client, boss, film, kind, name="_<b>$\\frac{$ 演出")
    answer = await client.post(f"{PATH}/{report['id']}/charts", json={"format": format}, headers=boss)
    assert answer.status_code == 202, answer.text
    job = (await client.get(f"/data/jobs/{answer.json()['id']}", headers=boss)).json()
    assert job["status"] == "succeeded", job
    chart = await client.get(answer.headers["location"], headers=boss)
    assert chart.status_code == 200
    assert "sandbox" in chart.headers["content-security-policy"]
    if format == "png":
        assert Image.open(io.BytesIO(chart.content)).size == (1100, 550)
    else:
        assert chart.headers["content-type"] == "image/svg+xml"
        assert b"<svg" in chart.content
        assert b"<b>" not in chart.content


async def test_a_chart_that_is_not_drawn_yet_is_a_conflict_and_that_of_another_report_is_none(
    client, film, boss, make
):
    report, other = await keep(client, boss, film), await keep(client, boss, film)
    chart = await make(ReportChart(report_id=report["id"], format="svg"))
    assert (await client.get(f"{PATH}/{report['id']}/charts/{chart.id}", headers=boss)).status_code == 409
    assert (await client.get(f"{PATH}/{other['id']}/charts/{chart.id}", headers=boss)).status_code == 404


async def test_charts_go_after_a_week_also_those_of_reports_that_are_gone(client, app, film, boss, session):
    report = await keep(client, boss, film)
    await client.post(f"{PATH}/{report['id']}/charts", json={}, headers=boss)
    await client.delete(f"{PATH}/{report['id']}", headers=boss)
    context = {"job": app.state.jobs}
    assert await jobs.forget_charts(context) == 0
    old = now() - jobs.CHARTS_ARE_KEPT - timedelta(minutes=1)
    await session.execute(update(StoredFile).values(created_at=old))
    await session.commit()
    assert await jobs.forget_charts(context) == 1
    assert await session.scalar(select(func.count()).where(StoredFile.purge_forced)) == 1


@pytest.mark.parametrize("library", ["matplotlib", "openpyxl"])
def test_large_libraries_are_loaded_by_who_uses_them_alone(library):
    source = Path(kitsu_api.__file__).parent
    naming = [path for path in source.rglob("*.py") if library in path.read_text()]
    assert naming
    for path in naming:
        for node in ast.parse(path.read_text()).body:  # what runs when the module is loaded
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert library not in ast.unparse(node), path


# --- mails --------------------------------------------------------------------------------------------


@pytest.fixture
def mail(app, configure, monkeypatch):
    """`await mail(server)`: all that a worker mails now."""
    monkeypatch.setattr(message_rounds, "AT_ONCE", 1)  # tests share a connection

    async def work(server) -> None:
        configure(
            mail_to_log=False,
            mail_server="127.0.0.1",
            mail_port=server.port,
            domain_name="kitsu.example",
            domain_protocol="https",
        )
        await jobs.mail_reports({"job": app.state.jobs})
        rounds = MessageRounds(app.state.jobs)
        while await rounds.send():
            continue

    return work


@pytest.fixture
async def due(client, film, boss, session):
    """A report that is to be mailed to its owner now."""
    await film.task(created_at=now())
    report = await keep(client, boss, film, filters={"periods": 3})
    answer = await client.put(f"{PATH}/{report['id']}/subscription", json={"every": "week"}, headers=boss)
    assert answer.status_code == 200
    await make_due(session)
    return report


async def make_due(session) -> None:
    await session.execute(update(ReportSubscription).values(next_at=now() - timedelta(minutes=1)))
    await session.commit()


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


async def test_a_report_is_mailed_once_when_it_is_due(client, boss, due, mail, session):
    async with mail_server() as server:
        await mail(server)
        await mail(server)
    (message,) = server.received
    assert message["To"] == boss.person.email
    assert "tasks to do: 1" in text_of(message)
    assert f"https://kitsu.example/api/data/reports/{due['id']}/data.csv" in text_of(message)
    path = f"{PATH}/{due['id']}/subscription"
    next_at = datetime.fromisoformat((await client.get(path, headers=boss)).json()["next_at"])
    assert next_at > now()
    assert (next_at.weekday(), next_at.hour) == (0, 6)


async def test_the_link_in_a_mail_ends_it_once_it_is_confirmed(client, boss, due, mail, session):
    async with mail_server() as server:
        await mail(server)
        (message,) = server.received
        link = message["List-Unsubscribe"].strip("<>")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert link in text_of(message)
        path = link.removeprefix("https://kitsu.example")
        page = await client.get(path)
        assert page.status_code == 200
        assert '<form method="post">' in page.text
        assert await session.scalar(select(func.count()).select_from(ReportSubscription)) == 1
        assert (await client.post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
        assert await session.scalar(select(func.count()).select_from(ReportSubscription)) == 0
        assert (await client.post(path)).status_code == 200
    assert (await client.get(f"{PATH}/{due['id']}/subscription", headers=boss)).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 64, "é" * 40, "0" * 101])
async def test_a_made_up_link_ends_nothing(client, due, token, session):
    assert (await client.post(f"/data/report-mails/{token}")).status_code in (400, 404)
    assert await session.scalar(select(func.count()).select_from(ReportSubscription)) == 1


async def test_who_lost_the_right_to_see_a_report_is_not_mailed_it(due, boss, mail, session):
    await session.execute(
        update(ProjectPersonLink).where(ProjectPersonLink.person_id == boss.person.id).values(role="user")
    )
    await session.commit()
    async with mail_server() as server:
        await mail(server)
    assert not server.received
    assert (await session.scalars(select(Message.status))).all() == ["dropped"]


async def test_a_report_that_is_shared_no_more_is_mailed_to_its_owner_alone(
    client, film, boss, as_role, mail, session
):
    report = await keep(client, boss, film, shared=True)
    colleague = await as_role("supervisor", on=film.project)
    for headers in (boss, colleague):
        await client.put(f"{PATH}/{report['id']}/subscription", json={"every": "day"}, headers=headers)
    await client.put(f"{PATH}/{report['id']}", json={"shared": False}, headers=boss)
    await make_due(session)
    async with mail_server() as server:
        await mail(server)
    assert [message["To"] for message in server.received] == [boss.person.email]


async def test_who_has_left_is_not_mailed(due, boss, mail, session):
    await session.execute(update(Person).where(Person.id == boss.person.id).values(active=False))
    await session.commit()
    async with mail_server() as server:
        await mail(server)
    assert not server.received


async def test_who_unsubscribed_before_a_mail_went_out_does_not_get_it(client, app, due, boss, mail, session):
    await jobs.mail_reports({"job": app.state.jobs})
    assert await session.scalar(select(func.count()).select_from(Message)) == 1
    await client.delete(f"{PATH}/{due['id']}/subscription", headers=boss)
    async with mail_server() as server:
        await mail(server)
    assert not server.received


async def test_mails_of_a_report_that_is_gone_are_not_sent(client, app, due, boss, mail, session):
    await jobs.mail_reports({"job": app.state.jobs})
    await client.delete(f"{PATH}/{due['id']}", headers=boss)
    async with mail_server() as server:
        await mail(server)
    assert not server.received
    assert await session.scalar(select(func.count()).select_from(Report)) == 0


async def test_due_mails_are_noted_in_as_many_statements_as_one(
    client, app, film, boss, as_role, session, count_statements
):
    report = await keep(client, boss, film, shared=True)
    counts = []
    for people in (1, 4):
        for _ in range(people):
            headers = await as_role("manager", on=film.project)
            await client.put(f"{PATH}/{report['id']}/subscription", json={"every": "day"}, headers=headers)
        await make_due(session)
        with count_statements() as statements:
            await jobs.mail_reports({"job": app.state.jobs})
        counts.append(statements.count)
    assert counts[0] == counts[1]


def test_mails_go_out_each_morning_or_on_mondays():
    sunday = datetime(2026, 3, 1, 12)
    assert next_time("day", sunday) == datetime(2026, 3, 2, 6)
    assert next_time("week", sunday) == datetime(2026, 3, 2, 6)
    assert next_time("week", datetime(2026, 3, 2, 6)) == datetime(2026, 3, 9, 6)
    assert next_time("day", datetime(2026, 3, 2, 5, 59)) == datetime(2026, 3, 2, 6)
