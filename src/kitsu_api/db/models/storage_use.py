"""Whose the files in storage are. Our own tables, filled by a trigger on `stored_file`."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base


class KeptFile(Base):
    """A file that takes its place in storage, under the id of its row in the register."""

    __tablename__ = "kitsu_api_kept_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    bytes: Mapped[int] = mapped_column(BigInteger)


class StorageUse(Base):
    """Bytes that a person or a production has more, or less, than before; the sum is what they have."""

    __tablename__ = "kitsu_api_storage_use"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(index=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
