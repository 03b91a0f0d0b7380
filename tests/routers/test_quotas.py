"""Quotas: what people finished by day, week, month and year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from kitsu_api.db.repositories.quotas import CountMode, Range, frame_rate, shares, working_days
from kitsu_api.services.quotas import weights_of
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")
SENT, APPROVED = datetime(2026, 3, 5, 9), datetime(2026, 3, 10, 9)


class Show(NamedTuple):
    """A production at 24 frames a second with a shot of 48 frames, and an artist who sent it for feedback."""

    project: Any
    shot: Any
    task_type: Any
    task: Any
    artist: Any
    kind: Any
    status: Any


@pytest.fixture
async def show(make) -> Show:
    project, kind = await make(factories.project(fps="24"), factories.entity_type(name="Shot"))
    shot = await make(factories.entity(project, kind, nb_frames=48))
    task_type, status, artist = await make(factories.task_type(), factories.task_status(), factories.person())
    task = await make(
        factories.task(shot, task_type, status, end_date=SENT, done_date=APPROVED, nb_drawings=10)
    )
    await make(factories.assignation(task, artist))
    return Show(project, shot, task_type, task, artist, kind, status)


def path(show, *parts) -> str:
    return "/".join([f"/data/projects/{show.project.id}/quotas", *(str(part) for part in parts)])


async def quotas(client, headers, show, mode=None, **query) -> dict:
    params = {**({"count_mode": mode} if mode else {}), **query}
    answer = await client.get(path(show, show.task_type.id), params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def note(make, show, minutes, day, person=None, task=None) -> None:
    await make(factories.time_spent(task or show.task, person or show.artist, date=day, duration=minutes))


async def test_a_shot_counts_whole_on_the_day_of_its_first_feedback_request(client, as_role, show):
    table = await quotas(client, await as_role("admin"), show, "feedback")
    row = table[str(show.artist.id)]
    assert row["day"] == {
        "frames": {"2026-03-05": 48},
        "seconds": {"2026-03-05": 2.0},
        "count": {"2026-03-05": 1},
        "drawings": {"2026-03-05": 10},
        "entries": {"2026-03": 1},
    }
    assert row["week"]["frames"] == {"2026-10": 48}
    assert row["week"]["entries"] == {"2026": 1}
    assert row["month"]["frames"] == {"2026-03": 48}
    assert row["month"]["entries"] == {"2026": 1}
    assert row["year"]["frames"] == {"2026": 48}
    assert "entries" not in row["year"]
    assert table["total"] == row


async def test_a_shot_counts_whole_on_the_day_when_it_was_done(client, as_role, show):
    table = await quotas(client, await as_role("admin"), show, "done")
    assert table["total"]["day"]["frames"] == {"2026-03-10": 48}


async def test_a_shot_is_spread_over_the_days_of_work_by_the_time_noted(client, as_role, make, show):
    other = await make(factories.person())
    await note(make, show, 120, date(2026, 3, 2))
    await note(make, show, 240, date(2026, 3, 3))
    await note(make, show, 120, date(2026, 3, 3), person=other)
    table = await quotas(client, await as_role("admin"), show, "weighted")
    mine, theirs, total = table[str(show.artist.id)], table[str(other.id)], table["total"]
    assert mine["day"]["frames"] == {"2026-03-02": 12, "2026-03-03": 24}
    assert mine["day"]["count"] == {"2026-03-02": 0.25, "2026-03-03": 0.5}
    assert mine["day"]["entries"] == {"2026-03": 2}
    assert theirs["day"]["frames"] == {"2026-03-03": 12}
    assert total["day"]["frames"] == {"2026-03-02": 12, "2026-03-03": 36}
    assert total["month"]["count"] == {"2026-03": 1}
    assert total["month"]["seconds"] == {"2026-03": 2.0}


async def test_weighted_is_the_default_and_old_misspellings_are_understood(client, as_role, make, show):
    await note(make, show, 60, date(2026, 3, 2))
    headers = await as_role("admin")
    weighted = await quotas(client, headers, show, "weighted")
    assert await quotas(client, headers, show) == weighted
    assert await quotas(client, headers, show, "weigtheddone") == weighted


async def test_what_is_not_delivered_does_not_count(client, as_role, make, session, show):
    await note(make, show, 60, date(2026, 3, 2))
    headers = await as_role("admin")
    for column, modes in (("done_date", ("done", "weighteddone")), ("end_date", ("feedback", "weighted"))):
        task = await session.merge(show.task)
        setattr(task, column, None)
        await session.commit()
        for mode in modes:
            assert list(await quotas(client, headers, show, mode)) == ["total"], mode


async def test_work_without_noted_time_is_spread_over_its_working_days(client, as_role, make, show):
    shot = await make(factories.entity(show.project, show.kind, nb_frames=40))
    begun = datetime(2026, 3, 6)
    task = await make(
        factories.task(
            shot, show.task_type, show.status, real_start_date=begun, end_date=datetime(2026, 3, 10)
        )
    )
    colleague = await make(factories.person())
    await make(factories.assignation(task, show.artist), factories.assignation(task, colleague))
    table = await quotas(client, await as_role("admin"), show)
    assert table["total"]["month"] == {
        "frames": {"2026-03": 40},
        "seconds": {"2026-03": 1.67},
        "count": {"2026-03": 1},
        "drawings": {"2026-03": 0},
        "entries": {"2026": 1},
    }
    days = table[str(colleague.id)]["day"]["frames"]
    assert set(days) == {"2026-03-06", "2026-03-09", "2026-03-10"}, "the weekend is no working day"


async def test_a_shot_of_two_people_counts_once_in_the_total(client, as_role, make, show):
    colleague = await make(factories.person())
    await make(factories.assignation(show.task, colleague))
    table = await quotas(client, await as_role("admin"), show, "feedback")
    assert table[str(colleague.id)]["year"]["count"] == {"2026": 1}
    assert table["total"]["year"]["count"] == {"2026": 1}


async def test_assets_canceled_shots_and_other_productions_do_not_count(client, as_role, make, show):
    props, other = await make(factories.entity_type(), factories.project())
    for entity in (
        factories.entity(show.project, props),
        factories.entity(show.project, show.kind, canceled=True),
        factories.entity(other, show.kind),
    ):
        await make(entity)
        task = await make(factories.task(entity, show.task_type, show.status, end_date=SENT))
        await make(factories.assignation(task, show.artist))
    table = await quotas(client, await as_role("admin"), show, "feedback")
    assert table["total"]["year"]["count"] == {"2026": 1}


async def test_quotas_of_a_person_are_by_task_type(client, as_role, make, show):
    second = await make(factories.task_type())
    task = await make(factories.task(show.shot, second, show.status, end_date=SENT))
    await make(factories.assignation(task, show.artist))
    answer = await client.get(
        path(show, "persons", show.artist.id),
        params={"count_mode": "feedback"},
        headers=await as_role("admin"),
    )
    table = answer.json()
    assert set(table) == {str(show.task_type.id), str(second.id), "total"}
    assert table["total"]["day"]["count"] == {"2026-03-05": 2}


async def test_quotas_narrow_to_a_studio(client, as_role, make, show):
    studio = await make(factories.studio())
    colleague = await make(factories.person(studio_id=studio.id))
    await make(factories.assignation(show.task, colleague))
    table = await quotas(client, await as_role("admin"), show, "feedback", studio_id=str(studio.id))
    assert set(table) == {str(colleague.id), "total"}
    headers = await as_role("admin")
    answer = await client.get(
        path(show, "persons", show.artist.id),
        params={"count_mode": "feedback", "studio_id": str(studio.id)},
        headers=headers,
    )
    assert set(answer.json()) == {"total"}


@pytest.mark.parametrize("role", ROLES)
async def test_quotas_of_others_are_for_who_oversees_the_production(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    expected = 200 if role in ("admin", "manager", "supervisor") else 403
    for parts in ((show.task_type.id,), ("persons", show.artist.id)):
        assert (await client.get(path(show, *parts), headers=headers)).status_code == expected
    own = await client.get(path(show, "persons", headers.person.id), headers=headers)
    assert own.status_code == 200


async def test_who_is_not_in_the_production_or_demoted_there_sees_no_quotas(client, as_role, show):
    stranger = await as_role("manager")
    demoted = await as_role("manager", on=show.project, role_on="user")
    for headers in (stranger, demoted):
        for parts in ((show.task_type.id,), ("persons", show.artist.id)):
            assert (await client.get(path(show, *parts), headers=headers)).status_code == 403
    own = await client.get(path(show, "persons", stranger.person.id), headers=stranger)
    assert own.status_code == 403


async def test_what_is_not_there_is_not_found_and_bad_modes_are_refused(client, as_role, show):
    headers = await as_role("admin")
    for missing in (path(show, uuid4()), path(show, "persons", uuid4())):
        assert (await client.get(missing, headers=headers)).status_code == 404
    for one in (path(show, show.task_type.id), path(show, "persons", show.artist.id)):
        for query in ({"count_mode": "nonsense"}, {"studio_id": "x"}):
            answer = await client.get(one, params=query, headers=headers)
            assert answer.status_code == 400, query
    answer = await client.get(f"/data/projects/{uuid4()}/quotas/{show.task_type.id}", headers=headers)
    assert answer.status_code == 404


async def test_shares_narrow_to_days(make, session, show):
    for day in (2, 3, 4):
        await note(make, show, 60, date(2026, 3, day))
    wanted = Range(person_id=show.artist.id, first=date(2026, 3, 3), last=date(2026, 3, 3))
    found = await shares(session, CountMode.WEIGHTED, wanted)
    assert [(share.day, share.weight) for share in found] == [(date(2026, 3, 3), pytest.approx(1 / 3))]
    assert await shares(session, CountMode.FEEDBACK, wanted) == []
    whole = await shares(session, CountMode.WEIGHTED, Range(projects=[show.project.id]))
    assert weights_of(whole) == {show.shot.id: 1}
    assert weights_of(found) == {show.shot.id: 0.33}
    assert await shares(session, CountMode.WEIGHTED, Range(projects=[])) == []


async def test_quotas_take_few_statements(client, as_role, make, show, count_statements):
    headers = await as_role("admin")
    for _ in range(3):
        await note(make, show, 60, date(2026, 3, 2), person=await make(factories.person()))
    with count_statements() as statements:
        await quotas(client, headers, show)
    assert statements.count <= 5, statements.sql


def test_a_frame_rate_is_the_first_that_makes_sense():
    assert frame_rate("23.976", "24") == 23.976
    assert frame_rate(None, "24") == 24
    assert frame_rate("0", "nan") == 25
    assert frame_rate("-1", "inf") == 25
    assert frame_rate("fast", None) == 25


def test_working_days_end_with_the_delivery():
    assert working_days(date(2026, 3, 6), date(2026, 3, 9)) == [date(2026, 3, 6), date(2026, 3, 9)]
    assert working_days(date(2026, 3, 7), date(2026, 3, 8)) == [date(2026, 3, 8)], "on a weekend"
    assert working_days(date(2026, 3, 9), date(2026, 3, 6)) == [date(2026, 3, 6)], "begun after delivery"
    assert working_days(date(1, 1, 1), date(1, 1, 1)) == [date(1, 1, 1)]
