"""What one client may ask of the server: how much at a time, how often, and over what."""

from __future__ import annotations

import asyncio

import pytest
from httpx import ASGITransport, AsyncClient
from redis.asyncio import Redis
from redis.exceptions import RedisError
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kitsu_api.app import connect, create_app, make_valkey
from kitsu_api.request_rates import Bucket, Taker
from tests import factories

STRANGER = ("198.51.100.7", 40_000)


@pytest.fixture
async def outside(app):
    """A client at another address than the server's."""
    async with AsyncClient(transport=ASGITransport(app, client=STRANGER), base_url="http://test") as client:
        yield client


def in_chunks(size):
    async def chunks():
        for _ in range(size // 65_536):
            yield b" " * 65_536

    return chunks()


# --- bodies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("told", [True, False])
async def test_a_large_body_is_refused_whatever_it_is_called(client, as_role, configure, kind, told):
    configure(max_json_mb=1)
    content = b" " * 2_097_152 if told else in_chunks(2_097_152)
    headers = {**await as_role("admin"), "content-type": kind}
    answer = await client.post("/data/departments", content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.json() == {"error": True, "message": "A body may have 1 MB."}


async def test_a_body_below_the_limit_passes(client, as_role, configure):
    configure(max_json_mb=1)
    body = {"name": "Modeling", "color": "#AAAAAA", "more": "x" * 900_000}
    answer = await client.post("/data/departments", json=body, headers=await as_role("admin"))
    assert answer.status_code == 201


async def test_files_have_a_limit_of_their_own(client, as_role, make, configure):
    configure(max_json_mb=1)
    film = factories.production()
    await make(*film)
    manager = await as_role("manager", on=film.project)
    path = f"/actions/tasks/{film.task.id}/comment"
    form = {"task_status_id": str(film.task_status.id), "comment": "Hello"}
    files = [("file", ("notes.txt", b"x" * 2_097_152, "text/plain"))]
    answer = await client.post(path, data=form, files=files, headers=manager)
    assert answer.status_code == 201, answer.text


# --- rates --------------------------------------------------------------------------------------------


async def test_requests_are_counted_by_address(outside, configure):
    configure(rate_limits=True, requests_per_minute_of_address=3)
    left = [(await outside.get("/config")).headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = await outside.get("/config")
    assert refused.status_code == 429
    assert refused.json()["error"] is True
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.headers["RateLimit-Limit"] == "3"
    assert 41 <= int(refused.headers["RateLimit-Reset"]) <= 60
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_requests_are_counted_by_session_as_well(outside, as_role, configure):
    configure(rate_limits=True, requests_per_minute_of_address=100, requests_per_minute_of_token=2)
    ada, bob = await as_role("user"), await as_role("user")
    statuses = [(await outside.get("/data/departments", headers=ada)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    other = await outside.get("/data/departments", headers=bob)
    assert (other.status_code, other.headers["RateLimit-Remaining"]) == (200, "1")
    cookie = {"cookie": f"access_token_cookie={ada.token}"}
    assert (await outside.get("/data/departments", headers=cookie)).status_code == 429


async def test_made_up_tokens_do_not_help(outside, configure):
    configure(rate_limits=True, requests_per_minute_of_address=3)
    answers = [
        await outside.get("/data/departments", headers={"Authorization": f"Bearer {number}"})
        for number in range(5)
    ]
    assert [answer.status_code == 429 for answer in answers] == [False] * 3 + [True] * 2


async def test_requests_of_a_moment_take_one_after_the_other_by_one_command(valkey):
    taker, shared = Taker(valkey), Bucket("kitsu:rate:test:shared", 3)
    await taker.take([Bucket("kitsu:rate:test:first", 1)])
    before = (await valkey.info("commandstats"))["cmdstat_evalsha"]["calls"]
    own = [[Bucket(f"kitsu:rate:test:{number}", 2)] for number in range(5)]
    taken = await asyncio.gather(*(taker.take([shared, *own[number]]) for number in range(5)))
    assert [one.allowed for one in taken] == [True, True, True, False, False]
    assert [one.remaining for one in taken] == [1, 1, 0, 0, 0]
    assert (await valkey.info("commandstats"))["cmdstat_evalsha"]["calls"] == before + 1
    # who was refused has taken nothing of their own
    later = await asyncio.gather(*(taker.take(own[number]) for number in (0, 4)))
    assert [one.remaining for one in later] == [0, 1]


async def test_a_valkey_that_is_away_is_told_to_every_taker():
    away = make_valkey("redis://127.0.0.1:1/0")
    asking = (Taker(away).take([Bucket("kitsu:rate:test", 1)]) for _ in range(2))
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [isinstance(error, RedisError) for error in told] == [True, True]
    await away.aclose()


async def test_a_refused_request_takes_nothing(outside, as_role, configure, valkey):
    configure(rate_limits=True, requests_per_minute_of_address=4, requests_per_minute_of_token=1)
    ada = await as_role("user")
    for _ in range(6):
        await outside.get("/data/departments", headers=ada)
    assert (await outside.get("/config")).headers["RateLimit-Remaining"] == "2"
    keys = [key async for key in valkey.scan_iter("kitsu:rate:*")]
    assert len(keys) == 2
    assert [0 < await valkey.pttl(key) <= 60_000 for key in keys] == [True, True]
    assert not any(ada.token in key or STRANGER[0] in key for key in keys)


async def test_the_limits_can_be_left_out(outside, client, configure):
    configure(rate_limits=False, requests_per_minute_of_address=1)
    answers = [await outside.get("/config") for _ in range(3)]
    configure(rate_limits=True, requests_per_minute_of_address=0)
    answers += [await outside.get("/config") for _ in range(3)]
    configure(rate_limits=True, requests_per_minute_of_address=1)
    answers += [await outside.get("/status") for _ in range(3)]
    answers += [await client.get("/config") for _ in range(3)]  # the server's own machine
    assert all("RateLimit-Limit" not in answer.headers for answer in answers)
    assert 429 not in [answer.status_code for answer in answers]


async def test_without_valkey_everybody_passes(app, outside, configure):
    configure(rate_limits=True, requests_per_minute_of_address=1)
    kept = app.state.valkey
    app.state.valkey = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    try:
        answers = [await outside.get("/config") for _ in range(3)]
    finally:
        await app.state.valkey.aclose()
        app.state.valkey = kept
    assert [answer.status_code for answer in answers] == [200] * 3


# --- headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("peer", "secure"), [("127.0.0.1", True), ("198.51.100.7", False)])
async def test_cookies_are_kept_to_tls_where_a_trusted_proxy_says_that_it_speaks_it(
    app, make, configure, peer, secure
):
    settings = configure(hsts_seconds=600)
    served = ProxyHeadersMiddleware(app, trusted_hosts=list(settings.trusted_proxies))
    person = await make(factories.person())
    headers = {"X-Forwarded-Proto": "https", "User-Agent": "Mozilla/5.0"}
    body = {"email": person.email, "password": factories.PASSWORD}
    async with AsyncClient(
        transport=ASGITransport(served, client=(peer, 1)), base_url="http://test"
    ) as client:
        answer = await client.post("/auth/login", json=body, headers=headers)
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert [cookie.lower().count("; secure") for cookie in cookies] == [int(secure)] * 2
    assert answer.headers.get("strict-transport-security") == ("max-age=600" if secure else None)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_pages_of_documentation_run_scripts_of_this_server_alone(client, path):
    policy = (await client.get(path)).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'self'" in policy


async def test_origins_that_are_named_may_read_how_many_requests_are_left(settings, sessions, valkey):
    app = create_app(settings.model_copy(update={"cors_allowed_origins": ("https://kitsu.example",)}))
    connect(app, sessions, valkey)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/config", headers={"Origin": "https://kitsu.example"})
        other = await client.get("/config", headers={"Origin": "https://evil.example"})
    assert answer.headers["access-control-allow-origin"] == "https://kitsu.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "RateLimit-Remaining" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in other.headers
