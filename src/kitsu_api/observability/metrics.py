"""Numbers for Prometheus.

Several processes on one port share them through files in `PROMETHEUS_MULTIPROC_DIR`, which `serve` sets: a
scrape, whichever process answers it, shows the sum.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from kitsu_api.observability.requests import Observation

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
OF_PROCESS = re.compile(r"_(\d+)\.db$")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
"""Seconds."""

Numbers = Mapping[tuple[str, str], Mapping[tuple[tuple[str, str], ...], float]]
"""Values that are read at a scrape: name and help, then labels, then the value."""


class Metrics:
    """What one process counts, and what is asked for at a scrape."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "kitsu_requests", "Requests that were answered.", ("method", "route", "status"), registry=registry
        )
        self._latency = Histogram(
            "kitsu_request_seconds",
            "How long requests took.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=registry,
        )
        self._running = self._gauge("kitsu_requests_running", "Requests that are being answered.")
        self._pool = Gauge(
            "kitsu_pool_connections",
            "Connections to PostgreSQL: open, and in use.",
            ("state",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._sockets = self._gauge("kitsu_sockets", "Clients that listen over socket.io.")

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self._registry, multiprocess_mode="livesum")

    def begin(self) -> None:
        """A request has come."""
        self._running.inc()

    def end(self, observation: Observation) -> None:
        """It was answered."""
        self._running.dec()
        labels = observation.method, observation.route
        self._requests.labels(*labels, str(observation.status)).inc()
        self._latency.labels(*labels).observe(observation.seconds)

    def watch_pool(self, engine: AsyncEngine) -> None:
        """Count the connections of an engine."""
        opened, used = self._pool.labels("open"), self._pool.labels("in_use")
        changes = {"connect": opened.inc, "close": opened.dec, "checkout": used.inc, "checkin": used.dec}
        for name, change in changes.items():
            event.listen(engine.sync_engine, name, _ignoring_arguments(change))

    def note_sockets(self, number: int) -> None:
        """So many clients listen to this process."""
        self._sockets.set(number)

    def text(self, numbers: Numbers) -> bytes:
        """All of it as Prometheus reads it. Call it in a thread: processes share what they count in files."""
        counted: Any = self._registry
        folder = os.environ.get(FOLDER)
        if folder:
            forget_dead_processes(Path(folder))
            counted = CollectorRegistry()
            MultiProcessCollector(counted, folder)  # type: ignore[no-untyped-call]  # the library's
        return generate_latest(counted) + generate_latest(_scraped(numbers))

    def close(self) -> None:
        """Take what this process holds out of the sums; what it has counted stays in them."""
        if folder := os.environ.get(FOLDER):
            mark_process_dead(os.getpid(), folder)  # type: ignore[no-untyped-call]  # the library's


def _ignoring_arguments(change: Any) -> Any:
    return lambda *arguments: change()


def _scraped(numbers: Numbers) -> CollectorRegistry:
    registry = CollectorRegistry()
    for (name, about), values in numbers.items():
        labels = [key for key, _ in next(iter(values), ())]
        gauge = _PlainGauge(name, about, labels, values)
        registry.register(gauge)
    return registry


class _PlainGauge:
    """Values that are known already, and that no file shares with other processes."""

    def __init__(
        self, name: str, about: str, labels: list[str], values: Mapping[tuple[tuple[str, str], ...], float]
    ) -> None:
        self._name, self._about, self._labels, self._values = name, about, labels, values

    def collect(self) -> list[Any]:
        """The values as the library writes them."""
        from prometheus_client.core import GaugeMetricFamily

        family = GaugeMetricFamily(self._name, self._about, labels=self._labels)
        for labels, value in self._values.items():
            family.add_metric([text for _, text in labels], value)
        return [family]


def forget_dead_processes(folder: Path) -> None:
    """Take what processes held that were killed out of the sums."""
    found = {
        int(match[1]) for path in folder.glob("gauge_live*.db") if (match := OF_PROCESS.search(path.name))
    }
    for process in found:
        if not psutil.pid_exists(process):
            mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]  # the library's
