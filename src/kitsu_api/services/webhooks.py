"""Webhooks: registering, changing, and having a call made again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import DeliveryStatus, Project, Webhook, WebhookDelivery
from kitsu_api.db.repositories.event_feed import EventFeed
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Conflict, Forbidden, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.webhooks import manages_webhooks_of
from kitsu_api.schemas.base import reject_null
from kitsu_api.schemas.webhooks import WebhookCreate, WebhookUpdate
from kitsu_api.services import outside
from kitsu_api.services.signatures import key_of, new_secret
from kitsu_api.unit_of_work import UnitOfWork


async def _checked_url(uow: UnitOfWork, url: str) -> str:
    """An address that may be called.

    Raises:
        BadRequest: it may not.
    """
    try:
        parsed = outside.check_url(url)
        await outside.look_up(parsed, allow_private=uow.settings.webhooks_allow_private)
    except outside.AddressRefused as refused:
        raise BadRequest(f"url: {refused}") from refused
    return url


def _checked_secret(secret: str | None) -> str:
    """A secret that calls can be signed with.

    Raises:
        BadRequest: it has another form.
    """
    if secret is None:
        return new_secret()
    try:
        key_of(secret)
    except ValueError as error:
        raise BadRequest(f"secret: {error}.") from error
    return secret


async def register(uow: UnitOfWork, actor: Actor, wish: WebhookCreate) -> Webhook:
    """Have an address called from now on.

    Raises:
        BadRequest: it may not be called, or there is no such production.
        Forbidden: the caller does not run the production, or, without one, is no admin.
    """
    if not manages_webhooks_of(actor, wish.project_id):
        raise Forbidden
    if wish.project_id is not None and not await Records(uow.session, Project).exists(
        Project.id == wish.project_id
    ):
        raise BadRequest("project_id: there is no such production.")
    return await Records(uow.session, Webhook).add(
        {
            "name": wish.name,
            "url": await _checked_url(uow, wish.url),
            "event_names": sorted(set(wish.event_names)),
            "project_id": wish.project_id,
            "owner_id": actor.id,
            "secret": _checked_secret(wish.secret),
            "since_sequence": await EventFeed(uow.session).number(),
        }
    )


async def change(uow: UnitOfWork, actor: Actor, webhook: Webhook, wish: WebhookUpdate) -> Webhook:
    """Change a webhook; from now on it is told what the caller may see.

    Raises:
        BadRequest: the address may not be called.
    """
    reject_null(wish, "name", "url", "event_names", "active")
    values: dict[str, Any] = wish.model_dump(exclude_unset=True)
    if "url" in values:
        values["url"] = await _checked_url(uow, values["url"])
    if "event_names" in values:
        values["event_names"] = sorted(set(values["event_names"]))
    if values.get("active"):
        values |= {"disabled_reason": None, "failing_since": None}
        if not webhook.active:
            values["since_sequence"] = await EventFeed(uow.session).number()
    return await Records(uow.session, Webhook).change(webhook, values | {"owner_id": actor.id})


async def change_secret(uow: UnitOfWork, actor: Actor, webhook: Webhook, secret: str | None) -> Webhook:
    """Sign with another secret from now on.

    Raises:
        BadRequest: it has another form.
    """
    values = {"secret": _checked_secret(secret), "owner_id": actor.id}
    return await Records(uow.session, Webhook).change(webhook, values)


async def redeliver(uow: UnitOfWork, webhook: Webhook, delivery_id: UUID) -> WebhookDelivery:
    """Make a call again, under the same id.

    Raises:
        NotFound: the webhook has no such call.
        Conflict: the webhook is switched off.
    """
    deliveries = Records(uow.session, WebhookDelivery)
    delivery = await deliveries.find_where(
        WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook.id
    )
    if delivery is None:
        raise NotFound
    if not webhook.active:
        raise Conflict("The webhook is switched off. Switch it on first.")
    values = {"status": DeliveryStatus.WAITING.value, "next_attempt_at": now(), "attempts": 0, "error": None}
    return await deliveries.change(delivery, values)
