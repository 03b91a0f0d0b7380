"""The dashboard: for admins alone, true, escaped, live, and able to act on jobs."""

from __future__ import annotations

import re

import orjson
import pytest
from fastapi import Request

from kitsu_api import __version__
from kitsu_api.db.base import now
from kitsu_api.db.models import JobStatus
from kitsu_api.permissions import tokens
from kitsu_api.routers import dashboard
from tests import factories
from tests.routers.auth.steps import BROWSER

PATHS = ["/status/dashboard", "/status/dashboard/stream", "/status/dashboard/dashboard.js"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["user", "supervisor", "manager", "client", "vendor"])
async def test_it_is_for_admins_alone(client, as_role, path, role):
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=await as_role(role))).status_code == 403


async def test_an_admin_sees_each_part(client, as_role):
    answer = await client.get("/status/dashboard", headers=await as_role("admin"))
    assert answer.status_code == 200
    page = re.sub(r"\s+", " ", answer.text)
    for part in ("PostgreSQL", "Valkey", "Worker, quick jobs", "Worker, media jobs", "Storage", __version__):
        assert part in page
    assert '<span class="well">answers</span>' in page
    assert "of 100 connections" in page or "connections" in page


async def test_a_browser_is_let_in_by_its_cookie(client, make, app):
    await make(factories.person(role="admin", email="ada@studio.test"))
    body = {"email": "ada@studio.test", "password": factories.PASSWORD}
    await client.post("/auth/login", json=body, headers=BROWSER)
    assert (await client.get("/api/status/dashboard")).status_code == 200


async def test_nothing_but_its_own_files_may_run_on_it(client, as_role):
    headers = await as_role("admin")
    page = await client.get("/status/dashboard", headers=headers)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert "<script>" not in page.text
    assert " style=" not in page.text
    for name, kind in (("dashboard.js", "text/javascript"), ("dashboard.css", "text/css")):
        asset = await client.get(f"/status/dashboard/{name}", headers=headers)
        assert asset.headers["content-type"].startswith(kind)
    assert (await client.get("/status/dashboard/page.html", headers=headers)).status_code == 404


async def test_what_strangers_wrote_is_escaped(client, as_role, make):
    bad = "<img src=x onerror=alert(1)>"
    job = await make(
        factories.job(kind="import_csv", status=JobStatus.FAILED.value, ended_at=now(), error=bad)
    )
    page = (await client.get("/status/dashboard", headers=await as_role("admin"))).text
    assert bad not in page
    assert "&lt;img src=x" in page
    assert f'data-job="{job.id}" data-action="retry"' in page


async def test_jobs_that_go_on_can_be_cancelled_and_those_that_succeeded_are_not_shown(client, as_role, make):
    running, gone = await make(
        factories.job(status=JobStatus.RUNNING.value),
        factories.job(status=JobStatus.SUCCEEDED.value, ended_at=now()),
    )
    page = (await client.get("/status/dashboard", headers=await as_role("admin"))).text
    assert f'data-job="{running.id}" data-action="cancel"' in page
    assert str(gone.id) not in page


async def test_its_statements_do_not_grow_with_the_jobs(client, as_role, make, count_statements):
    headers = await as_role("admin")
    with count_statements() as few:
        await client.get("/status/dashboard", headers=headers)
    await make(*(factories.job(status=JobStatus.RUNNING.value) for _ in range(8)))
    with count_statements() as many:
        await client.get("/status/dashboard", headers=headers)
    assert many.count == few.count


async def test_a_slash_at_the_end_leads_to_the_page(client, as_role):
    answer = await client.get("/status/dashboard/", headers=await as_role("admin"), follow_redirects=True)
    assert (answer.status_code, str(answer.url)) == (200, "http://test/status/dashboard")


async def test_the_page_goes_on_until_its_reader_is_no_admin_any_more(
    app, as_role, session, settings, monkeypatch
):
    monkeypatch.setattr(dashboard, "EVERY", 0)
    headers = await as_role("admin")
    claims = tokens.read(settings, headers.token)
    request = Request({"type": "http", "app": app, "headers": []})
    frames = (await dashboard.stream_dashboard(request, None, claims)).body_iterator
    first = await anext(frames)
    assert first.startswith(b"event: parts\ndata: ")
    assert "PostgreSQL" in orjson.loads(first.split(b"data: ")[1])
    person = await session.merge(headers.person)
    person.role = "user"
    await session.commit()
    assert [frame async for frame in frames] == []


async def test_a_part_that_is_away_is_shown_and_does_not_break_the_page(app, client, as_role, monkeypatch):
    headers = await as_role("admin")

    async def broken(*_args, **_keywords):
        raise OSError("away")

    monkeypatch.setattr("kitsu_api.services.health._read_database", broken)
    page = await client.get("/status/dashboard", headers=headers)
    assert page.status_code == 200
    assert '<span class="unwell">away</span>' in page.text
