"""Addresses, ports, proxies and limits of those who connect."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import Names, setting


class Listening(BaseSettings):
    """Addresses, ports, proxies and limits of those who connect."""

    host: str = setting("host", "DEBUG_HOST", default="127.0.0.1", about="Address the server listens on.")
    port: int = setting("port", "DEBUG_PORT", default=8000, about="Port the server listens on.")
    domain_name: str = setting(
        "domain_name", "DOMAIN_NAME", default="localhost:8080", about="Host name in links of mails."
    )
    domain_protocol: Literal["http", "https"] = setting(
        "domain_protocol", "DOMAIN_PROTOCOL", default="https", about="Scheme in links of mails."
    )
    cors_allowed_origins: Names = setting(
        "cors_allowed_origins",
        "CORS_ALLOWED_ORIGINS",
        default=(),
        about="Origins that may call from a browser with credentials; `*` allows all, without credentials.",
    )
    trusted_proxies: Names = setting(
        "trusted_proxies",
        default=("127.0.0.1", "::1"),
        about="Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    requests_at_once: int = setting(
        "requests_at_once",
        default=16,
        ge=0,
        about="Requests that each process works on at once; others wait in line. 0: any number.",
    )
    requests_waiting: int = setting(
        "requests_waiting", default=256, ge=0, about="Requests that may wait in line before a 503."
    )
    request_wait: float = setting(
        "request_wait", default=1.0, ge=0, about="Seconds that a request waits in line before a 503."
    )
    uploads_at_once: int = setting(
        "uploads_at_once",
        default=64,
        ge=0,
        about="Requests with files or large bodies that each process takes at once. 0: any number.",
    )
    log_level: str = setting("log_level", "LOGLEVEL", default="INFO", about="Lowest level that is logged.")
    log_format: Literal["text", "json"] = setting(
        "log_format", default="text", about="`json`: one object a line, with the id of the request."
    )
    slow_request_ms: int = setting(
        "slow_request_ms", default=0, ge=0, about="Log requests that take so many milliseconds; 0: none."
    )
    slow_statement_ms: int = setting(
        "slow_statement_ms",
        default=0,
        ge=0,
        about="Log SQL statements that take so many milliseconds, without their values; 0: none.",
    )
    metrics_enabled: bool = setting(
        "prometheus_metrics_enabled",
        "PROMETHEUS_METRICS_ENABLED",
        default=False,
        about="Count requests, and answer Prometheus at /metrics.",
    )
    metrics_token: SecretStr | None = setting(
        "metrics_token",
        default=None,
        about="What Prometheus has to send as bearer token; absent: /metrics is open to who reaches it.",
    )
    sentry_enabled: bool = setting(
        "sentry_enabled",
        "SENTRY_ENABLED",
        default=False,
        about="Report errors to Sentry; needs the extra `sentry`.",
    )
    sentry_dsn: SecretStr | None = setting(
        "sentry_dsn", "SENTRY_DSN", default=None, about="Where errors are reported to."
    )
    sentry_sample_rate: float = setting(
        "sentry_sr", "SENTRY_SR", default=0.1, about="Share of requests whose trace is sent to Sentry."
    )
    otlp_endpoint: str = setting(
        "otlp_endpoint",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        default="",
        about="Base address of an OpenTelemetry collector (OTLP over HTTP); needs the extra `opentelemetry`.",
    )
    debug: bool = setting("debug", "DEBUG", default=False, about="Log every SQL statement.")
    web_folder: Path | None = setting(
        "web_folder",
        "WEB_FOLDER",
        default=None,
        about="Folder of a built web client (with `index.html`) that is served at `/` beside the API.",
    )
    web_content_security_policy: str = setting(
        "web_content_security_policy",
        default="",
        about="Content-Security-Policy of the web client, in place of one that lets it load itself alone.",
    )
    temporary_folder: Path | None = setting(
        "tmp_dir", "TMP_DIR", default=None, about="Folder of temporary files; default the system's."
    )

    @property
    def web_url(self) -> str:
        """Address of the web client, without a trailing slash; links in mails start with it."""
        return f"{self.domain_protocol}://{self.domain_name}"
