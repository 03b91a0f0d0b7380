"""News of a production, notifications and subscriptions of people."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record


class News(Record):
    """Rows of `news`."""

    __tablename__ = "news"
    __table_args__ = (Index("kitsu_api_news_newest", "created_at", "id"),)

    change: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comment.id"), index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), index=True)
    preview_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("preview_file.id"), index=True)


class Notification(Record):
    """Rows of `notification`."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint(
            "person_id", "author_id", "comment_id", "reply_id", "playlist_id", "type", name="notification_uc"
        ),
        Index("kitsu_api_notification_newest", "person_id", "created_at", "id"),
    )

    read: Mapped[bool] = mapped_column(default=False)
    change: Mapped[bool] = mapped_column(default=False)
    type: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comment.id"), index=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    playlist_id: Mapped[UUID | None] = mapped_column(ForeignKey("playlist.id"), index=True)
    reply_id: Mapped[UUID | None] = mapped_column(index=True)


class Subscription(Record):
    """Rows of `subscription`."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("person_id", "task_type_id", "entity_id", name="subscription_entity_uc"),
        UniqueConstraint("person_id", "task_id", name="subscription_task_uc"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)
