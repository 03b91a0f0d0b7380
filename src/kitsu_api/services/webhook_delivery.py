"""Webhooks: which events each is told, and what follows when a call succeeds or fails."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from kitsu_api.db.base import now
from kitsu_api.db.models import DeliveryStatus, Webhook
from kitsu_api.db.repositories.actors import ActorRow, find_actors
from kitsu_api.db.repositories.event_feed import LogEntry
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.webhooks import DueDelivery, Webhooks
from kitsu_api.permissions.authentication import actor_of_row
from kitsu_api.permissions.policies.events import hears
from kitsu_api.services import outside
from kitsu_api.services.notices import tell_of_disabled_webhook
from kitsu_api.services.outside import Outcome
from kitsu_api.services.signatures import signed_headers
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork

DELAYS = (5, 30, 120, 600, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 24 * 3_600)
"""Seconds between one attempt and the next; after the last the call has failed."""

OFF_AFTER = timedelta(days=3)
"""How long a webhook may fail without one success before it is switched off."""

NOT_THERE = 410
"""The answer by which the other side says that it wants no more."""


def wants(webhook: Webhook, entry: LogEntry) -> bool:
    """Whether an event is one that a webhook is called for."""
    if entry.event_id is None or entry.sequence <= webhook.since_sequence:
        return False
    if webhook.project_id is not None and webhook.project_id != entry.audience_id:
        return False
    names = webhook.event_names
    return not names or entry.name in names or f"{entry.name.partition(':')[0]}:*" in names


def may_be_told(owner: ActorRow | None, audience_id: UUID | None, for_managers: bool) -> bool:
    """Whether the owner of a webhook may hear of an event now."""
    actor = actor_of_row(owner) if owner is not None else None
    return actor is not None and hears(actor, audience_id, for_managers=for_managers)


def payload_of(entry: LogEntry) -> dict[str, Any]:
    """What a webhook is told of an event: ids, as listeners are."""
    return {
        "type": entry.name,
        "timestamp": f"{entry.created_at.isoformat(timespec='seconds')}Z",
        "sequence": entry.sequence,
        "event_id": str(entry.event_id),
        "project_id": str(entry.project_id) if entry.project_id else None,
        "user_id": str(entry.user_id) if entry.user_id else None,
        "data": entry.data,
    }


async def dispatch(uow: UnitOfWork, entries: Sequence[LogEntry]) -> None:
    """Note the calls that events bring about."""
    webhooks = Webhooks(uow.session)
    active = await webhooks.active()
    if not active:
        return
    owners = await find_actors(uow.session, {webhook.owner_id for webhook in active})
    await webhooks.add_deliveries(
        [
            {
                "webhook_id": webhook.id,
                "sequence": entry.sequence,
                "event_name": entry.name,
                "audience_id": entry.audience_id,
                "for_managers": entry.for_managers,
                "payload": payload_of(entry),
                "next_attempt_at": now(),
                "created_at": now(),
                "updated_at": now(),
            }
            for entry in entries
            for webhook in active
            if wants(webhook, entry)
            and may_be_told(owners.get(webhook.owner_id), entry.audience_id, entry.for_managers)
        ]
    )


async def attempt(settings: Settings, delivery: DueDelivery) -> Outcome:
    """Make a call; never raises."""
    body = orjson.dumps(delivery.payload)
    headers = signed_headers(delivery.secret, str(delivery.id), int(time.time()), body)
    return await outside.call(delivery.url, body, headers, allow_private=settings.webhooks_allow_private)


async def withdraw(uow: UnitOfWork, delivery: DueDelivery) -> None:
    """Make a call no more: its owner may no longer hear of the event."""
    values = {
        "status": DeliveryStatus.FAILED.value,
        "next_attempt_at": None,
        "error": "The owner of the webhook may no longer see this production.",
    }
    await Webhooks(uow.session).note_outcome(delivery, values)


async def settle(uow: UnitOfWork, delivery: DueDelivery, outcome: Outcome) -> None:
    """Write down what became of a call, and when it is tried again.

    A webhook that has not worked for days is switched off, and its owner told.
    """
    webhooks = Webhooks(uow.session)
    values: dict[str, Any] = {
        "response_status": outcome.status,
        "error": outcome.error,
        "duration_ms": outcome.duration_ms,
        "next_attempt_at": None,
    }
    if outcome.ok:
        await webhooks.note_outcome(delivery, values | {"status": DeliveryStatus.SENT.value})
        await webhooks.note_success(delivery.webhook_id)
        return
    if delivery.attempts <= len(DELAYS):
        values["next_attempt_at"] = now() + timedelta(seconds=DELAYS[delivery.attempts - 1])
    else:
        values["status"] = DeliveryStatus.FAILED.value
    await webhooks.note_outcome(delivery, values)
    since = await webhooks.note_failure(delivery.webhook_id)
    if since is None:
        return
    if outcome.status == NOT_THERE:
        await _switch_off(uow, delivery, "The other side answered 410: it wants no more calls.")
    elif now() - since >= OFF_AFTER:
        await _switch_off(uow, delivery, f"No call has succeeded for {OFF_AFTER.days} days: {outcome.error}")


async def _switch_off(uow: UnitOfWork, delivery: DueDelivery, reason: str) -> None:
    if await Webhooks(uow.session).switch_off(delivery.webhook_id, reason):
        webhook = await Records(uow.session, Webhook).find(delivery.webhook_id)
        if webhook is not None:
            await tell_of_disabled_webhook(uow, webhook, reason)
