"""What is sent to collectors of traces and errors arrives there, and holds no secrets."""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
import pytest
from httpx import ASGITransport, AsyncClient

from kitsu_api.app import connect, create_app
from tests import live

FAULTY = """
import asyncio, sys
import httpx
from kitsu_api.app import from_environment
import sentry_sdk

app = from_environment()

@app.get("/faulty/{word}")
async def faulty(word: str) -> None:
    password = "a-local-secret"
    raise RuntimeError("It broke.")

# what was added last would be asked after the catch-all
app.router.routes.insert(0, app.router.routes.pop())

async def main() -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        headers = {"Authorization": "Bearer a-secret-token", "Cookie": "access_token_cookie=a-secret-cookie"}
        answer = await client.get("/faulty/a-secret-path?token=a-secret-query", headers=headers)
        print(answer.status_code)

asyncio.run(main())
sentry_sdk.flush(10)
"""


class Receiver:
    """An HTTP server that remembers what it was sent."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                match self.headers.get("content-encoding"):
                    case "gzip":
                        body = gzip.decompress(body)
                    case "br":
                        body = brotli.decompress(body)
                received.append((self.path, body))
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                """Be silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    with contextlib.closing(made.server.socket):
        yield made
        made.server.shutdown()


async def test_spans_arrive_at_a_collector(receiver, settings, sessions, valkey):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    changes = {"otlp_endpoint": f"http://127.0.0.1:{receiver.port}"}
    app = create_app(settings.model_copy(update=changes))
    connect(app, sessions, valkey)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/config?token=a-secret", headers={"Authorization": "Bearer a-secret"})
    app.state.traces.close()
    ((path, body),) = receiver.received
    assert path == "/v1/traces"
    assert b"a-secret" not in body
    message = ExportTraceServiceRequest.FromString(body)
    (resource,) = message.resource_spans
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert named["service.name"] == "kitsu-api"
    (span,) = resource.scope_spans[0].spans
    assert span.name == "GET /config"
    attributes = {each.key: each.value for each in span.attributes}
    assert attributes["http.response.status_code"].int_value == answer.status_code
    assert span.end_time_unix_nano > span.start_time_unix_nano


def test_a_fault_arrives_at_sentry_without_secrets(receiver, tmp_path, database_url, valkey_url):
    pytest.importorskip("sentry_sdk")
    told = live.environment(database_url, valkey_url, tmp_path)
    told |= {"SENTRY_ENABLED": "true", "SENTRY_DSN": f"http://key@127.0.0.1:{receiver.port}/1"}
    done = subprocess.run(
        [sys.executable, "-c", FAULTY], env=told, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip() == "500", done.stderr
    sent = [body for path, body in receiver.received if path == "/api/1/envelope/"]
    assert sent
    assert not [secret for body in sent for secret in (b"a-secret", b"a-local-secret") if secret in body]
    events = [json.loads(line) for body in sent for line in body.splitlines() if line.startswith(b"{")]
    faults = [each["exception"]["values"][-1] for each in events if "exception" in each]
    assert [(each["type"], each["value"]) for each in faults] == [("RuntimeError", "It broke.")]
