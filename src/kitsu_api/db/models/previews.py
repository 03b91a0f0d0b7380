"""Previews to review, and the register of files in storage."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Json, Record

if TYPE_CHECKING:
    from kitsu_api.db.models.comments import Comment


class PreviewFile(Record):
    """Rows of `preview_file`."""

    __tablename__ = "preview_file"
    __table_args__ = (UniqueConstraint("name", "task_id", "revision", name="preview_uc"),)

    name: Mapped[str | None] = mapped_column(String(250))
    original_name: Mapped[str | None] = mapped_column(String(250))
    revision: Mapped[int | None] = mapped_column(default=1)
    position: Mapped[int | None] = mapped_column(default=1)
    extension: Mapped[str | None] = mapped_column(String(6))
    description: Mapped[str | None]
    path: Mapped[str | None] = mapped_column(String(400))
    source: Mapped[str | None] = mapped_column(String(40))
    file_size: Mapped[int | None] = mapped_column(BigInteger, default=0)
    status: Mapped[str] = mapped_column(String(255), default="processing")
    validation_status: Mapped[str] = mapped_column(String(255), default="neutral")
    annotations: Mapped[Json] = mapped_column(nullable=True)
    width: Mapped[int | None] = mapped_column(default=0)
    height: Mapped[int | None] = mapped_column(default=0)
    duration: Mapped[float | None] = mapped_column(default=0)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    source_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("output_file.id"), index=True)
    shotgun_id: Mapped[int | None] = mapped_column(unique=True)
    is_movie: Mapped[bool | None] = mapped_column(default=False)
    url: Mapped[str | None] = mapped_column(String(600))
    uploaded_movie_url: Mapped[str | None] = mapped_column(String(600))
    uploaded_movie_name: Mapped[str | None] = mapped_column(String(150))
    data: Mapped[Json] = mapped_column(nullable=True)
    token_in: Mapped[int | None]
    token_out: Mapped[int | None]

    comments: Mapped[list[Comment]] = relationship(
        secondary="comment_preview_link",
        primaryjoin="PreviewFile.id == CommentPreviewLink.preview_file",
        secondaryjoin="Comment.id == CommentPreviewLink.comment",
        viewonly=True,
        lazy="raise",
    )


class PreviewBackgroundFile(Record):
    """Rows of `preview_background_file`."""

    __tablename__ = "preview_background_file"

    name: Mapped[str] = mapped_column(String(40))
    archived: Mapped[bool | None] = mapped_column(default=False)
    is_default: Mapped[bool | None] = mapped_column(index=True, default=False)
    original_name: Mapped[str | None] = mapped_column(String(250))
    extension: Mapped[str | None] = mapped_column(String(6))
    file_size: Mapped[int | None] = mapped_column(BigInteger, default=0)


class PreviewFileStorageState(Record):
    """Rows of `preview_file_storage_state`."""

    __tablename__ = "preview_file_storage_state"
    __table_args__ = (
        Index("ix_preview_file_storage_state_bucket_prefix_state", "bucket", "prefix", "state"),
        UniqueConstraint("preview_file_id", "bucket", "prefix", name="preview_file_storage_state_uc"),
    )

    preview_file_id: Mapped[UUID] = mapped_column(
        ForeignKey("preview_file.id", ondelete="CASCADE"), index=True
    )
    bucket: Mapped[str] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(255))


class StoredFile(Record):
    """Rows of `stored_file`."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index(
            "ix_stored_file_to_purge",
            "purge_forced",
            "deleted_at",
            postgresql_where=sql("(deleted_at IS NOT NULL) AND (purged_at IS NULL)"),
        ),
        UniqueConstraint("bucket", "key", name="stored_file_uc"),
    )

    bucket: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(255))
    prefix: Mapped[str] = mapped_column(String(40))
    file_id: Mapped[str] = mapped_column(String(200), index=True)
    size: Mapped[int | None] = mapped_column(BigInteger)
    deleted_at: Mapped[datetime | None]
    purge_forced: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    purged_at: Mapped[datetime | None]
    purge_attempts: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    last_error: Mapped[str | None]
    journal: Mapped[Json] = mapped_column(server_default=sql("'[]'::jsonb"), default=list, nullable=False)
