"""Webhooks: addresses that are called when something happens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Webhook
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.webhooks import Webhooks
from kitsu_api.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.policies.webhooks import webhook_projects
from kitsu_api.permissions.webhook_places import ManagedWebhook, WebhookManager
from kitsu_api.schemas import webhooks as s
from kitsu_api.services import webhooks as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/webhooks",
    tags=["Webhooks"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


@router.get("", operation_id="list_webhooks", summary="List webhooks")
async def list_webhooks(
    actor: WebhookManager,
    session: Session,
    project_id: Annotated[UUID | None, Query(description="Only those of this production.")] = None,
) -> list[s.WebhookRead]:
    """Admins see all, managers those of the productions that they run; by name, without secrets."""
    found = await Webhooks(session).of_projects(webhook_projects(actor), project_id)
    return [s.WebhookRead.model_validate(webhook) for webhook in found]


@router.post("", status_code=201, operation_id="create_webhook", summary="Register a webhook")
async def create_webhook(actor: WebhookManager, wish: s.WebhookCreate, uow: Uow) -> s.WebhookWithSecret:
    """Have an address called when something happens: managers for their productions, admins for all.

    Calls are signed as Standard Webhooks describes it; the secret is in this answer, and in no other.
    """
    return s.WebhookWithSecret.model_validate(await service.register(uow, actor, wish))


@router.get("/{webhook_id}", operation_id="get_webhook", summary="Get a webhook")
async def get_webhook(webhook: ManagedWebhook) -> s.WebhookRead:
    """A webhook, without its secret."""
    return s.WebhookRead.model_validate(webhook)


@router.put("/{webhook_id}", operation_id="update_webhook", summary="Change a webhook")
async def update_webhook(
    webhook: ManagedWebhook, wish: s.WebhookUpdate, actor: CurrentActor, uow: Uow
) -> s.WebhookRead:
    """Change it, or switch it on again. Whoever changes it owns it from then on: it is told what they may
    see."""
    return s.WebhookRead.model_validate(await service.change(uow, actor, webhook, wish))


@router.delete("/{webhook_id}", status_code=204, operation_id="delete_webhook", summary="Delete a webhook")
async def delete_webhook(webhook: ManagedWebhook, uow: Uow) -> Response:
    """Call it no more, and forget its deliveries."""
    await Records(uow.session, Webhook).delete(webhook)
    return Response(status_code=204)


@router.post("/{webhook_id}/secret", operation_id="change_webhook_secret", summary="Change a secret")
async def change_webhook_secret(
    webhook: ManagedWebhook, wish: s.WebhookSecretChange, actor: CurrentActor, uow: Uow
) -> s.WebhookWithSecret:
    """Sign with another secret from now on, which is in this answer and in no other."""
    changed = await service.change_secret(uow, actor, webhook, wish.secret)
    return s.WebhookWithSecret.model_validate(changed)


@router.get("/{webhook_id}/deliveries", operation_id="list_webhook_deliveries", summary="List deliveries")
async def list_webhook_deliveries(
    webhook: ManagedWebhook,
    session: Session,
    before: Annotated[UUID | None, Query(description="Go on after this delivery.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
) -> list[s.WebhookDeliveryRead]:
    """What it was called for, and how that went; the newest events first. Kept for 30 days."""
    found = await Webhooks(session).deliveries(webhook.id, before, limit)
    return [s.WebhookDeliveryRead.model_validate(delivery) for delivery in found]


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redeliver",
    responses=errors(Conflict),
    operation_id="redeliver_webhook",
    summary="Make a call again",
)
async def redeliver_webhook(webhook: ManagedWebhook, delivery_id: UUID, uow: Uow) -> s.WebhookDeliveryRead:
    """Call once more, under the same `webhook-id`, and try again as often as a first time."""
    return s.WebhookDeliveryRead.model_validate(await service.redeliver(uow, webhook, delivery_id))
