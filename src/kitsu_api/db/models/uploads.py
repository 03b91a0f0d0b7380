"""Uploads that are sent in several requests. Our own tables: other servers never look at them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base, now


class Upload(Base):
    """A file on its way."""

    __tablename__ = "kitsu_api_upload"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    told: Mapped[str]
    """What the client said of the file, as it said it; it is told the same."""
    size: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes that are stored for good."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    writer: Mapped[UUID | None]
    """The request that writes; another may take over when it was silent until `writer_until`."""
    writer_until: Mapped[datetime | None]


class UploadPart(Base):
    """A piece of an upload, an object in storage. It counts once it has a place."""

    __tablename__ = "kitsu_api_upload_part"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("kitsu_api_upload.id"), index=True)
    start: Mapped[int | None] = mapped_column(BigInteger)
    size: Mapped[int | None] = mapped_column(BigInteger)
