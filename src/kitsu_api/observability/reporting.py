"""Errors to Sentry and traces to OpenTelemetry, where the settings and the installation have them."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from kitsu_api import __version__
from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)

SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "x-csrf-token", "x-api-key"})


def _without_secrets(happening: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """What is sent to Sentry: no headers that sign somebody in, no bodies, queries or paths with tokens."""
    request = happening.get("request")
    if isinstance(request, dict):
        headers = request.get("headers")
        if isinstance(headers, dict):
            request["headers"] = {
                name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS
            }
        for part in ("data", "cookies", "query_string", "env", "url"):
            request.pop(part, None)
    return happening


def start_sentry(settings: Settings) -> bool:
    """Report errors to Sentry if the settings say so; whether it does.

    Raises:
        RuntimeError: they say so, and the extra `sentry` is not installed or there is no DSN.
    """
    if not settings.sentry_enabled:
        return False
    if settings.sentry_dsn is None:
        raise RuntimeError("SENTRY_ENABLED needs SENTRY_DSN.")
    sentry = _needed("sentry_sdk", "SENTRY_ENABLED", "sentry")
    sentry.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=f"kitsu-api@{__version__}",
        traces_sample_rate=settings.sentry_sample_rate,
        send_default_pii=False,
        include_local_variables=False,  # passwords and tokens are among them
        max_request_body_size="never",
        before_send=_without_secrets,
        before_send_transaction=_without_secrets,
    )
    return True


class Traces:
    """Spans of requests, sent over OTLP/HTTP."""

    def __init__(self, settings: Settings) -> None:
        extra = "KITSU_OTLP_ENDPOINT", "opentelemetry"
        resources = _needed("opentelemetry.sdk.resources", *extra)
        sdk = _needed("opentelemetry.sdk.trace", *extra)
        export = _needed("opentelemetry.sdk.trace.export", *extra)
        otlp = _needed("opentelemetry.exporter.otlp.proto.http.trace_exporter", *extra)
        named = resources.Resource.create({"service.name": "kitsu-api", "service.version": __version__})
        self.provider = sdk.TracerProvider(resource=named)
        address = f"{settings.otlp_endpoint.rstrip('/')}/v1/traces"
        self.provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter(endpoint=address)))
        self.tracer = self.provider.get_tracer("kitsu_api")
        self._propagate = importlib.import_module("opentelemetry.trace.propagation.tracecontext")
        self._trace = importlib.import_module("opentelemetry.trace")

    def close(self) -> None:
        """Send what waits."""
        self.provider.shutdown()

    def parent(self, headers: dict[str, str]) -> Any:
        """The span of the caller, as its `traceparent` header says."""
        return self._propagate.TraceContextTextMapPropagator().extract(headers)

    def set_error(self, span: Any) -> None:
        """Mark a span as failed."""
        self._trace.Span.set_status(span, self._trace.Status(self._trace.StatusCode.ERROR))


def _needed(module: str, setting: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise RuntimeError(f"{setting} needs: pip install 'kitsu-api[{extra}]'") from None
