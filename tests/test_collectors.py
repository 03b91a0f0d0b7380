"""What leaves the server for Sentry and for a collector of traces: received by a stand-in on this machine."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import brotli
import pytest
import sentry_sdk
from httpx import ASGITransport, AsyncClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr

from kitsu_api.app import connect, create_app
from kitsu_api.observability import reporting

PLAIN = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Collector:
    """A server that keeps what it is sent, by path."""

    def __init__(self) -> None:
        received = self.received = dict[str, list[bytes]]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                body = PLAIN[self.headers.get("content-encoding")](body)
                received.setdefault(self.path, []).append(body)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Tests say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def no_sentry() -> Iterator[None]:
    """Nothing is reported after the test."""
    yield
    sentry_sdk.get_client().close()
    sentry_sdk.init()


async def test_the_collector_gets_a_span_with_the_route_and_not_the_path(
    settings, sessions, valkey, collector
):
    app = create_app(settings.model_copy(update={"otlp_endpoint": f"http://{collector.address}"}))
    connect(app, sessions, valkey)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        await client.get("/shared/playlists/a-secret-token")
    app.state.traces.close()  # sends what waits
    (body,) = collector.received["/v1/traces"]
    request = ExportTraceServiceRequest.FromString(body)
    (span,) = (one for each in request.resource_spans for scope in each.scope_spans for one in scope.spans)
    assert span.name == "GET /shared/playlists/{token}"
    assert b"a-secret-token" not in body
    names = {one.key: one.value.string_value for one in request.resource_spans[0].resource.attributes}
    assert names["service.name"] == "kitsu-api"


async def test_sentry_gets_the_fault_and_no_secret(settings, sessions, valkey, collector, no_sentry):
    dsn = SecretStr(f"http://key@{collector.address}/1")
    changed = settings.model_copy(update={"sentry_enabled": True, "sentry_dsn": dsn})
    assert reporting.start_sentry(changed)
    app = create_app(changed)
    connect(app, sessions, valkey)

    @app.post("/broken/{token}")
    async def broken(token: str) -> None:
        password = secrets["variable"]
        raise ValueError(f"it broke after {len(password)} steps")

    # made here, for Sentry is shown the lines around a fault
    secrets = {place: uuid4().hex for place in ("variable", "path", "query", "body", "header", "cookie")}
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(
            f"/broken/{secrets['path']}?token={secrets['query']}",
            json={"password": secrets["body"]},
            headers={
                "Authorization": f"Bearer {secrets['header']}",
                "Cookie": f"access_token_cookie={secrets['cookie']}",
            },
        )
    assert answer.status_code == 500
    sentry_sdk.flush(timeout=10)
    sent = b"".join(body for bodies in collector.received.values() for body in bodies).decode()
    assert "it broke after 32 steps" in sent
    assert "/broken/{token}" in sent
    assert [place for place, secret in secrets.items() if secret in sent] == []
