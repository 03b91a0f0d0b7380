"""Queries: filters, relations, chosen fields, orders, pages, groups."""

from __future__ import annotations

import base64
import json

import pytest
from sqlalchemy import text

from kitsu_api.db.models import EntityLink
from kitsu_api.services import queries as service
from tests import factories


@pytest.fixture
async def film(make):
    """A season: an episode with two sequences of two shots each, an asset, tasks on all shots."""
    kinds = {
        name: await make(factories.entity_type(name=name))
        for name in ("Episode", "Sequence", "Shot", "Props")
    }
    status = await make(factories.project_status())
    project = await make(factories.project(status))
    done, wip = await make(factories.task_status(is_done=True), factories.task_status(is_wip=True))
    shading = await make(factories.task_type())
    rows = {"project": project, "done": done, "wip": wip, "type": shading, "kinds": kinds, "shots": []}
    rows["episode"] = await make(factories.entity(project, kinds["Episode"], name="E01"))
    rows["other"] = await make(factories.entity(project, kinds["Episode"], name="E02"))
    rows["tasks"], rows["sequences"] = [], []
    for number, episode in enumerate((rows["episode"], rows["other"])):
        above = await make(
            factories.entity(project, kinds["Sequence"], name=f"SQ{number}", parent_id=episode.id)
        )
        rows["sequences"].append(above)
        for place in range(2):
            shot = await make(
                factories.entity(
                    project,
                    kinds["Shot"],
                    name=f"SH{number}{place}",
                    parent_id=above.id,
                    nb_frames=10 * (number * 2 + place) or None,
                    data={
                        "fps": 24 + place,
                        "camera": {"lens": f"{place}5mm"},
                        "tags": ["a", "b"][: place + 1],
                    },
                )
            )
            rows["shots"].append(shot)
            for state in (done, wip):
                rows["tasks"].append(
                    await make(
                        factories.task(
                            shot, shading, state, name=f"{shot.name} {state.name}", duration=60.0 * place
                        )
                    )
                )
    rows["asset"] = await make(factories.entity(project, kinds["Props"], name="Lamp"))
    return rows


