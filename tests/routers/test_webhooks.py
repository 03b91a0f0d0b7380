"""Webhooks: who registers them, what they are sent, and what happens when nobody answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from standardwebhooks.webhooks import Webhook as Verifier

from kitsu_api.db.base import now
from kitsu_api.db.models import ApiEvent, Message, ProjectPersonLink, Webhook, WebhookDelivery
from kitsu_api.db.repositories.webhooks import Webhooks
from kitsu_api.services.webhook_delivery import DELAYS, OFF_AFTER
from kitsu_api.workers import webhook_calls
from kitsu_api.workers.webhook_calls import WebhookCalls
from tests import factories
from tests.workers.receiver import receiver

PATH = "/data/webhooks"
CLOSED = (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/secret"), ("GET", "/deliveries"))


@pytest.fixture
def calls(app, configure, monkeypatch) -> WebhookCalls:
    """A worker that may call this machine, one call at a time: tests share a connection."""
    monkeypatch.setattr(webhook_calls, "AT_ONCE", 1)
    configure(webhooks_allow_private=True)
    return WebhookCalls(app.state.jobs)


async def work(calls: WebhookCalls) -> None:
    """All that a worker has to do now."""
    while await calls.dispatch():
        continue
    while await calls.make() or calls._running:
        await calls.settled()


async def register(client, headers, url, **more):
    answer = await client.post(PATH, json={"name": "Farm", "url": url, **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def deliveries(client, headers, hook) -> list[dict]:
    answer = await client.get(f"{PATH}/{hook['id']}/deliveries", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def make_due(session) -> None:
    await session.execute(update(WebhookDelivery).values(next_attempt_at=now()))
    await session.commit()


async def test_a_call_is_signed_and_says_what_happened(client, as_role, make, calls):
    film = await make(factories.project())
    manager = await as_role("manager", on=film)
    async with receiver() as server:
        hook = await register(client, manager, server.url, project_id=str(film.id))
        event = await make(ApiEvent(name="task:update", project_id=film.id, data={"task_id": "1"}))
        await work(calls)
        await work(calls)
    (request,) = server.received
    payload = Verifier(hook["secret"]).verify(request.body, request.headers)
    assert (payload["type"], payload["data"]) == ("task:update", {"task_id": "1"})
    assert (payload["event_id"], payload["project_id"]) == (str(event.id), str(film.id))
    (delivery,) = await deliveries(client, manager, hook)
    assert (delivery["status"], delivery["attempts"], delivery["response_status"]) == ("sent", 1, 200)
    assert delivery["id"] == request.headers["webhook-id"]


async def test_the_secret_is_shown_once(client, as_role, calls):
    admin = await as_role("admin")
    own = "whsec_" + "QUJD" * 10
    hook = await register(client, admin, "http://127.0.0.1:1", secret=own)
    assert hook["secret"] == own
    for answer in (
        await client.get(PATH, headers=admin),
        await client.get(f"{PATH}/{hook['id']}", headers=admin),
        await client.put(f"{PATH}/{hook['id']}", json={"name": "B"}, headers=admin),
    ):
        assert answer.status_code == 200
        assert "secret" not in answer.text
        assert "whsec_" not in answer.text
    changed = await client.post(f"{PATH}/{hook['id']}/secret", json={}, headers=admin)
    assert changed.json()["secret"] not in ("", own)


async def test_only_what_is_asked_for_and_only_what_the_owner_may_see_is_told(
    client, as_role, make, calls, session
):
    film, other = await make(factories.project()), await make(factories.project())
    admin, manager = await as_role("admin"), await as_role("manager", on=[film, other])
    async with receiver() as server:
        before = await make(ApiEvent(name="task:new", project_id=film.id, data={}))
        await register(client, manager, server.url + "/film", project_id=str(film.id))
        await register(client, admin, server.url + "/tasks", event_names=["task:*", "asset:new"])
        rows = [("task:new", film), ("task:update", other), ("asset:new", None), ("asset:update", film)]
        for name, project in rows:
            await make(ApiEvent(name=name, project_id=project.id if project else None, data={}))
        await work(calls)
        told = {(request.path, request.json["type"]) for request in server.received}
        assert told == {
            ("/film", "task:new"),
            ("/film", "asset:update"),
            ("/tasks", "task:new"),
            ("/tasks", "task:update"),
            ("/tasks", "asset:new"),
        }
        assert str(before.id) not in {request.json["event_id"] for request in server.received}
        server.received.clear()
        link = ProjectPersonLink.person_id == manager.person.id
        await session.execute(update(ProjectPersonLink).where(link).values(role="user"))
        await session.commit()
        await client.put(f"/data/persons/{manager.person.id}", json={"active": False}, headers=admin)
        await make(ApiEvent(name="asset:update", project_id=film.id, data={}))
        await work(calls)
        assert server.received == []


async def test_a_call_that_waits_is_not_made_for_somebody_who_has_left(client, as_role, make, calls, session):
    film = await make(factories.project())
    manager, admin = await as_role("manager", on=film), await as_role("admin")
    async with receiver() as server:
        hook = await register(client, manager, server.url, project_id=str(film.id))
        await make(ApiEvent(name="task:new", project_id=film.id, data={}))
        await calls.dispatch()
        gone = await client.delete(f"/data/projects/{film.id}/team/{manager.person.id}", headers=admin)
        assert gone.status_code == 204
        await work(calls)
    assert server.received == []
    (delivery,) = await deliveries(client, admin, hook)
    assert delivery["status"] == "failed"


async def test_a_call_that_fails_is_made_again_later_and_later_and_then_no_more(
    client, as_role, make, calls, session
):
    admin = await as_role("admin")
    async with receiver() as server:
        server.answer = lambda _: (500, {})
        hook = await register(client, admin, server.url)
        await make(ApiEvent(name="task:new", data={}))
        for attempt in range(1, len(DELAYS) + 2):
            before = now()
            await work(calls)
            assert len(server.received) == attempt
            (row,) = (await session.scalars(select(WebhookDelivery))).all()
            await session.refresh(row)
            if attempt <= len(DELAYS):
                delay = (row.next_attempt_at - before).total_seconds()
                assert DELAYS[attempt - 1] <= delay < DELAYS[attempt - 1] + 30
                await make_due(session)
        assert (row.status, row.next_attempt_at, row.response_status) == ("failed", None, 500)
        assert len({request.headers["webhook-id"] for request in server.received}) == 1

        server.answer = lambda _: (200, {})
        path = f"{PATH}/{hook['id']}/deliveries/{row.id}/redeliver"
        assert (await client.post(path, headers=admin)).json()["status"] == "waiting"
        await work(calls)
        (delivery,) = await deliveries(client, admin, hook)
        assert (delivery["status"], delivery["error"]) == ("sent", None)
        assert (await client.get(f"{PATH}/{hook['id']}", headers=admin)).json()["failing_since"] is None


@pytest.mark.parametrize(("status", "days"), [(500, OFF_AFTER.days), (410, 0)])
async def test_a_webhook_that_is_dead_is_switched_off_and_its_owner_told(
    client, as_role, make, calls, session, status, days
):
    admin = await as_role("admin")
    async with receiver() as server:
        server.answer = lambda _: (status, {})
        hook = await register(client, admin, server.url)
        if days:
            since = now() - timedelta(days=days, minutes=1)
            await session.execute(update(Webhook).values(failing_since=since))
            await session.commit()
        await make(ApiEvent(name="task:new", data={}), ApiEvent(name="task:new", data={}))
        await work(calls)
        shown = (await client.get(f"{PATH}/{hook['id']}", headers=admin)).json()
        assert shown["active"] is False
        assert shown["disabled_reason"]
        messages = (await session.scalars(select(Message))).all()
        assert [(row.person_id, row.kind) for row in messages] == [(admin.person.id, "webhook-disabled")]
        await make(ApiEvent(name="task:new", data={}))
        known = len(server.received)
        await work(calls)
        assert len(server.received) == known
        on = await client.put(f"{PATH}/{hook['id']}", json={"active": True}, headers=admin)
        assert (on.json()["active"], on.json()["failing_since"]) == (True, None)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "http://localhost", "http://169.254.169.254/", "http://10.1.2.3", "ftp://x", "x"],
)
async def test_addresses_within_are_refused_at_the_door_and_when_they_are_called(
    client, as_role, make, app, session, url
):
    admin = await as_role("admin")
    refused = await client.post(PATH, json={"name": "x", "url": url}, headers=admin)
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("url:")


async def test_what_pointed_elsewhere_when_it_was_registered_is_not_called(
    client, as_role, make, calls, configure, app
):
    admin = await as_role("admin")
    async with receiver() as server:
        hook = await register(client, admin, server.url)
        configure(webhooks_allow_private=False)
        await make(ApiEvent(name="task:new", data={}))
        await work(WebhookCalls(app.state.jobs))
        assert server.connections == 0
    (delivery,) = await deliveries(client, admin, hook)
    assert "may not be called" in delivery["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "url": "http://127.0.0.1:1"},
        {"name": "x"},
        {"name": "x", "url": "http://127.0.0.1:1", "event_names": ["Task"]},
        {"name": "x", "url": "http://127.0.0.1:1", "secret": "short"},
        {"name": "x", "url": "http://127.0.0.1:1", "project_id": "00000000-0000-4000-8000-000000000000"},
    ],
)
async def test_what_makes_no_webhook_is_refused(client, as_role, calls, body):
    assert (await client.post(PATH, json=body, headers=await as_role("admin"))).status_code == 400


async def test_managers_have_webhooks_for_their_productions_and_admins_for_all(client, as_role, make, calls):
    film, other = await make(factories.project()), await make(factories.project())
    admin, manager = await as_role("admin"), await as_role("manager", on=film)
    url = "http://127.0.0.1:1"
    own = await register(client, manager, url, project_id=str(film.id))
    foreign = await register(client, admin, url, project_id=str(other.id))
    studio = await register(client, admin, url)
    for project_id in (str(other.id), None):
        body = {"name": "x", "url": url, "project_id": project_id}
        assert (await client.post(PATH, json=body, headers=manager)).status_code == 403
    listed = (await client.get(PATH, headers=manager)).json()
    assert [row["id"] for row in listed] == [own["id"]]
    assert len((await client.get(PATH, headers=admin)).json()) == 3
    for hook in (foreign, studio):
        for method, path in (
            ("GET", ""),
            ("PUT", ""),
            ("DELETE", ""),
            ("POST", "/secret"),
            ("GET", "/deliveries"),
        ):
            answer = await client.request(method, f"{PATH}/{hook['id']}{path}", json={}, headers=manager)
            assert answer.status_code == 403, (method, path)
    for role in ("supervisor", "user", "client", "vendor"):
        assert (await client.get(PATH, headers=await as_role(role, on=film))).status_code == 403
    assert (await client.delete(f"{PATH}/{own['id']}", headers=manager)).status_code == 204
    assert (await client.get(f"{PATH}/{own['id']}", headers=admin)).status_code == 404


async def test_a_worker_that_dies_over_a_call_leaves_it_to_the_next(client, as_role, make, calls, session):
    admin = await as_role("admin")
    async with receiver() as server:
        await register(client, admin, server.url)
        await make(ApiEvent(name="task:new", data={}))
        await calls.dispatch()
        async with calls._context.unit_of_work() as uow:
            assert len(await Webhooks(uow.session).claim_due(9, 9, timedelta(seconds=60))) == 1
        await work(calls)
        assert server.received == [], "the lease of the dead one lasts"
        await make_due(session)
        await work(calls)
        assert len(server.received) == 1
