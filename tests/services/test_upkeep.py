"""Upkeep mends what is wrong, leaves what is right, and tells of what it mended."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, Entity, EntityLink, LoginLog, PreviewFile, Task
from kitsu_api.errors import NotFound
from kitsu_api.services import upkeep
from kitsu_api.unit_of_work import unit_of_work
from tests import factories

DAY = dt.datetime(2026, 3, 2, 9)


def on_day(number: int) -> dt.datetime:
    return DAY + dt.timedelta(days=number)


@pytest.fixture
def in_work(app, sessions):
    """`await in_work(function, …)`: run a service in a transaction of its own."""

    async def run(function, *arguments):
        async with (
            sessions() as session,
            unit_of_work(session, app.state.outbox, settings=app.state.settings) as uow,
        ):
            return await function(uow, *arguments)

    return run


@pytest.fixture
async def spoken(make):
    """A production, and statuses by what they stand for."""
    rows = factories.production()
    await make(*rows)
    kinds = {
        "wip": factories.task_status(is_wip=True),
        "retake": factories.task_status(is_retake=True),
        "feedback": factories.task_status(is_feedback_request=True),
        "done": factories.task_status(is_done=True),
    }
    await make(*kinds.values())

    async def say(*names: str):
        comments = [
            factories.comment(
                rows.task, rows.person, task_status_id=kinds[name].id, created_at=on_day(number)
            )
            for number, name in enumerate(names)
        ]
        await make(*comments)

    return rows, kinds, say


async def task_with(session, rows, **values) -> Task:
    task = await session.get(Task, rows.task.id, populate_existing=True)
    for name, value in values.items():
        setattr(task, name, value)
    await session.commit()
    return task


@pytest.mark.parametrize(
    ("comments", "retakes", "begun", "ended", "done"),
    [
        (["wip", "feedback", "done"], 0, 0, 1, 2),
        (["wip", "done"], 0, 0, 1, 1),
        (["wip", "feedback", "retake", "retake", "wip", "feedback"], 1, 0, 5, None),
        (["wip", "retake", "wip", "retake", "wip"], 2, 0, None, None),
        (["feedback", "feedback"], 0, None, 0, None),
    ],
)
async def test_tasks_are_worked_out_from_their_comments(
    in_work, session, spoken, comments, retakes, begun, ended, done
):
    rows, kinds, say = spoken
    await say(*comments)
    wrong = {"retake_count": 9, "end_date": on_day(50), "done_date": on_day(50), "real_start_date": None}
    task = await task_with(session, rows, task_status_id=kinds[comments[-1]].id, **wrong)
    assert await in_work(upkeep.mend_tasks, None) == 1
    await session.refresh(task)
    days = [None if number is None else on_day(number) for number in (begun, ended, done)]
    assert [task.real_start_date, task.end_date, task.done_date] == days
    assert (task.retake_count, task.last_comment_date) == (retakes, on_day(len(comments) - 1))
    assert await in_work(upkeep.mend_tasks, None) == 0
    events = select(func.count()).select_from(ApiEvent).where(ApiEvent.name == "task:update")
    assert await session.scalar(events) == 1


async def test_an_end_that_no_comment_explains_stays(in_work, session, spoken):
    rows, kinds, say = spoken
    await say("wip")
    task = await task_with(session, rows, task_status_id=kinds["done"].id, done_date=on_day(9))
    await in_work(upkeep.mend_tasks, None)
    await session.refresh(task)
    assert task.done_date == on_day(9)


async def test_only_the_named_production_is_mended(in_work, session, spoken):
    rows, kinds, say = spoken
    await say("wip")
    await task_with(session, rows, retake_count=9, task_status_id=kinds["wip"].id)
    other = await in_work(upkeep.mend_tasks, str(rows.project.id))
    assert other == 1
    with pytest.raises(NotFound, match="No Such Film"):
        await in_work(upkeep.mend_tasks, "No Such Film")


async def test_castings_are_counted_anew(in_work, session, make, spoken):
    rows, _, _ = spoken
    shot = await make(
        factories.entity(rows.project, rows.entity_type, nb_entities_out=7),
    )
    await make(EntityLink(entity_in_id=shot.id, entity_out_id=rows.entity.id, nb_occurences=3))
    assert await in_work(upkeep.mend_castings, rows.project.name) == 1
    found = await session.get(Entity, shot.id, populate_existing=True)
    assert found.nb_entities_out == 1
    assert await in_work(upkeep.mend_castings, None) == 0


async def test_rows_that_only_tell_what_has_been_are_forgotten_by_age(in_work, session, make, spoken):
    rows, _, _ = spoken
    old = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(days=91)
    await make(
        LoginLog(person_id=rows.person.id, created_at=old),
        LoginLog(person_id=rows.person.id),
    )
    assert await in_work(upkeep.forget_batch, "login_logs", 90) == 1
    assert await session.scalar(select(func.count()).select_from(LoginLog)) == 1
    with pytest.raises(ValueError, match="no such kind"):
        await in_work(upkeep.forget_batch, "persons", 90)


async def test_annotations_are_put_onto_frames(in_work, session, make, spoken, count_statements):
    rows, _, _ = spoken
    drawing = {"objects": [{"id": "a"}]}
    loose, exact = await make(
        factories.preview_file(
            rows.task, rows.person, annotations=[{"time": 0.51, "drawing": drawing}, "odd"]
        ),
        factories.preview_file(rows.task, rows.person, annotations=[{"time": 0.0, "drawing": drawing}]),
    )
    with count_statements() as statements:
        rounded = await in_work(upkeep.round_annotation_times, None, None)
    assert (rounded.changed, rounded.after) == (1, None)
    assert statements.count <= 4
    found = await session.get(PreviewFile, loose.id, populate_existing=True)
    time = found.annotations[0]["time"]
    assert abs(time - 0.51) <= 0.5 / 24
    assert found.annotations[0]["drawing"] == drawing
    assert found.annotations[1] == "odd"
    untouched = await session.get(PreviewFile, exact.id, populate_existing=True)
    assert untouched.annotations == [{"time": 0.0, "drawing": drawing}]
    assert (await in_work(upkeep.round_annotation_times, None, None)).changed == 0
