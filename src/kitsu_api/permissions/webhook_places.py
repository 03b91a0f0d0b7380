"""Webhooks that a path names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Webhook
from kitsu_api.db.repositories.webhooks import Webhooks
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.policies.webhooks import manages_webhooks_of, runs_something


async def _webhook(webhook_id: UUID, session: Session) -> Webhook:
    """A webhook, locked until the request is over.

    Raises:
        NotFound: there is none.
    """
    webhook = await Webhooks(session).locked(webhook_id)
    if webhook is None:
        raise NotFound
    return webhook


def _manages(actor: Actor, webhook: Webhook) -> bool:
    return manages_webhooks_of(actor, webhook.project_id)


ManagedWebhook = Annotated[Webhook, guard(_webhook, _manages)]
WebhookManager = Annotated[Actor, allow(runs_something)]
