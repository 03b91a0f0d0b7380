"""Queries on webhooks and their deliveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import DeliveryStatus, Webhook, WebhookDelivery

WAITING = DeliveryStatus.WAITING.value


@dataclass(frozen=True)
class DueDelivery:
    """A call that this process is to make now."""

    id: UUID
    webhook_id: UUID
    url: str
    secret: str
    owner_id: UUID
    payload: dict[str, Any]
    audience_id: UUID | None
    for_managers: bool
    attempts: int
    """With this one."""


class Webhooks:
    """Rows of `kitsu_api_webhook` and `kitsu_api_webhook_delivery`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_projects(
        self, projects: Collection[UUID] | None, project_id: UUID | None
    ) -> Sequence[Webhook]:
        """The webhooks of productions (None: all, and those of the studio), by name."""
        query = select(Webhook).order_by(Webhook.name, Webhook.id)
        if projects is not None:
            query = query.where(Webhook.project_id.in_(list(projects)))
        if project_id is not None:
            query = query.where(Webhook.project_id == project_id)
        return (await self.session.scalars(query)).all()

    async def locked(self, id: UUID) -> Webhook | None:
        """A webhook, locked for a change."""
        return await self.session.get(Webhook, id, with_for_update=True)

    async def active(self) -> Sequence[Webhook]:
        """All that are called."""
        return (await self.session.scalars(select(Webhook).where(Webhook.active))).all()

    async def add_deliveries(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note calls to be made; one that is known already is not noted twice."""
        if rows:
            values = [{"id": uuid4(), **row} for row in rows]
            statement = insert(WebhookDelivery).on_conflict_do_nothing(
                index_elements=["webhook_id", "sequence"]
            )
            await self.session.execute(statement, values)

    async def deliveries(
        self, webhook_id: UUID, before: UUID | None, limit: int
    ) -> Sequence[WebhookDelivery]:
        """The calls of a webhook, newest event first."""
        query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
        if before is not None:
            place = select(WebhookDelivery.sequence).where(WebhookDelivery.id == before).scalar_subquery()
            query = query.where(WebhookDelivery.sequence < place)
        return (
            await self.session.scalars(query.order_by(WebhookDelivery.sequence.desc()).limit(limit))
        ).all()

    async def claim_due(self, limit: int, per_webhook: int, lease: dt.timedelta) -> list[DueDelivery]:
        """Calls to make now, a few of each webhook so that a slow one does not hold up the others.

        They are left alone by other processes for the length of the lease.
        """
        due = (
            select(
                WebhookDelivery.id,
                func.row_number()
                .over(partition_by=WebhookDelivery.webhook_id, order_by=WebhookDelivery.next_attempt_at)
                .label("place"),
            )
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(
                WebhookDelivery.status == WAITING, WebhookDelivery.next_attempt_at <= now(), Webhook.active
            )
            .subquery("due")
        )
        few = select(due.c.id).where(due.c.place <= per_webhook).limit(limit)
        locked = (
            select(WebhookDelivery.id)
            .where(
                WebhookDelivery.id.in_(few),
                WebhookDelivery.status == WAITING,
                WebhookDelivery.next_attempt_at <= now(),
            )
            .with_for_update(skip_locked=True)
            .cte("locked")
        )
        query = (
            update(WebhookDelivery)
            .where(WebhookDelivery.id == locked.c.id, Webhook.id == WebhookDelivery.webhook_id)
            .values(
                attempts=WebhookDelivery.attempts + 1,
                next_attempt_at=now() + lease,
                last_attempt_at=now(),
            )
            .returning(
                WebhookDelivery.id,
                Webhook.id,
                Webhook.url,
                Webhook.secret,
                Webhook.owner_id,
                WebhookDelivery.payload,
                WebhookDelivery.audience_id,
                WebhookDelivery.for_managers,
                WebhookDelivery.attempts,
            )
            .execution_options(synchronize_session=False)
        )
        return [DueDelivery(*row) for row in (await self.session.execute(query)).all()]

    async def note_outcome(self, delivery: DueDelivery, values: Mapping[str, Any]) -> None:
        """Write down what became of an attempt, unless a later one was made meanwhile."""
        await self.session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.id == delivery.id, WebhookDelivery.attempts == delivery.attempts)
            .values(**values)
        )

    async def note_success(self, webhook_id: UUID) -> None:
        """A webhook works (again)."""
        await self.session.execute(
            update(Webhook)
            .where(Webhook.id == webhook_id, Webhook.failing_since.is_not(None))
            .values(failing_since=None)
        )

    async def note_failure(self, webhook_id: UUID) -> dt.datetime | None:
        """A webhook does not work; since when that is so. None when it is switched off already."""
        query = (
            update(Webhook)
            .where(Webhook.id == webhook_id, Webhook.active)
            .values(failing_since=func.coalesce(Webhook.failing_since, now()))
            .returning(Webhook.failing_since)
        )
        return await self.session.scalar(query)

    async def switch_off(self, webhook_id: UUID, reason: str) -> bool:
        """Call a webhook no more; whether it was on."""
        done = await self.session.execute(
            update(Webhook)
            .where(Webhook.id == webhook_id, Webhook.active)
            .values(active=False, disabled_reason=reason)
            .returning(Webhook.id)
        )
        return done.first() is not None

    async def delete_old_deliveries(self, moment: dt.datetime, limit: int) -> int:
        """Delete calls that were settled before a moment; how many there were."""
        settled = or_(WebhookDelivery.status != WAITING, WebhookDelivery.next_attempt_at < moment)
        old = select(WebhookDelivery.id).where(WebhookDelivery.created_at < moment, settled).limit(limit)
        done = await self.session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))
        return int(done.rowcount)  # type: ignore[attr-defined]  # the result of a DELETE has one
