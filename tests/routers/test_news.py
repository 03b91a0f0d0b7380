"""News of productions: what they show, by page, and to whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from kitsu_api.db.models import Comment, News, TaskPersonLink
from kitsu_api.schemas.news_pages import ProjectNews
from tests import factories

NOON = datetime(2026, 3, 2, 12)


class Feed(NamedTuple):
    """A production with an asset and a shot in an episode, and news of the tasks on both."""

    project: Any
    episode: Any
    tasks: list[Any]
    statuses: list[Any]
    news: list[Any]


@pytest.fixture
async def feed(make) -> Feed:
    status = factories.project_status(name="Open")
    project = factories.project(status)
    await make(status, project)
    kinds = {
        name: await make(factories.entity_type(name=name))
        for name in ("Props", "Episode", "Sequence", "Shot")
    }
    asset = await make(factories.entity(project, kinds["Props"], name="Tree"))
    episode = await make(factories.entity(project, kinds["Episode"], name="E01"))
    sequence = await make(factories.entity(project, kinds["Sequence"], name="SQ01", parent_id=episode.id))
    shot = await make(factories.entity(project, kinds["Shot"], name="SH01", parent_id=sequence.id))
    statuses = [await make(factories.task_status()) for _ in range(2)]
    tasks, news = [], []
    author = await make(factories.person(first_name="Ada", last_name="Byron"))
    for place, entity in enumerate((asset, shot)):
        task = await make(factories.task(entity, await make(factories.task_type()), statuses[0]))
        tasks.append(task)
        for number in range(3):
            comment = await make(
                Comment(
                    object_id=task.id,
                    object_type="Task",
                    person_id=author.id,
                    task_status_id=statuses[number % 2].id,
                    for_client=number == 2,
                )
            )
            row = News(
                task_id=task.id,
                author_id=author.id,
                comment_id=comment.id,
                change=number == 1,
                created_at=NOON + timedelta(minutes=10 * place + number),
            )
            news.append(await make(row))
    return Feed(project, episode, tasks, statuses, news)


async def read(client, headers, project=None, **query):
    path = "/data/projects/news" if project is None else f"/data/projects/{project.id}/news"
    answer = await client.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(page) -> list[str]:
    return [row["id"] for row in page["data"]]


async def test_a_page_has_the_newest_first_with_what_they_are_about(client, as_role, feed):
    artist = await as_role("user", on=feed.project)
    page = await read(client, artist, feed.project)
    assert ids(page) == [str(row.id) for row in reversed(feed.news)]
    assert {key: page[key] for key in ("total", "nb_pages", "limit", "offset", "page")} == {
        "total": 6,
        "nb_pages": 1,
        "limit": 50,
        "offset": 0,
        "page": 1,
    }
    assert page["stats"] == {str(feed.statuses[1].id): 2}
    first, last = page["data"][0], page["data"][-1]
    assert set(first) == set(ProjectNews.model_fields)
    assert (first["full_entity_name"], first["episode_id"]) == ("E01 / SQ01 / SH01", str(feed.episode.id))
    assert (last["full_entity_name"], last["episode_id"]) == ("Props / Tree", None)
    assert first["person"]["full_name"] == "Ada Byron"
    assert first["project_name"] == feed.project.name


async def test_pages_follow_each_other(client, as_role, feed):
    artist = await as_role("user", on=feed.project)
    pages = [await read(client, artist, feed.project, limit=4, page=number) for number in (1, 2, 3)]
    assert [len(page["data"]) for page in pages] == [4, 2, 0]
    assert ids(pages[0]) + ids(pages[1]) == [str(row.id) for row in reversed(feed.news)]
    assert [page["nb_pages"] for page in pages] == [2, 2, 2]
    assert pages[1]["offset"] == 4


async def test_filters(client, as_role, feed):
    artist = await as_role("user", on=feed.project)

    async def count(**query):
        return (await read(client, artist, feed.project, **query))["total"]

    assert await count(task_type_id=feed.tasks[0].task_type_id) == 3
    assert await count(task_status_id=feed.statuses[1].id) == 2
    assert await count(person_id=feed.news[0].author_id) == 6
    assert await count(person_id=artist.person.id) == 0
    assert await count(episode_id=feed.episode.id) == 3
    assert await count(only_preview="true") == 0
    assert await count(before="2026-03-02T12:10:00") == 3
    assert await count(after="2026-03-02T12:10:00") == 2


@pytest.mark.parametrize("query", ["page=0", "limit=0", "before=soon", "person_id=x", "only_preview=maybe"])
async def test_what_can_not_be_asked_for_is_refused(client, as_role, feed, query):
    answer = await client.get(f"/data/projects/news?{query}", headers=await as_role("admin"))
    assert answer.status_code == 400


async def test_one_news(client, as_role, feed, make):
    artist = await as_role("user", on=feed.project)
    path = f"/data/projects/{feed.project.id}/news/{feed.news[0].id}"
    assert (await client.get(path, headers=artist)).json()["id"] == str(feed.news[0].id)
    missing = f"/data/projects/{feed.project.id}/news/{feed.project.id}"
    assert (await client.get(missing, headers=artist)).status_code == 404
    other = await make(factories.project())
    elsewhere = f"/data/projects/{other.id}/news/{feed.news[0].id}"
    assert (await client.get(elsewhere, headers=await as_role("admin"))).status_code == 404


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_other_productions_are_closed(client, as_role, feed, make, role):
    stranger = await as_role(role, on=await make(factories.project()))
    base = f"/data/projects/{feed.project.id}/news"
    for path in (base, f"{base}/{feed.news[0].id}", f"/data/projects/news?project_id={feed.project.id}"):
        assert (await client.get(path, headers=stranger)).status_code == 403
    assert (await read(client, stranger))["total"] == 0


async def test_all_news_are_those_of_running_productions(client, as_role, feed, make, session):
    artist, admin = await as_role("user", on=feed.project), await as_role("admin")
    assert (await read(client, artist))["total"] == (await read(client, admin))["total"] == 6
    closed = await make(factories.project_status(name="Closed"))
    project = await session.get(type(feed.project), feed.project.id)
    project.project_status_id = closed.id
    await session.commit()
    assert (await read(client, admin))["total"] == 0


async def test_vendors_read_of_their_tasks_alone(client, as_role, feed, make):
    vendor = await as_role("vendor", on=feed.project)
    assert (await read(client, vendor, feed.project))["total"] == 0
    await make(TaskPersonLink(task_id=feed.tasks[1].id, person_id=vendor.person.id))
    page = await read(client, vendor, feed.project)
    assert {row["task_id"] for row in page["data"]} == {str(feed.tasks[1].id)}
    assert page["total"] == 3


async def test_clients_read_what_is_for_clients(client, as_role, feed):
    page = await read(client, await as_role("client", on=feed.project), feed.project)
    assert ids(page) == [str(feed.news[5].id), str(feed.news[2].id)]


async def test_statements_do_not_grow_with_the_news(client, as_role, feed, count_statements):
    artist = await as_role("user", on=feed.project)
    with count_statements() as statements:
        await read(client, artist, feed.project)
    assert statements.count == 4, "who calls, the production, a page, the sums"


async def test_deep_pages_go_on_where_the_others_end(client, as_role, feed, monkeypatch):
    admin = await as_role("admin")
    path = f"/data/projects/{feed.project.id}/news"
    whole = [row["id"] for row in (await client.get(path, headers=admin)).json()["data"]]
    monkeypatch.setattr("kitsu_api.db.repositories.news.DEEP", 2)
    pages = [(await client.get(f"{path}?page={page}&limit=2", headers=admin)).json() for page in (1, 2, 3)]
    assert [row["id"] for page in pages for row in page["data"]] == whole
    assert {page["total"] for page in pages} == {len(whole)}
