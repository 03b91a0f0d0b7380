"""One spelling of each path, and the headers that every answer carries."""

from __future__ import annotations

import pytest

from kitsu_api.middleware import plain_path


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("/data/tasks", "/data/tasks"),
        ("/data/tasks/", "/data/tasks"),
        ("/api/data/tasks/", "/data/tasks"),
        ("/api", "/"),
        ("/api/", "/"),
        ("/", "/"),
        ("/apidocs", "/apidocs"),
        ("/api/apidocs", "/apidocs"),
        ("/socket.io/", "/socket.io/"),
        ("/api/socket.io/", "/socket.io/"),
        ("//data//", "//data"),
    ],
)
def test_a_path_has_one_spelling(asked, served):
    assert plain_path(asked) == served


@pytest.mark.parametrize("path", ["/data/departments", "/data/departments/", "/api/data/departments/"])
async def test_every_spelling_answers_without_a_redirect(client, as_role, path):
    answer = await client.get(path, headers=await as_role("user"))
    assert answer.status_code == 200
    assert answer.history == []


@pytest.mark.parametrize("path", ["/data/persons", "/no-such-thing", "/"])
async def test_answers_can_not_be_framed_or_guessed_at(client, path):
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "origin" in headers["referrer-policy"], "no address of a page here is told to others"
    assert "frame-ancestors" in headers["content-security-policy"]


async def test_what_is_somebodys_is_not_kept_by_proxies(client, as_role):
    answer = await client.get("/data/persons", headers=await as_role("admin"))
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["/docs/", "/apidocs/", "/redoc/", "/api/docs/"])
async def test_a_page_of_documentation_with_a_slash_is_redirected_to_where_its_assets_are(client, path):
    answer = await client.get(path, follow_redirects=False)
    assert answer.status_code == 307
    page = await client.get(path, follow_redirects=True)
    assert page.status_code == 200
    assert str(page.url) == f"http://test{path.rstrip('/')}"


@pytest.mark.parametrize("path", ["/", "/api", "/api/"])
async def test_head_answers_as_get_does_without_a_body(client, path):
    told, shown = await client.head(path), await client.get(path)
    assert (told.status_code, told.content) == (200, b"")
    own = "x-request-id"  # of each request another
    assert told.headers.pop(own) != shown.headers.pop(own)
    assert told.headers == shown.headers


async def test_head_refuses_as_get_does(client):
    assert (await client.head("/data/projects")).status_code == 401
    assert (await client.head("/nowhere")).status_code == 404
