"""What every table shares: names of constraints, a made-up id, and two timestamps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, DateTime, LargeBinary, MetaData, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CONVENTION = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(constraint_name)s",
}
"""PostgreSQL's own habits, so that an adopted database needs no renaming."""

Json = Any
"""A JSON document as PostgreSQL keeps it: object, list, text, number, boolean or null."""


def now() -> datetime:
    """The present in UTC, without a zone: how every timestamp column stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    """Root of the tables."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {  # noqa: RUF012 (declared so by SQLAlchemy)
        UUID: Uuid(as_uuid=True),
        datetime: DateTime(timezone=False),
        str: Text,
        bytes: LargeBinary,
        Json: JSONB(none_as_null=True),
        list[str]: ARRAY(String(255)),
    }
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 (declared so by SQLAlchemy)


class Timestamped(Base):
    """A table that remembers when a row was made and last changed."""

    __abstract__ = True

    created_at: Mapped[datetime | None] = mapped_column(default=now, sort_order=1001)
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now, sort_order=1002)


class Record(Timestamped):
    """A table whose rows have an id of their own."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, sort_order=1000)
