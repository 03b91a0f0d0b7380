"""Queries on the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import OutboxMessage


class OutboxRepository:
    """Messages that wait to be sent."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def delete(self, message_id: int) -> None:
        """Forget a message that was sent."""
        await self.session.execute(delete(OutboxMessage).where(OutboxMessage.id == message_id))

    async def claim(self, older_than: datetime, after: int, limit: int) -> Sequence[OutboxMessage]:
        """The oldest forgotten messages after a number, locked so that no other process sends them
        meanwhile."""
        query = (
            select(OutboxMessage)
            .where(OutboxMessage.created_at < older_than, OutboxMessage.id > after)
            .order_by(OutboxMessage.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await self.session.scalars(query)).all()
