"""Numbers for Prometheus."""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from kitsu_api.errors import NotFound, Unauthorized, errors
from kitsu_api.observability.metrics import CONTENT_TYPE, Metrics, Numbers
from kitsu_api.permissions.authentication import AppSettings, Valkey
from kitsu_api.services.health import Health, read_health
from kitsu_api.settings import Settings
from kitsu_api.workers.register import QUEUES

router = APIRouter(tags=["Status"])


def _check_token(settings: Settings, authorization: str) -> None:
    """Raises Unauthorized unless the token of the settings is shown, where they have one."""
    if settings.metrics_token is None:
        return
    wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
    if not hmac.compare_digest(wanted.encode(), authorization.encode()):
        raise Unauthorized("Send the token of KITSU_METRICS_TOKEN.")


def _numbers(health: Health) -> Numbers:
    """What is read at a scrape."""
    database = health.database
    numbers: dict[tuple[str, str], dict[tuple[tuple[str, str], ...], float]] = {
        ("kitsu_up", "Whether a part answers."): {
            (("part", "database"),): float(database is not None),
            (("part", "valkey"),): float(health.valkey is not None),
        },
        ("kitsu_queue_messages", "Messages that wait for a worker."): {
            (("queue", queue.name),): float(queue.waiting) for queue in health.queues
        },
        ("kitsu_queue_served", "Whether a worker was heard of within half a minute."): {
            (("queue", queue.name),): float(queue.served) for queue in health.queues
        },
        ("kitsu_jobs", "Jobs that are queued or running, or ended within a day."): {
            (("queue", count.queue), ("status", count.status)): float(count.number) for count in health.counts
        },
        ("kitsu_oldest_queued_job_seconds", "Age of the oldest job that waits."): {
            (("queue", count.queue),): count.oldest for count in health.counts if count.status == "queued"
        },
    }
    if database is not None:
        numbers[("kitsu_database_bytes", "Size of the database.")] = {(): float(database["bytes"])}
        connections = float(database["connections"])
        numbers[("kitsu_database_connections", "Connections to the database, of anybody.")] = {
            (): connections
        }
    if health.storage.free is not None:
        numbers[("kitsu_storage_free_bytes", "Free space where files lie.")] = {
            (): float(health.storage.free)
        }
    return numbers


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        **errors(NotFound, Unauthorized),
        200: {
            "description": "Prometheus text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
    },
    operation_id="get_metrics",
    summary="Get metrics",
)
async def get_metrics(
    request: Request, settings: AppSettings, valkey: Valkey, authorization: Annotated[str, Header()] = ""
) -> Response:
    """Requests and their latency by route, connections, queues, jobs and sockets, for Prometheus. There are
    none unless the setting PROMETHEUS_METRICS_ENABLED says so. A token may be asked for."""
    metrics: Metrics | None = request.app.state.metrics
    if metrics is None:
        raise NotFound
    _check_token(settings, authorization)
    health = await read_health(request.app.state.sessions, valkey, settings, QUEUES, whole=False)
    body = await asyncio.to_thread(metrics.text, _numbers(health))
    return Response(body, media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})
