"""What operators see: ids of requests, logs, slow requests and statements, metrics, traces; no secrets."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import httpx
import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from kitsu_api.app import connect, create_app
from kitsu_api.db.engine import make_engine
from kitsu_api.observability import reporting
from kitsu_api.observability.logs import JsonFormatter
from kitsu_api.observability.metrics import Metrics
from kitsu_api.observability.requests import Observation, ObservingMiddleware, request_id
from kitsu_api.observability.statements import log_slow_statements
from tests import live


@pytest.fixture
async def observed(settings, sessions, valkey):
    """`await observed(slow_request_ms=1)`: a client of an application with these settings, and the app."""
    opened = []

    async def build(**changes):
        app = create_app(settings.model_copy(update=changes))
        connect(app, sessions, valkey)
        transport = ASGITransport(app, raise_app_exceptions=False)
        opened.append(AsyncClient(transport=transport, base_url="http://test"))
        return opened[-1], app

    yield build
    for client in opened:
        await client.aclose()


async def test_an_answer_names_its_request(client):
    first, second = [(await client.get("/")).headers["x-request-id"] for _ in range(2)]
    assert first != second
    assert len(first) == 16


async def test_the_id_of_a_caller_is_kept(client):
    answer = await client.get("/data/nothing", headers={"X-Request-ID": "proxy-1.2_3"})
    assert answer.headers["x-request-id"] == "proxy-1.2_3"


@pytest.mark.parametrize("bad", ["x" * 129, "a b", "<script>", "é".encode()])
async def test_an_id_that_could_spoil_a_log_is_replaced(client, bad):
    answer = await client.get("/", headers={"X-Request-ID": bad})
    assert len(answer.headers["x-request-id"]) == 16


async def test_a_fault_of_the_server_names_its_request_too(observed):
    client, app = await observed()
    app.state.sessions = None
    answer = await client.get("/data/projects", headers={"X-Request-ID": "find-me"})
    assert answer.status_code in (401, 500)
    app.state.jobs = app.state.valkey = None
    answer = await client.post("/auth/login", json={"email": "a@b.example", "password": "x"})
    assert answer.status_code == 500
    assert len(answer.headers["x-request-id"]) == 16


def test_a_line_of_the_log_is_an_object_with_the_request():
    token = request_id.set("abc")
    try:
        record = logging.LogRecord("kitsu_api.x", logging.WARNING, "f", 1, "two\nlines of %s", ("it",), None)
        line = JsonFormatter().format(record)
    finally:
        request_id.reset(token)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["message"], told["request_id"]) == ("warning", "two\nlines of it", "abc")
    assert told["time"].endswith("+00:00")


async def test_a_slow_request_is_logged_by_its_route_alone(observed, caplog):
    client, app = await observed(slow_request_ms=1)
    app.router.middleware_stack = slowly(app.router.middleware_stack)
    await client.get("/shared/playlists/a-secret-token?key=hidden")
    slow = [record.getMessage() for record in caplog.records if "Slow request" in record.getMessage()]
    assert len(slow) == 1
    assert "GET /shared/playlists/{" in slow[0]
    assert "a-secret-token" not in slow[0]
    assert "hidden" not in slow[0]


def slowly(app):
    async def late(scope, receive, send):
        await asyncio.sleep(0.005)
        await app(scope, receive, send)

    return late


async def test_a_quick_statement_is_not_logged(settings, caplog):
    engine = make_engine(settings)
    log_slow_statements(engine, 60_000)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await engine.dispose()
    assert "Slow statement" not in caplog.text


async def test_a_quick_request_is_not(observed, caplog):
    client, _ = await observed(slow_request_ms=60_000)
    await client.get("/")
    assert "Slow request" not in caplog.text


async def test_a_slow_statement_is_logged_without_its_values(settings, caplog):
    engine = make_engine(settings)
    log_slow_statements(engine, 20)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_sleep(0.03), :secret"), {"secret": "hidden"})
    await engine.dispose()
    # on a busy machine what a new connection asks may be slow as well
    slow = [record.getMessage() for record in caplog.records if "pg_sleep" in record.getMessage()]
    assert len(slow) == 1
    assert "Slow statement" in slow[0]
    assert "hidden" not in slow[0]


async def test_there_are_no_metrics_unless_a_setting_says_so(client):
    assert (await client.get("/metrics")).status_code == 404


async def test_metrics_count_requests_by_route(observed, as_role):
    client, _ = await observed(metrics_enabled=True)
    headers = await as_role("admin")
    for id in ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"):
        await client.get(f"/data/tasks/{id}", headers=headers)
    await client.get("/no/such/path-of-mine")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert any(
        line.startswith('kitsu_requests_total{method="GET",route="/data/tasks/{')
        and 'status="404"' in line
        and line.endswith(" 2.0")
        for line in lines
    ), answer.text
    assert any('route="(no route)"' in line for line in lines)
    assert "path-of-mine" not in answer.text
    assert any(line.startswith("kitsu_request_seconds_bucket") for line in lines)
    for name in ("kitsu_queue_messages", "kitsu_queue_served"):
        assert f'{name}{{queue="quick"}} 0.0' in lines
    assert 'kitsu_up{part="database"} 1.0' in lines
    assert any(line.startswith("kitsu_database_bytes ") for line in lines)


async def test_metrics_may_ask_for_a_token(observed):
    client, _ = await observed(metrics_enabled=True, metrics_token=SecretStr("let me see"))
    assert (await client.get("/metrics")).status_code == 401
    assert (await client.get("/metrics", headers={"authorization": "Bearer wrong"})).status_code == 401
    assert (await client.get("/metrics", headers={"authorization": "Bearer let me see"})).status_code == 200


async def test_connections_of_the_pool_and_listeners_are_counted(settings):
    metrics, engine = Metrics(), make_engine(settings)
    metrics.watch_pool(engine)
    metrics.note_sockets(3)
    async with engine.connect():
        told = metrics.text({}).decode()
    assert 'kitsu_pool_connections{state="in_use"} 1.0' in told
    assert "kitsu_sockets 3.0" in told
    await engine.dispose()
    told = metrics.text({}).decode()
    assert 'kitsu_pool_connections{state="in_use"} 0.0' in told
    assert 'kitsu_pool_connections{state="open"} 0.0' in told


def test_processes_on_one_port_count_together(migrated_database, valkey_url, tmp_path):
    settings = {"PROMETHEUS_METRICS_ENABLED": "true", "TMPDIR": str(tmp_path)}
    with live.serving(migrated_database, valkey_url, tmp_path, "--workers", "2", **settings) as address:
        for _ in range(20):
            assert httpx.get(f"{address}/status/resources").status_code == 200
        for _ in range(4):
            told = httpx.get(f"{address}/metrics").text
            counted = 'kitsu_requests_total{method="GET",route="/status/resources",status="200"} 20.0'
            assert counted in told
    assert list(tmp_path.glob("kitsu-metrics-*")) == []


async def test_an_unknown_method_makes_no_series_of_its_own(observed):
    client, _ = await observed(metrics_enabled=True)
    await client.request("MADEUP", "/")
    assert "MADEUP" not in (await client.get("/metrics")).text


async def test_observing_costs_next_to_nothing_while_it_is_off():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        pass

    observing = ObservingMiddleware(app)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"accept", b"*/*")] * 10}
    best = 1.0
    for _ in range(5):
        began = time.process_time()
        for _ in range(500):
            await observing(scope, None, send)
        best = min(best, (time.process_time() - began) / 500)
    assert best < 0.0001


def test_what_is_sent_to_sentry_holds_no_secrets():
    happening = {
        "request": {
            "url": "https://studio.example/shared/playlists/token",
            "query_string": "token=x",
            "cookies": {"access_token_cookie": "x"},
            "data": {"password": "x"},
            "headers": {"Authorization": "Bearer x", "Cookie": "x", "Accept": "y"},
        }
    }
    assert reporting._without_secrets(happening, {}) == {"request": {"headers": {"Accept": "y"}}}


def test_sentry_is_asked_for_where_it_is_missing(settings, monkeypatch):
    changed = settings.model_copy(update={"sentry_enabled": True, "sentry_dsn": SecretStr("https://a@b/1")})
    monkeypatch.setitem(__import__("sys").modules, "sentry_sdk", None)
    with pytest.raises(RuntimeError, match=r"kitsu-api\[sentry\]"):
        reporting.start_sentry(changed)
    assert reporting.start_sentry(settings) is False


async def test_a_request_is_a_span_of_its_callers_trace(observed):
    pytest.importorskip("opentelemetry.sdk.trace")
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    client, app = await observed(otlp_endpoint="http://127.0.0.1:9")
    seen = InMemorySpanExporter()
    # in place of the one that would send them
    processors = app.state.traces.provider._active_span_processor
    processors._span_processors = (SimpleSpanProcessor(seen),)
    trace = "0af7651916cd43dd8448eb211c80319c"
    await client.get("/status", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    (span,) = seen.get_finished_spans()
    assert span.name == "GET /status"
    assert f"{span.context.trace_id:032x}" == trace
    assert span.attributes["http.response.status_code"] == 200


def test_an_observation_is_small():
    assert not hasattr(Observation("GET", "/", 200, 0.1), "__dict__")
