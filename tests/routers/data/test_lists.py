"""Lists: filters, pages, columns, and their cost."""

from __future__ import annotations

import pytest
from sqlalchemy import event, insert

from kitsu_api.db.models import Department
from tests import factories


@pytest.fixture
async def trees(make):
    kept = [factories.department(name=f"Trees {number}", archived=number == 2) for number in range(3)]
    return await make(*kept)


async def names(client, admin, query: str) -> list[str]:
    answer = await client.get(f"/data/departments?{query}", headers=admin)
    assert answer.status_code == 200, answer.text
    return sorted(row["name"] for row in answer.json() if row["name"].startswith("Trees"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=trees 1", [1]),
        ("name=Trees 1&name=TREES 2", [1, 2]),
        ('name=["Trees 0","Trees 1"]', [0, 1]),
        ("archived=true", [2]),
        ("archived=True", [2]),
        ("nobody_knows=x", [0, 1, 2]),
        ("name=Tree", []),
    ],
)
async def test_columns_filter_by_equality_and_names_without_regard_to_case(
    client, admin, trees, query, expected
):
    assert await names(client, admin, query) == [f"Trees {number}" for number in expected]


async def test_ids_filter_one_or_any_of_several(client, admin, trees):
    first, second, _ = trees
    assert await names(client, admin, f"id={first.id}") == [first.name]
    assert await names(client, admin, f"id={first.id}&id={second.id}") == sorted([first.name, second.name])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("departments", "id=undefined"),
        ("departments", 'id=["broken'),
        ("departments", 'id=[{"a": 1}]'),
        ("departments", "archived=maybe"),
        ("departments", "name=%00"),
        ("tasks", "priority=high"),
        ("tasks", "priority=99999999999999999999999"),
        ("tasks", "due_date=soon"),
        ("milestones", "date=soon"),
        ("entities", "data=x"),
        ("departments", "page=foo"),
        ("departments", "page=1&limit=bar"),
        ("departments", "page=1&limit=0"),
    ],
)
async def test_a_value_that_is_none_of_its_column_is_refused(client, admin, path, query):
    answer = await client.get(f"/data/{path}?{query}", headers=admin)
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize("column", ["password", "totp_secret", "login_failed_attemps", "jti"])
async def test_nobody_filters_on_secrets(client, admin, column):
    answer = await client.get(f"/data/persons?{column}=5", headers=admin)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "column"), [("organisations", "chat_token_slack"), ("persons", "daily_salary")]
)
async def test_whoever_may_not_read_a_column_does_not_filter_on_it(client, as_role, make, path, column):
    artist = await as_role("user")
    assert (await client.get(f"/data/{path}?{column}=5", headers=artist)).status_code == 400
    rows = (await client.get(f"/data/{path}", headers=artist)).json()
    assert all(column not in row for row in rows)


async def test_pages_count_and_end(client, admin, make):
    await make(*(factories.software() for _ in range(5)))
    url = "/data/softwares"
    total = len((await client.get(url, headers=admin)).json())
    seen = []
    for number in range(1, (total + 1) // 2 + 1):
        page = (await client.get(f"{url}?page={number}&limit=2", headers=admin)).json()
        assert (page["total"], page["limit"], page["page"]) == (total, 2, number)
        assert page["offset"] == 2 * (number - 1)
        assert page["nb_pages"] == (total + 1) // 2
        seen += [row["id"] for row in page["data"]]
    assert len(seen) == len(set(seen)) == total
    for number in (0, 1000):
        page = (await client.get(f"{url}?page={number}&limit=2", headers=admin)).json()
        assert (page["data"], page["total"]) == ([], total)


async def test_nobody_gets_more_rows_in_a_page_than_the_operator_lets(client, admin, make, configure):
    configure(max_records_per_page=2)
    await make(*(factories.software() for _ in range(3)), *(factories.api_event() for _ in range(3)))
    page = (await client.get("/data/softwares?page=1&limit=100000", headers=admin)).json()
    assert (len(page["data"]), page["limit"]) == (2, 2)
    assert len((await client.get("/data/events/last?limit=100000", headers=admin)).json()) == 2


async def test_fields_narrow_a_row_but_keep_id_and_type(client, admin, trees):
    rows = (await client.get("/data/departments?fields=name, nonsense", headers=admin)).json()
    assert {frozenset(row) for row in rows} == {frozenset({"id", "type", "name"})}


async def test_five_thousand_rows_are_one_statement_and_no_object_each(
    client, admin, session, count_statements
):
    rows = [{"name": f"Bulk {number}", "color": "#000000", "archived": False} for number in range(5_000)]
    await session.execute(insert(Department), rows)
    await session.commit()
    loaded = []
    event.listen(Department, "load", lambda *_: loaded.append(1))
    with count_statements() as statements:
        answer = await client.get("/data/departments", headers=admin)
    assert len(answer.json()) >= 5_000
    assert loaded == []
    assert statements.count == 2, statements.sql  # who asks, and the list