@pytest.fixture
def query(client):
    """`await query(who, "tasks", filter=…)`: the answer, which must be a success."""

    async def ask(who, source, **wish):
        answer = await client.post(f"/data/query/{source}", json=wish, headers=who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def is_(field, value, op="eq"):
    return {"field": field, "op": op, "value": value}


def names(answer, field="name"):
    return [row[field] for row in answer["data"]]


async def test_tasks_of_an_episode_that_are_not_done_with_names_around_them(
    as_role, make, film, query, count_statements
):
    artist = await make(factories.person(first_name="Ada", last_name="Byron"))
    await make(factories.assignation(film["tasks"][1], artist))
    who = await as_role("manager", on=film["project"])
    with count_statements() as statements:
        answer = await query(
            who,
            "tasks",
            filter={
                "and": [
                    is_("entity.parent.parent_id", str(film["episode"].id)),
                    {"not": is_("task_status.is_done", True)},
                ]
            },
            fields=["id", "assignees.full_name", "entity.name", "entity.parent.name"],
            order=[{"field": "entity.name"}],
            limit=500,
        )
    assert statements.count <= 3
    assert answer["data"] == [
        {
            "id": str(film["tasks"][1].id),
            "assignees": [{"full_name": "Ada Byron"}],
            "entity": {"name": "SH00", "parent": {"name": "SQ0"}},
        },
        {
            "id": str(film["tasks"][3].id),
            "assignees": [],
            "entity": {"name": "SH01", "parent": {"name": "SQ0"}},
        },
    ]
    assert (answer["next_cursor"], answer["total"], answer["groups"], answer["has_more"]) == (None,) * 3 + (
        False,
    )


async def test_rows_show_all_their_fields_as_the_listing_does(client, as_role, film, query):
    who = await as_role("admin")
    listed = (await client.get("/data/tasks", headers=who)).json()
    assert (await query(who, "tasks"))["data"] == listed
    [shot] = [row for row in (await query(who, "shots"))["data"] if row["name"] == "SH10"]
    assert shot == (await client.get(f"/data/entities?id={shot['id']}", headers=who)).json()[0]


FILTERS = [
    (is_("name", "SH00"), ["SH00"]),
    (is_("name", "SH00", "ne"), ["SH01", "SH10", "SH11"]),
    (is_("name", ["SH00", "SH11", "none"], "in"), ["SH00", "SH11"]),
    (is_("name", [], "in"), []),
    (is_("nb_frames", 10, "gt"), ["SH10", "SH11"]),
    (is_("nb_frames", 10, "gte"), ["SH01", "SH10", "SH11"]),
    (is_("nb_frames", 20, "lt"), ["SH01"]),
    (is_("nb_frames", 20, "lte"), ["SH01", "SH10"]),
    (is_("nb_frames", None), ["SH00"]),
    (is_("nb_frames", 10, "ne"), ["SH00", "SH10", "SH11"]),
    (is_("nb_frames", [10, None], "in"), ["SH00", "SH01"]),
    (is_("nb_frames", True, "is_null"), ["SH00"]),
    (is_("nb_frames", False, "is_null"), ["SH01", "SH10", "SH11"]),
    ({"not": is_("nb_frames", 10, "gt")}, ["SH00", "SH01"]),
    (is_("name", "sh_1", "like"), ["SH01", "SH11"]),
    (is_("name", "%1%", "like"), ["SH01", "SH10", "SH11"]),
    (is_("name", "h1", "contains"), ["SH10", "SH11"]),
    (is_("name", "%", "contains"), []),
    (is_("data.fps", 25), ["SH01", "SH11"]),
    (is_("data.fps", 24, "gt"), ["SH01", "SH11"]),
    (is_("data.fps", "24", "gt"), []),
    (is_("data.camera.lens", "05mm"), ["SH00", "SH10"]),
    (is_("data.camera.lens", "1%", "like"), ["SH01", "SH11"]),
    (is_("data.none", True, "is_null"), ["SH00", "SH01", "SH10", "SH11"]),
    (is_("data.tags", "b", "contains"), ["SH01", "SH11"]),
    (is_("data", {"camera": {"lens": "05mm"}}, "contains"), ["SH00", "SH10"]),
    (is_("data.tags", ["a"]), ["SH00", "SH10"]),
    (is_("data.fps", [24, 99], "in"), ["SH00", "SH10"]),
    (is_("sequence.name", "SQ1"), ["SH10", "SH11"]),
    (is_("sequence.episode.name", "E01"), ["SH00", "SH01"]),
    (is_("sequence", True, "is_null"), []),
    (is_("tasks.task_status.is_done", True), ["SH00", "SH01", "SH10", "SH11"]),
    (is_("tasks.duration", 0, "gt"), ["SH01", "SH11"]),
    (is_("tasks", True, "is_null"), []),
    ({"not": is_("tasks.duration", 0, "gt")}, ["SH00", "SH10"]),
    ({"or": [is_("name", "SH00"), is_("name", "SH11")]}, ["SH00", "SH11"]),
    ({"and": [is_("name", "SH%", "like"), {"not": is_("name", "%0", "like")}]}, ["SH01", "SH11"]),
    (is_("tasks.task_status.is_done", False, "gt"), ["SH00", "SH01", "SH10", "SH11"]),
    (is_("type", "Shot"), ["SH00", "SH01", "SH10", "SH11"]),
]


async def test_filters_find_the_rows_that_meet_them(as_role, film, query):
    who = await as_role("admin")
    for wish, found in FILTERS:
        answer = await query(who, "shots", filter=wish, fields=["name"], order=[{"field": "name"}])
        assert names(answer) == found, wish


async def test_parts_of_documents_come_in_their_places(as_role, film, query):
    answer = await query(
        await as_role("admin"),
        "shots",
        filter=is_("name", "SH01"),
        fields=["data.camera.lens", "data.fps", "data.none"],
    )
    assert answer["data"] == [{"data": {"camera": {"lens": "15mm"}, "fps": 25, "none": None}}]


async def test_lists_hold_rows_that_hold_lists(as_role, film, make, query):
    await make(EntityLink(entity_in_id=film["shots"][0].id, entity_out_id=film["asset"].id, nb_occurences=3))
    answer = await query(
        await as_role("admin"),
        "sequences",
        fields=["name", "shots.name", "shots.tasks", "shots.casting.nb_occurences"],
        order=[{"field": "name"}],
    )
    first = answer["data"][0]
    assert first["name"] == "SQ0"
    assert [shot["name"] for shot in first["shots"]] == ["SH00", "SH01"]
    assert first["shots"][0]["casting"] == [{"nb_occurences": 3}]
    assert {task["id"] for task in first["shots"][0]["tasks"]} == {str(task.id) for task in film["tasks"][:2]}
    assert first["shots"][1]["casting"] == []


async def test_what_rows_are_called_and_lists_of_texts_are_fields_as_well(as_role, film, make, query):
    who = await as_role("admin")
    person, task = who.person, film["tasks"][0]
    said, _, notice = await make(
        factories.comment(task, person, links=["https://a.example", "b"]),
        factories.comment(task, person, links=None),
        factories.notification(person, task),
    )
    for wish in (is_("links", "b", "contains"), is_("links", ["https://a.example", "b"])):
        answer = await query(who, "comments", filter=wish, fields=["links"], order=[{"field": "type"}])
        assert answer["data"] == [{"links": said.links}]
    answer = await query(who, "comments", group_by=["type", "links"])
    assert [group["values"]["count"] for group in answer["groups"]] == [1, 1]
    answer = await query(
        who, "notifications", filter=is_("notification_type", "comment"), fields=["type", "id"]
    )
    assert answer["data"] == [{"type": "Notification", "id": str(notice.id)}]


# --- orders and pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_what_is_missing_comes_last_on_whatever_page(as_role, film, query, direction):
    who = await as_role("admin")
    wish = {
        "fields": ["name"],
        "order": [{"field": "nb_frames", "direction": direction}],
        "limit": 1,
        "filter": is_("name", "SH%", "like"),
    }
    found, cursor = [], None
    for _ in range(4):
        answer = await query(who, "shots", **wish, **({"cursor": cursor} if cursor else {}))
        found += names(answer)
        cursor = answer["next_cursor"]
    assert cursor is None
    there = ["SH01", "SH10", "SH11"]
    assert found == [*(there if direction == "asc" else there[::-1]), "SH00"]


@pytest.mark.parametrize(
    "order",
    [
        [],
        [{"field": "entity.name", "direction": "desc"}, {"field": "duration"}],
        [{"field": "task_status.is_done"}],
        [{"field": "entity.data.fps", "direction": "desc"}],
        [{"field": "updated_at", "direction": "desc"}],
    ],
)
async def test_all_pages_hold_each_old_row_once_while_rows_are_added(as_role, film, make, query, order):
    who = await as_role("admin")
    old = {str(task.id) for task in film["tasks"]}
    found, cursor = [], None
    for number in range(20):
        wish = {"fields": ["id"], "order": order, "limit": 3, "count": True}
        answer = await query(who, "tasks", **wish, **({"cursor": cursor} if cursor else {}))
        assert answer["total"] == len(old) + number
        found += names(answer, "id")
        cursor = answer["next_cursor"]
        assert answer["has_more"] is (cursor is not None)
        if cursor is None:
            break
        state = film["done"] if number % 2 else film["wip"]
        await make(factories.task(film["shots"][number % 4], film["type"], state, name=f"new {number}"))
    assert cursor is None
    assert sorted(id for id in found if id in old) == sorted(old)
    assert len(found) == len(set(found))


async def test_a_cursor_is_good_for_its_own_query_alone(as_role, client, film, query):
    who = await as_role("admin")
    cursor = (await query(who, "tasks", limit=1))["next_cursor"]
    for source, wish in (
        ("tasks", {"order": [{"field": "name"}]}),
        ("tasks", {"filter": is_("name", "x")}),
        ("shots", {}),
        ("tasks", {"cursor": cursor[:-4]}),
        ("tasks", {"cursor": "né"}),
        ("tasks", {"cursor": "W10"}),
    ):
        answer = await client.post(f"/data/query/{source}", json={"cursor": cursor, **wish}, headers=who)
        assert answer.status_code == 400, wish
        assert "cursor" in answer.json()["message"].lower()


async def test_numbers_and_texts_of_any_size_go_through_a_cursor(as_role, client, film, make, query):
    who = await as_role("admin")
    for value in (2**70, "a" * 3000, "é\U0001f98a"):
        await make(factories.entity(film["project"], film["kinds"]["Props"], data={"key": value}))
    for value in (2**70, {"deep": [1]}):
        await query(who, "shots", filter=is_("data.none", value, "ne"), limit=1)
    wish = {"order": [{"field": "data.key"}], "fields": ["data.key"], "limit": 1}
    found, cursor = [], None
    for _ in range(3):
        answer = await query(who, "assets", **wish, **({"cursor": cursor} if cursor else {}))
        found += [row["data"]["key"] for row in answer["data"]]
        cursor = answer["next_cursor"]
    assert len(found) == len(set(map(str, found))) == 3
    mark = json.loads(base64.urlsafe_b64decode(cursor + "=="))[0]
    for values in ('"\\ud800"', '"\\u0000"', "NaN", "[" * 500 + "]" * 500, "{}"):
        forged = base64.urlsafe_b64encode(f'["{mark}",[{values},{values}]]'.encode()).decode()
        answer = await client.post("/data/query/assets", json={**wish, "cursor": forged}, headers=who)
        assert answer.status_code == 400, values


# --- groups -------------------------------------------------------------------------------------------


async def test_groups_say_what_their_rows_come_to(as_role, film, query):
    answer = await query(
        await as_role("admin"),
        "tasks",
        group_by=["entity.parent.name", "task_status.is_done"],
        aggregates={
            "n": {"function": "count"},
            "minutes": {"function": "sum", "field": "duration"},
            "mean": {"function": "avg", "field": "duration"},
            "shots": {"function": "count_distinct", "field": "entity_id"},
            "last": {"function": "max", "field": "entity.name"},
            "fps": {"function": "sum", "field": "entity.data.fps"},
        },
        order=[{"field": "entity.parent.name", "direction": "desc"}],
        limit=3,
    )
    assert (
        answer["groups"][0]
        == {
            "keys": {"entity.parent.name": "SQ1", "task_status.is_done": False},
            "values": {"n": 2, "minutes": 60.0, "mean": 30.0, "shots": 2, "last": "SH11", "fps": 49.0},
        }
        or answer["groups"][0]["keys"]["task_status.is_done"] is None
    )
    assert [group["keys"]["entity.parent.name"] for group in answer["groups"]] == ["SQ1", "SQ1", "SQ0"]
    assert answer["has_more"] is True
    assert answer["data"] == []


async def test_groups_over_a_list_count_a_row_for_each_of_it(as_role, film, make, query):
    one, two = await make(factories.person(), factories.person())
    for task, person in ((0, one), (0, two), (1, one)):
        await make(factories.assignation(film["tasks"][task], person))
    answer = await query(
        await as_role("admin"),
        "tasks",
        filter=is_("assignees", False, "is_null"),
        group_by=["assignees"],
        order=[{"field": "count", "direction": "desc"}],
    )
    assert [(group["keys"]["assignees"], group["values"]["count"]) for group in answer["groups"]] == [
        (str(one.id), 2),
        (str(two.id), 1),
    ]


async def test_documents_are_grouped_by_what_they_hold_and_totals_need_no_key(as_role, film, query):
    who = await as_role("admin")
    answer = await query(who, "shots", group_by=["data.fps"])
    assert [(group["keys"], group["values"]) for group in answer["groups"]] == [
        ({"data.fps": 24}, {"count": 2}),
        ({"data.fps": 25}, {"count": 2}),
    ]
    answer = await query(who, "shots", aggregates={"frames": {"function": "sum", "field": "nb_frames"}})
    assert answer["groups"] == [{"keys": {}, "values": {"frames": 60}}]
    assert (answer["next_cursor"], answer["has_more"]) == (None, False)


async def test_what_floating_numbers_come_to_is_exact(as_role, film, make, query):
    for value in (0.1, 0.2, 1e300, -1e300):
        await make(factories.entity(film["project"], film["kinds"]["Props"], data={"cost": value}))
    sum_of_costs = {"cost": {"function": "sum", "field": "data.cost"}}
    answer = await query(await as_role("admin"), "assets", aggregates=sum_of_costs)
    assert answer["groups"][0]["values"] == {"cost": 0.3}


async def pages_of_groups(query, who, source, wish, between=None):
    """All groups, page by page; `between` is awaited after each page."""
    found, cursor = [], None
    for _ in range(30):
        answer = await query(who, source, **wish, **({"cursor": cursor} if cursor else {}))
        found += answer["groups"]
        cursor = answer["next_cursor"]
        assert answer["has_more"] is (cursor is not None)
        if cursor is None:
            return found
        if between is not None:
            await between()
    raise AssertionError("The pages have no end.")


AGGREGATES = {
    "n": {"function": "count"},
    "minutes": {"function": "sum", "field": "duration"},
    "mean": {"function": "avg", "field": "duration"},
    "last": {"function": "max", "field": "created_at"},
    "fps": {"function": "max", "field": "entity.data.fps"},
    "name": {"function": "min", "field": "entity.name"},
}


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("by", [None, *AGGREGATES, "entity.data.camera", "entity.nb_frames"])
async def test_all_pages_hold_each_group_once_in_one_order(as_role, film, make, query, by, direction):
    await make(factories.task(film["asset"], film["type"], film["wip"], duration=1 / 3))
    order = [] if by is None else [{"field": by, "direction": direction}]
    keys = ["entity.nb_frames", "task_status.is_done", "entity.data.camera"]
    wish = {"group_by": keys, "aggregates": AGGREGATES, "order": order, "count": True}
    who = await as_role("admin")
    whole = await query(who, "tasks", **wish)
    assert whole["total"] == len(whole["groups"]) == 9
    assert await pages_of_groups(query, who, "tasks", {**wish, "limit": 2}) == whole["groups"]


async def test_groups_that_come_up_between_pages_move_no_other(as_role, film, make, query):
    who, numbers = await as_role("admin"), iter(range(100))

    async def add():
        kind, name = film["kinds"]["Props"], f"{next(numbers):02}"
        await make(
            factories.entity(film["project"], kind, name=name), factories.entity(film["project"], kind)
        )

    old = {group["keys"]["name"] for group in (await query(who, "entities", group_by=["name"]))["groups"]}
    wish = {"group_by": ["name"], "limit": 3}
    found = [group["keys"]["name"] for group in await pages_of_groups(query, who, "entities", wish, add)]
    assert len(found) == len(set(found))
    assert old <= set(found)


async def test_a_cursor_of_groups_is_good_for_the_same_groups_alone(as_role, client, film, query):
    who = await as_role("admin")
    wish = {"group_by": ["name"], "aggregates": {"n": {"function": "count"}}, "limit": 1}
    cursor = (await query(who, "tasks", **wish))["next_cursor"]
    for other in (
        {"group_by": ["id"]},
        {"aggregates": {"n": {"function": "count_distinct", "field": "name"}}},
        {"order": [{"field": "n"}]},
        {"filter": is_("name", "x")},
        {"group_by": [], "aggregates": {}},
    ):
        answer = await client.post("/data/query/tasks", json={**wish, "cursor": cursor, **other}, headers=who)
        assert answer.status_code == 400, other
        assert "cursor" in answer.json()["message"].lower()


async def test_a_forged_cursor_of_groups_is_refused(as_role, client, film, query):
    who = await as_role("admin")
    total = {"minutes": {"function": "sum", "field": "duration"}}
    wish = {"group_by": ["name"], "aggregates": total, "order": [{"field": "minutes"}], "limit": 1}
    cursor = (await query(who, "tasks", **wish))["next_cursor"]
    mark = json.loads(base64.urlsafe_b64decode(cursor + "=="))[0]
    for value in ("1", '"NaN"', '"sNaN"', '"x"', "true", "[]"):
        forged = base64.urlsafe_b64encode(f'["{mark}",[{value},"x"]]'.encode()).decode()
        answer = await client.post("/data/query/tasks", json={**wish, "cursor": forged}, headers=who)
        assert answer.status_code == 400, value


# --- what is refused ----------------------------------------------------------------------------------


def nested(levels):
    wish = is_("name", "x")
    for _ in range(levels):
        wish = {"not": wish}
    return wish


REFUSED = [
    ({"filter": is_("nmae", "x")}, "no such field"),
    ({"filter": is_("name.first", "x")}, "no document"),
    ({"filter": is_("entity.parent.parent.name", "x")}, "2 relations"),
    ({"filter": is_("name.", "x")}, "dots"),
    ({"filter": is_("entity_id", "x")}, "an id"),
    ({"filter": is_("duration", "x")}, "a number"),
    ({"filter": is_("priority", 2**40)}, "32 bits"),
    ({"filter": is_("due_date", "tomorrow")}, "a moment"),
    ({"filter": is_("name", 7)}, "a text"),
    ({"filter": is_("name", None, "lt")}, "before or after"),
    ({"filter": is_("name", "x", "in")}, "a list"),
    ({"filter": is_("name", "x", "is_null")}, "true or false"),
    ({"filter": is_("assignees", "x", "is_null")}, "true or false"),
    ({"filter": is_("duration", "x", "like")}, "no text"),
    ({"filter": is_("name", "\\", "like")}, "backslash"),
    ({"filter": is_("name", "%" * 300, "like")}, "200"),
    ({"filter": is_("duration", 3, "contains")}, "contains nothing"),
    ({"filter": is_("name", "a\x00b")}, "NUL"),
    ({"filter": is_("data.a.b.c.d.e.f", 1)}, "levels"),
    ({"filter": {"and": []}}, "at least 1"),
    ({"filter": {"nor": []}}, "nor"),
    ({"filter": {"field": "name", "op": "regex", "value": "x"}}, "op"),
    ({"filters": {}}, "filters"),
    ({"filter": nested(9)}, "levels"),
    ({"filter": {"or": [is_("name", "x")] * 101}}, "100 comparisons"),
    ({"filter": is_("name", ["x"] * 1001, "in")}, "1000 values"),
    ({"order": [{"field": "assignees.last_name"}]}, "order by"),
    ({"order": [{"field": "name"}] * 6}, "5"),
    ({"limit": 1001}, "1000"),
    ({"fields": ["comments.previews.id"], "limit": 101}, "100 at a time"),
    ({"fields": []}, "at least 1"),
    ({"group_by": ["name"], "fields": ["name"]}, "Groups have"),
    ({"group_by": ["name", "name"]}, "twice"),
    ({"group_by": ["assignees", "comments"]}, "one relation to many"),
    ({"group_by": ["name"], "order": [{"field": "id"}]}, "neither"),
    ({"aggregates": {"a": {"function": "sum", "field": "name"}}}, "no numbers"),
    ({"aggregates": {"a": {"function": "max", "field": "id"}}}, "no numbers"),
    ({"aggregates": {"a": {"function": "sum"}}}, "needs a field"),
    ({"aggregates": {"a": {"function": "sum", "field": "comments.shotgun_id"}}}, "aggregate"),
    ({"aggregates": {"a b": {"function": "count"}}}, "pattern"),
]


async def test_what_makes_no_sense_is_refused_with_what_to_mend(as_role, client):
    who = await as_role("admin")
    for wish, words in REFUSED:
        answer = await client.post("/data/query/tasks", json=wish, headers=who)
        assert answer.status_code == 400, (wish, answer.text)
        assert words in answer.json()["message"], (wish, answer.text)


async def test_a_query_that_takes_too_long_is_refused(as_role, client, engine, monkeypatch):
    who = await as_role("admin")
    monkeypatch.setattr(service, "MILLISECONDS", 50)
    async with engine.connect() as other:
        await other.execute(text("LOCK TABLE milestone IN ACCESS EXCLUSIVE MODE"))
        answer = await client.post("/data/query/milestones", json={}, headers=who)
        await other.rollback()
    assert answer.status_code == 400
    assert "Narrow it" in answer.json()["message"]
