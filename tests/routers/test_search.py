"""Search: words, typos, accents, and nothing that the caller may not see."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kitsu_api.db.models import TaskPersonLink
from kitsu_api.db.repositories import search_by_words
from kitsu_api.db.repositories.search_by_words import comments, tasks
from tests import factories


@pytest.fixture
async def stage(make):
    """Two productions with a shot, a sequence and an asset of telling names each."""
    shot, sequence, props = await make(
        factories.entity_type(name="Shot"),
        factories.entity_type(name="Sequence"),
        factories.entity_type(name="Characters"),
    )
    status = await make(factories.project_status())
    own, other = await make(factories.project(status), factories.project(status))
    rows = {"own": own, "other": other}
    for word, project in (("own", own), ("other", other)):
        above = await make(factories.entity(project, sequence, name="Forêt profonde"))
        rows[f"{word}_sequence"] = above
        rows[f"{word}_shot"] = await make(
            factories.entity(project, shot, name="SH0150", parent_id=above.id, description="A fox runs")
        )
        rows[f"{word}_asset"] = await make(factories.entity(project, props, name="Léopard Noir"))
    return rows


def ids(answer, kind):
    return [row["id"] for row in answer.json().get(kind, [])]


async def find(client, who, query, **more):
    answer = await client.post("/data/search", json={"query": query, **more}, headers=who)
    assert answer.status_code == 200
    return answer


async def find_all(client, who, query, **more):
    answer = await client.get("/data/search/all", params={"q": query, **more}, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_nothing_found_is_an_empty_object(client, as_role, stage):
    answer = await find(client, await as_role("user", on=stage["own"]), "x", limit=5)
    assert answer.json() == {}


@pytest.mark.parametrize(
    "query", ["leopard", "LÉOPARD", "léo", "noir leo", "leopardo", "lepoard", "éopar", "n"]
)
async def test_accents_case_prefixes_and_typos_make_no_difference(client, as_role, stage, query):
    answer = await find(client, await as_role("user", on=stage["own"]), query)
    assert ids(answer, "assets") == [str(stage["own_asset"].id)]
    assert answer.json()["assets"][0]["type"] == "Asset"


@pytest.mark.parametrize("query", ["!!!", "' | x:*", "%", "\\", "(", "a" * 1000, "bear & !(", "龍"])
async def test_what_means_something_to_postgresql_is_only_text(client, as_role, stage, query):
    assert (await find(client, await as_role("user", on=stage["own"]), query)).json() == {}


async def test_other_scripts_are_found(client, as_role, stage, make):
    kind = await make(factories.entity_type())
    rows = await make(*(factories.entity(stage["own"], kind, name=name) for name in ("Дракон", "龍の城")))
    who = await as_role("user", on=stage["own"])
    for query, row in zip(("ДРАК", "龍の"), rows, strict=True):
        assert ids(await find(client, who, query), "assets") == [str(row.id)]


async def test_descriptions_are_found_too(client, as_role, stage):
    answer = await find(client, await as_role("user", on=stage["own"]), "fox")
    assert ids(answer, "shots") == [str(stage["own_shot"].id)]


async def test_pages_are_full_though_most_of_what_matches_is_hidden(client, as_role, stage, make):
    kind = await make(factories.entity_type())
    await make(*(factories.entity(stage["other"], kind, name=f"Owl {n}") for n in range(30)))
    await make(*(factories.entity(stage["own"], kind, name=f"Owl {n}") for n in range(30, 36)))
    who = await as_role("user", on=stage["own"])
    first = ids(await find(client, who, "owl", limit=4), "assets")
    second = ids(await find(client, who, "owl", limit=4, offset=4), "assets")
    assert (len(first), len(second), len({*first, *second})) == (4, 2, 6)
    assert (await find(client, who, "owl", limit=4, offset=8)).json() == {}


async def test_the_name_itself_comes_first_then_names_that_begin_so(client, as_role, stage, make):
    kind = await make(factories.entity_type())
    names = ("Old Owl", "Owl of the north", "Owl", "Owls")
    await make(*(factories.entity(stage["own"], kind, name=name) for name in names))
    answer = await find(client, await as_role("user", on=stage["own"]), "owl", limit=10)
    assert [row["name"] for row in answer.json()["assets"]] == ["Owl", "Owls", "Owl of the north", "Old Owl"]


async def test_kinds_productions_and_types_narrow_it(client, as_role, stage):
    admin = await as_role("admin")
    assert len(ids(await find(client, admin, "sh01"), "shots")) == 2
    answer = await find(client, admin, "sh01", project_id=str(stage["other"].id))
    assert ids(answer, "shots") == [str(stage["other_shot"].id)]
    assert (await find(client, admin, "sh01", index_names=["persons"])).json() == {}
    types = [str(stage["own_asset"].entity_type_id)]
    assert (await find(client, admin, "sh0150", entity_types=types)).json() == {}


@pytest.mark.parametrize("few", [500, 0], ids=["little work", "much work"])
async def test_vendors_find_what_they_are_assigned_to_alone(client, as_role, stage, make, few, monkeypatch):
    monkeypatch.setattr(search_by_words, "FEW", few)
    vendor = await as_role("vendor", on=stage["own"])
    assert (await find(client, vendor, "sh0150")).json() == {}
    kind, state = await make(factories.task_type(name="Compositing"), factories.task_status())
    task = await make(factories.task(stage["own_shot"], kind, state))
    await make(TaskPersonLink(task_id=task.id, person_id=vendor.person.id))
    assert ids(await find(client, vendor, "sh0150"), "shots") == [str(stage["own_shot"].id)]
    artist, lamp = await as_role("user", on=stage["own"]), await make(factories.entity_type())
    lamp = await make(factories.entity(stage["own"], lamp, name="Lamp"))
    second = await make(factories.task(lamp, kind, state))
    await make(TaskPersonLink(task_id=second.id, person_id=vendor.person.id))
    await make(factories.comment(task, artist.person, text="Too dark"))
    other = await make(factories.task(stage["own_sequence"], kind, state))
    await make(factories.comment(other, artist.person, text="Too dark"))
    found = (await find_all(client, vendor, "compositing sh0150"))["results"]
    assert [hit["id"] for hit in found["tasks"]["hits"]] == [str(task.id)]
    found = (await find_all(client, vendor, "dark"))["results"]
    assert (found["comments"]["total"], len(found["comments"]["hits"])) == (1, 1)
    found = (await find_all(client, vendor, "profonde"))["results"]
    assert [hit["id"] for hit in found["sequences"]["hits"]] == [str(stage["own_sequence"].id)]
    assert found["tasks"]["total"] == found["assets"]["total"] == 0
    typo = await find_all(client, vendor, "sh015o")
    assert typo["alike"] is True
    assert [hit["id"] for hit in typo["results"]["shots"]["hits"]] == [str(stage["own_shot"].id)]
    assert [hit["id"] for hit in typo["results"]["tasks"]["hits"]] == [str(task.id)]


async def test_words_of_tasks_are_those_of_their_type_and_of_what_they_are_on(client, as_role, stage, make):
    compositing, layout = await make(
        factories.task_type(name="Compositing sh"), factories.task_type(name="Layout")
    )
    state = await make(factories.task_status())
    shot, asset = stage["own_shot"], stage["own_asset"]
    rows = {
        name: await make(factories.task(entity, kind, state))
        for name, entity, kind in (
            ("comp of shot", shot, compositing),
            ("layout of shot", shot, layout),
            ("comp of asset", asset, compositing),
        )
    }
    who = await as_role("user", on=stage["own"])
    for query, names in (
        ("sh", ["comp of shot", "layout of shot", "comp of asset"]),
        ("comp", ["comp of shot", "comp of asset"]),
        ("sh comp", ["comp of shot", "comp of asset"]),
        ("SH0150 lay", ["layout of shot"]),
        ("noir comp", ["comp of asset"]),
        ("comp lay", []),
    ):
        found = (await find_all(client, who, query, kind="tasks"))["results"]["tasks"]
        assert sorted(hit["id"] for hit in found["hits"]) == sorted(str(rows[name].id) for name in names), (
            query
        )
        assert (found["total"], found["more"]) == (len(names), False)


async def test_pages_of_tasks_hold_each_once_and_what_is_everywhere_is_not_counted(
    client, as_role, stage, make, monkeypatch
):
    monkeypatch.setattr(tasks, "COUNTED", 4)
    kinds = [await make(factories.task_type(name=name)) for name in ("Owl lighting", "Layout", "Owl cleanup")]
    state, props = await make(factories.task_status(), factories.entity_type())
    made = set()
    for number in range(4):
        owl = await make(factories.entity(stage["own"], props, name=f"Owl {number}"))
        made |= {str((await make(factories.task(owl, kind, state))).id) for kind in kinds}
    who, found = await as_role("user", on=stage["own"]), []
    for offset in range(0, 15, 5):
        page = (await find_all(client, who, "owl", kind="tasks", limit=5, offset=offset))["results"]["tasks"]
        found += page["hits"]
        assert (page["total"], page["more"]) == (4, True)
    assert {hit["id"] for hit in found} == made
    assert len(found) == len(made)
    names = [hit["name"].split(" / ")[1] for hit in found]
    assert names == sorted(names)


async def test_comments_come_newest_first_from_near_and_far(client, as_role, stage, make, monkeypatch):
    monkeypatch.setattr(comments, "NEWEST", 6)
    monkeypatch.setattr(comments, "EVERY", 1)
    author = await as_role("user", on=stage["own"])
    kind, state = await make(factories.task_type(), factories.task_status())
    task = await make(factories.task(stage["own_shot"], kind, state))
    start, written = datetime(2026, 1, 1), []
    for number in range(12):
        word = "fox" if number % 2 else "hare"
        row = factories.comment(task, author.person, text=f"{word} {number}")
        row.created_at = start + timedelta(hours=number)
        written.append(await make(row))
    foxes = [str(row.id) for row in reversed(written) if row.text.startswith("fox")]

    async def page(query, **more):
        answer = await find_all(client, author, query, kind="comments", **more)
        found = answer["results"]["comments"]
        return [hit["id"] for hit in found["hits"]], found["total"], found["more"]

    assert await page("fox", limit=2) == (foxes[:2], 3, True)
    assert await page("fox", limit=4) == (foxes[:4], 6, False)
    assert await page("fox", limit=2, offset=2) == (foxes[2:4], 6, False)
    assert await page("0", limit=2) == ([str(written[0].id)], 1, False)


@pytest.mark.parametrize("rare", [400, 0], ids=["by the index", "one by one"])
@pytest.mark.parametrize("who", ["user", "vendor", "client"])
async def test_a_word_that_the_newest_comments_do_not_say_is_found(
    client, as_role, stage, make, monkeypatch, rare, who
):
    monkeypatch.setattr(comments, "NEWEST", 2)
    monkeypatch.setattr(comments, "RARE", rare)
    reader, author = await as_role(who, on=stage["own"]), await as_role("supervisor", on=stage["own"])
    kind, state = await make(factories.task_type(), factories.task_status())
    task = await make(factories.task(stage["own_shot"], kind, state))
    hidden = await make(factories.task(stage["other_shot"], kind, state))
    await make(TaskPersonLink(task_id=task.id, person_id=reader.person.id))
    start, written = datetime(2026, 1, 1), []
    for number, (word, on) in enumerate(
        [("owl", task), ("owl", hidden), ("owl", task), ("hare", task), ("hare", task)]
    ):
        row = factories.comment(on, author.person, text=f"{word} {number}", for_client=True)
        row.created_at = start + timedelta(hours=number)
        written.append(str((await make(row)).id))
    found = (await find_all(client, reader, "owl", kind="comments", limit=1))["results"]["comments"]
    assert [hit["id"] for hit in found["hits"]] == [written[2]]
    assert (found["total"], found["more"]) == (2, False)


@pytest.mark.parametrize("first", [1000, 1], ids=["near", "far"])
async def test_tasks_are_found_however_many_entities_come_before_theirs(
    client, as_role, stage, make, monkeypatch, first
):
    monkeypatch.setattr(tasks, "FIRST", first)
    props, state = await make(factories.entity_type(), factories.task_status())
    layout, owls = await make(factories.task_type(name="Layout"), factories.task_type(name="Owl cleanup"))
    made = []
    for number in range(4):
        owl = await make(factories.entity(stage["own"], props, name=f"Owl {number}"))
        if number > 1:
            made += [str((await make(factories.task(owl, kind, state))).id) for kind in (layout, owls)]
    who = await as_role("user", on=stage["own"])
    for query, ids in (
        ("owl", made),
        ("owl lay", made[::2]),
        ("owl clean", made[1::2]),
        ("clean", made[1::2]),
    ):
        found = (await find_all(client, who, query, kind="tasks", limit=3))["results"]["tasks"]
        assert len(found["hits"]) == min(len(ids), 3), query
        assert {hit["id"] for hit in found["hits"]} <= set(ids)
        assert found["total"] == len(ids)
    typo = (await find_all(client, who, "oowl", kind="tasks"))["results"]["tasks"]
    assert {hit["id"] for hit in typo["hits"]} == set(made)


HOSTILE = (
    *(
        "'",
        '"',
        "%",
        "_",
        "\\",
        "\\\\",
        "!",
        "<->",
        "owl <2> fox",
        "sh:*",
        "sh & !fox",
        "((",
        "$1",
        "'; --",
        "{}",
    ),
    *(
        "e\u0301",
        "\u0301",
        "👨‍👩‍👧",
        "שלום",
        "\u202esh",
        "\u200b",
        "ﬁ",
        "İ",
        "ẞ",
        "\U0010ffff",
        "\u3000",
        "½",
        "K",
    ),
    *("sh0150 " * 28, "a b c d e f g h i j k l m n", "w" * 200),
)


@pytest.mark.parametrize("role", ["user", "vendor", "client"])
async def test_whatever_is_asked_nothing_of_others_is_found(client, as_role, stage, make, role):
    kind, state = await make(factories.task_type(name="A sh fox"), factories.task_status())
    author = await as_role("client", on=stage["other"])
    for word in ("own", "other"):
        task = await make(factories.task(stage[f"{word}_shot"], kind, state))
        await make(
            factories.comment(task, author.person, text=f"sh w a fox {' '.join(HOSTILE)}", for_client=True),
            factories.playlist(stage[word], name=f"sh w a {word}", for_client=True),
        )
    who, own = await as_role(role, on=stage["own"]), str(stage["own"].id)
    for query in HOSTILE:
        for kind_of_hit, found in (await find_all(client, who, query))["results"].items():
            if kind_of_hit != "persons":
                assert {hit["project_id"] for hit in found["hits"]} <= {own}, query
        for rows in ("assets", "shots"):
            found = (await find(client, who, query, limit=100)).json().get(rows, [])
            assert {row["project_id"] for row in found} <= {own}, query


@pytest.mark.parametrize("role", ["admin", "manager", "user"])
async def test_a_key_for_one_production_finds_nothing_of_another(client, as_role, stage, role):
    who = await as_role(role, on=[stage["own"], stage["other"]])
    wish = {"name": "Farm", "project_ids": [str(stage["own"].id)]}
    made = await client.post("/data/api-keys", json=wish, headers=who)
    key = {"Authorization": f"Bearer {made.json()['key']}"}
    for headers, number in ((who, 2), (key, 1), (who, 2)):
        results = (await find_all(client, headers, "sh0150"))["results"]
        assert results["shots"]["total"] == len(ids(await find(client, headers, "sh0150"), "shots")) == number
    [hit] = (await find_all(client, key, "sh0150"))["results"]["shots"]["hits"]
    assert hit["project_id"] == str(stage["own"].id)


async def test_two_people_who_stand_alike_find_their_own(client, as_role, stage, make):
    for role in ("user", "vendor", "client"):
        for word in ("own", "other"):
            who = await as_role(role, on=stage[word])
            kind, state = await make(factories.task_type(), factories.task_status())
            task = await make(factories.task(stage[f"{word}_shot"], kind, state))
            await make(TaskPersonLink(task_id=task.id, person_id=who.person.id))
            found = (await find_all(client, who, "sh0150", kind="shots"))["results"]["shots"]
            assert [hit["id"] for hit in found["hits"]] == [str(stage[f"{word}_shot"].id)], role


async def test_what_shots_share_is_not_enough_to_be_alike(client, as_role, stage):
    who = await as_role("user", on=stage["own"])
    assert (await find(client, who, "SH9999")).json() == {}
    assert ids(await find(client, who, "SH01501"), "shots") == [str(stage["own_shot"].id)]


async def test_people_show_what_the_caller_may_read(client, as_role, stage, make):
    await make(factories.person(first_name="Žofie", last_name="Dvořák"))
    artist = await find(client, await as_role("user"), "zofie dvorak")
    assert "email" not in artist.json()["persons"][0]
    manager = await find(client, await as_role("manager"), "dvor")
    assert manager.json()["persons"][0]["email"]
    assert (await find(client, await as_role("client", on=stage["own"]), "dvorak")).json() == {}


async def test_all_kinds_are_found_with_their_places(client, as_role, stage, make, count_statements):
    who = await as_role("user", on=stage["own"])
    kind, state = await make(factories.task_type(name="Forêt lighting"), factories.task_status())
    task = await make(factories.task(stage["own_shot"], kind, state))
    await make(
        factories.comment(task, who.person, text="<b>The</b> FORET is too dark"),
        factories.playlist(stage["own"], name="forêt review"),
    )
    with count_statements() as statements:
        found = await find_all(client, who, "foret")
    assert statements.count <= 7
    results = found["results"]
    assert {kind for kind, hits in results.items() if hits["total"]} == {
        *("sequences", "tasks", "comments", "playlists")
    }
    comment = results["comments"]["hits"][0]
    assert comment["project_name"] == stage["own"].name
    [place] = [part for part in comment["highlights"] if part["field"] == "text"]
    first, last = place["ranges"][0]
    assert place["text"][first:last] == "FORET"
    sequence = results["sequences"]["hits"][0]["highlights"][0]
    assert sequence["text"][slice(*sequence["ranges"][0])] == "Forêt"
    assert found["alike"] is False


async def test_typos_are_said_to_be_such(client, as_role, stage):
    found = await find_all(client, await as_role("user", on=stage["own"]), "profnde", kind="sequences")
    assert found["alike"] is True
    assert list(found["results"]) == ["sequences"]
    assert found["results"]["sequences"]["hits"][0]["highlights"]


async def test_clients_do_not_find_what_the_studio_says(client, as_role, stage, make):
    author = await as_role("user", on=stage["own"])
    kind, state = await make(factories.task_type(), factories.task_status())
    task = await make(factories.task(stage["own_shot"], kind, state))
    await make(factories.comment(task, author.person, text="horrible lighting"))
    found = await find_all(client, await as_role("client", on=stage["own"]), "horrible")
    assert found["results"]["comments"]["total"] == 0
    found = await find_all(client, author, "horrible")
    assert found["results"]["comments"]["total"] == 1


async def test_long_comments_can_be_written(client, as_role, stage, make):
    author = await as_role("user", on=stage["own"])
    kind, state = await make(factories.task_type(), factories.task_status())
    task = await make(factories.task(stage["own_shot"], kind, state))
    text = " ".join(f"word{n}" for n in range(200_000))
    await make(factories.comment(task, author.person, text=text))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": None},
        {"query": "fox", "limit": -1},
        {"query": "fox", "project_id": "no id"},
        {"query": "fox", "index_names": ["secrets"]},
        {"query": "a\x00b"},
    ],
)
async def test_bad_input_is_refused(client, as_role, body):
    answer = await client.post("/data/search", json=body, headers=await as_role("user"))
    assert answer.status_code == 400
    assert answer.json()["error"] is True


@pytest.mark.parametrize("query", ["", "kind=secrets&q=a", "q=", "q=%00", "q=a&limit=0"])
async def test_bad_parameters_are_refused(client, as_role, query):
    answer = await client.get(f"/data/search/all?{query}", headers=await as_role("user"))
    assert answer.status_code == 400


async def test_search_is_for_people_who_signed_in(client):
    assert (await client.post("/data/search", json={"query": "fox"})).status_code == 401
    assert (await client.get("/data/search/all?q=fox")).status_code == 401
