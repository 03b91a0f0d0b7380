"""A span for each request."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kitsu_api.observability.reporting import Traces
from kitsu_api.observability.requests import FAULT, route_of


class TracingMiddleware:
    """Notes each request as a span, within the caller's trace where it names one."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self.app = app
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on within a span."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"]
        status = FAULT

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        tracer = self._traces.tracer
        with tracer.start_as_current_span(method, context=self._traces.parent(headers)) as span:
            try:
                await self.app(scope, receive, noting)
            finally:
                # known only now: the router has found it
                route = route_of(scope)
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                if status >= FAULT:
                    self._traces.set_error(span)
