"""Comments on tasks and what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Json, Record

if TYPE_CHECKING:
    from kitsu_api.db.models.chats import ChatMessage
    from kitsu_api.db.models.departments import Department
    from kitsu_api.db.models.persons import Person
    from kitsu_api.db.models.previews import PreviewFile


class Comment(Record):
    """Rows of `comment`."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("kitsu_api_comment_of_task", "object_id", "created_at"),
        Index("kitsu_api_comment_newest", "created_at", "id"),
    )

    shotgun_id: Mapped[int | None]
    object_id: Mapped[UUID] = mapped_column(index=True)
    object_type: Mapped[str] = mapped_column(String(80), index=True)
    text: Mapped[str | None]
    data: Mapped[Json] = mapped_column(nullable=True)
    replies: Mapped[Json] = mapped_column(default=list, nullable=True)
    checklist: Mapped[Json] = mapped_column(default=list, nullable=True)
    pinned: Mapped[bool | None]
    links: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    task_status_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_status.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    editor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    preview_file_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("preview_file.id", use_alter=True), index=True
    )
    for_client: Mapped[bool | None] = mapped_column(default=False, server_default=sql("false"))

    previews: Mapped[list[PreviewFile]] = relationship(
        secondary="comment_preview_link",
        primaryjoin="Comment.id == CommentPreviewLink.comment",
        secondaryjoin="PreviewFile.id == CommentPreviewLink.preview_file",
        viewonly=True,
        lazy="raise",
    )
    mentions: Mapped[list[Person]] = relationship(
        secondary="comment_mentions",
        primaryjoin="Comment.id == CommentMentions.comment",
        secondaryjoin="Person.id == CommentMentions.person",
        viewonly=True,
        lazy="raise",
    )
    department_mentions: Mapped[list[Department]] = relationship(
        secondary="comment_department_mentions",
        primaryjoin="Comment.id == CommentDepartmentMentions.comment",
        secondaryjoin="Department.id == CommentDepartmentMentions.department",
        viewonly=True,
        lazy="raise",
    )
    acknowledgements: Mapped[list[Person]] = relationship(
        secondary="comment_acknoledgments",
        primaryjoin="Comment.id == CommentAcknoledgments.comment",
        secondaryjoin="Person.id == CommentAcknoledgments.person",
        viewonly=True,
        lazy="raise",
    )
    attachment_files: Mapped[list[AttachmentFile]] = relationship(
        primaryjoin="Comment.id == AttachmentFile.comment_id",
        foreign_keys="AttachmentFile.comment_id",
        viewonly=True,
        lazy="raise",
    )


class CommentMentions(Base):
    """Rows of `comment_mentions`."""

    __tablename__ = "comment_mentions"

    comment: Mapped[UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class CommentDepartmentMentions(Base):
    """Rows of `comment_department_mentions`."""

    __tablename__ = "comment_department_mentions"

    comment: Mapped[UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    department: Mapped[UUID] = mapped_column(ForeignKey("department.id"), primary_key=True)


class CommentAcknoledgments(Base):
    """Rows of `comment_acknoledgments`."""

    __tablename__ = "comment_acknoledgments"

    comment: Mapped[UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class CommentPreviewLink(Base):
    """Rows of `comment_preview_link`."""

    __tablename__ = "comment_preview_link"

    comment: Mapped[UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True, index=True)
    preview_file: Mapped[UUID] = mapped_column(ForeignKey("preview_file.id"), primary_key=True, index=True)


class AttachmentFile(Record):
    """Rows of `attachment_file`."""

    __tablename__ = "attachment_file"

    name: Mapped[str | None] = mapped_column(String(250))
    size: Mapped[int | None] = mapped_column(BigInteger, default=1)
    extension: Mapped[str | None] = mapped_column(String(6))
    mimetype: Mapped[str | None] = mapped_column(String(255))
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comment.id"), index=True)
    reply_id: Mapped[UUID | None]
    chat_message_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_message.id"), index=True)

    comment: Mapped[Comment | None] = relationship(foreign_keys=[comment_id], viewonly=True, lazy="raise")
    chat_message: Mapped[ChatMessage | None] = relationship(
        foreign_keys=[chat_message_id], viewonly=True, lazy="raise"
    )
