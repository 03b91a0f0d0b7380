"""Made-up filters find what a plain reading of them finds."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests import factories

NAMES = ["SH10", "sh_1", "Été", "a%b", "", None]
NUMBERS = [None, 0, 1, 25]
DOCUMENTS = [None, {}, {"n": 1}, {"n": "1"}, {"n": None, "x": [1, "a"]}, {"n": 2.5, "x": {"y": True}}]


def rows(project, kind, parents):
    places = itertools.cycle([*parents, None])
    for number, code in enumerate(NAMES):
        for frames in NUMBERS:
            document = DOCUMENTS[(number + (frames or 3)) % len(DOCUMENTS)]
            parent = next(places)
            yield factories.entity(
                project,
                kind,
                code=code,
                nb_frames=frames,
                data=document,
                parent_id=parent and parent.id,
                canceled=bool(number % 2),
            )


def comparison(field, values, operators):
    return st.builds(
        lambda op, value: {"field": field, "op": op, "value": value}, st.sampled_from(operators), values
    )


ORDERS = ["lt", "lte", "gt", "gte"]
texts, numbers = st.sampled_from(NAMES[:-1]), st.integers(-1, 26)
inside = st.sampled_from([1, "1", 2.5, 0, "a"])
comparisons = st.one_of(
    comparison("code", st.sampled_from(NAMES), ["eq", "ne"]),
    comparison("code", texts, ["contains"]),
    comparison("code", st.lists(st.sampled_from(NAMES), max_size=3), ["in"]),
    comparison("nb_frames", st.sampled_from(NUMBERS), ["eq", "ne"]),
    comparison("nb_frames", numbers, ORDERS),
    comparison("nb_frames", st.lists(st.sampled_from(NUMBERS), max_size=3), ["in"]),
    comparison("canceled", st.booleans(), ["eq", "ne", "is_null"]),
    comparison("data.n", inside, ["eq", "ne"]),
    comparison("data.n", st.sampled_from([1, 0, 2.5]), ORDERS),
    comparison("data.n", st.booleans(), ["is_null"]),
    comparison("data.x.y", st.sampled_from([True, False, None]), ["eq", "ne"]),
    comparison("parent.code", texts, ["eq", "ne"]),
    comparison("parent.nb_frames", numbers, ORDERS),
    comparison("parent", st.booleans(), ["is_null"]),
    comparison("tasks.priority", st.integers(0, 3), ["eq", "gt", "ne"]),
    comparison("tasks", st.booleans(), ["is_null"]),
)
filters = st.recursive(
    comparisons,
    lambda below: st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(below, min_size=1, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(below, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, below),
    ),
    max_leaves=6,
)


def made_up(count):
    found = []

    @seed(20261126)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(filters)
    def collect(wish):
        found.append(wish)

    collect()
    return found


def same(one, other):
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def compared(op, value, asked):
    match op:
        case "eq":
            return value is None if asked is None else value is not None and same(value, asked)
        case "ne":
            return not compared("eq", value, asked)
        case "in":
            return any(compared("eq", value, one) for one in asked)
        case "contains":
            return value is not None and asked.lower() in value.lower()
        case "is_null":
            return (value is None) is asked
    if value is None or isinstance(value, str) is not isinstance(asked, str):
        return False
    return {"lt": value < asked, "lte": value <= asked, "gt": value > asked, "gte": value >= asked}[op]


def meets(wish, row, world):
    if "and" in wish:
        return all(meets(one, row, world) for one in wish["and"])
    if "or" in wish:
        return any(meets(one, row, world) for one in wish["or"])
    if "not" in wish:
        return not meets(wish["not"], row, world)
    op, asked, (first, *rest) = wish["op"], wish["value"], wish["field"].split(".")
    if first == "tasks":
        tasks = world["tasks"].get(row.id, [])
        return (not tasks) is asked if not rest else any(compared(op, task.priority, asked) for task in tasks)
    if first == "parent":
        above = world["rows"].get(row.parent_id)
        return compared(op, above and getattr(above, rest[0] if rest else "id"), asked)
    value = getattr(row, first)
    for step in rest:
        value = value.get(step) if isinstance(value, dict) else None
    return compared(op, value, asked)


async def test_filters_mean_what_a_plain_reading_of_them_means(client, as_role, make):
    production = factories.production()
    await make(*production)
    project, kind = production.project, production.entity_type
    above = [
        factories.entity(project, kind, code="SH10", nb_frames=3, canceled=False),
        factories.entity(project, kind, code=None, nb_frames=20, canceled=None),
    ]
    await make(*above)
    below = list(rows(project, kind, above))
    await make(*below)
    tasks = [
        factories.task(row, production.task_type, production.task_status, name=str(place), priority=place)
        for number, row in enumerate(below)
        for place in range(number % 3)
    ]
    await make(*tasks)
    everything = [production.entity, *above, *below]
    world = {"rows": {row.id: row for row in everything}, "tasks": {production.entity.id: [production.task]}}
    for task in tasks:
        world["tasks"].setdefault(task.entity_id, []).append(task)
    who = await as_role("manager", on=project)
    wishes = made_up(80)
    assert len(wishes) > 60
    for wish in wishes:
        answer = await client.post(
            "/data/query/entities",
            json={"filter": wish, "fields": ["id"], "limit": 1000, "count": True},
            headers=who,
        )
        assert answer.status_code == 200, (wish, answer.text)
        expected = {str(row.id) for row in everything if meets(wish, row, world)}
        assert {row["id"] for row in answer.json()["data"]} == expected, wish
        assert answer.json()["total"] == len(expected)
