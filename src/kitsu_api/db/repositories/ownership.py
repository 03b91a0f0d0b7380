"""Which production a row belongs to when it does not say so itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record
from kitsu_api.db.models import (
    AssetInstance,
    AttachmentFile,
    Budget,
    BudgetEntry,
    Chat,
    ChatMessage,
    Comment,
    Entity,
    EntityLink,
    News,
    Notification,
    PreviewFile,
    ProductionScheduleVersion,
    ProductionScheduleVersionTaskLink,
    Subscription,
    Task,
    TimeSpent,
    WorkingFile,
)

BY_TASK = (TimeSpent, PreviewFile, WorkingFile, Notification, Subscription, News)
"""Tables whose rows hang on a task by `task_id`."""


def _of_chat_message(message_id: Any) -> Any:
    return (
        select(Entity.project_id)
        .join(Chat, Chat.object_id == Entity.id)
        .join(ChatMessage, ChatMessage.chat_id == Chat.id)
        .where(ChatMessage.id == message_id)
    )


def _query(record: Record) -> Any:  # one line a table
    if isinstance(record, BY_TASK):
        return select(Task.project_id).where(Task.id == record.task_id)
    if isinstance(record, EntityLink):
        return select(Entity.project_id).where(Entity.id == record.entity_in_id)
    if isinstance(record, AssetInstance):
        return select(Entity.project_id).where(Entity.id == record.asset_id)
    if isinstance(record, BudgetEntry):
        return select(Budget.project_id).where(Budget.id == record.budget_id)
    if isinstance(record, Chat):
        return select(Entity.project_id).where(Entity.id == record.object_id)
    if isinstance(record, ChatMessage):
        return _of_chat_message(record.id)
    if isinstance(record, ProductionScheduleVersionTaskLink):
        version = ProductionScheduleVersion
        return select(version.project_id).where(version.id == record.production_schedule_version_id)
    if isinstance(record, AttachmentFile):
        if record.chat_message_id is not None:
            return _of_chat_message(record.chat_message_id)
        of_comment = select(Comment.object_id).where(Comment.id == record.comment_id)
        return select(Task.project_id).where(Task.id == of_comment.scalar_subquery())
    return None


async def owning_project(session: AsyncSession, record: Record) -> UUID | None:
    """The production of what a row hangs on: its task, entity, budget, …; None for a row of the studio."""
    own: UUID | None = getattr(record, "project_id", None)
    if own is not None:
        return own
    query = _query(record)
    return None if query is None else await session.scalar(query)
