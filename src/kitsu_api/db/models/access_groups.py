"""Groups of people who may do more than their role. Our own tables: other servers never look at them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Base, Record


class AccessGroup(Record):
    """What its members may do besides, in one production or in all that they are in the team of."""

    __tablename__ = "kitsu_api_access_group"

    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str | None]
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(Text))


class AccessGroupMember(Base):
    """Somebody in a group."""

    __tablename__ = "kitsu_api_access_group_member"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(
        ForeignKey("kitsu_api_access_group.id", ondelete="CASCADE"), primary_key=True, index=True
    )
