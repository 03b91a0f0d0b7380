"""Saved searches and custom actions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record


class SearchFilter(Record):
    """Rows of `search_filter`."""

    __tablename__ = "search_filter"

    list_type: Mapped[str] = mapped_column(String(80), index=True)
    entity_type: Mapped[str | None] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200), default="")
    search_query: Mapped[str] = mapped_column(String(500), default="")
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"), index=True)
    search_filter_group_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("search_filter_group.id"), index=True
    )
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)


class SearchFilterGroup(Record):
    """Rows of `search_filter_group`."""

    __tablename__ = "search_filter_group"

    list_type: Mapped[str] = mapped_column(String(80), index=True)
    entity_type: Mapped[str | None] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200), default="")
    color: Mapped[str] = mapped_column(String(8), default="")
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"), index=True)


class CustomAction(Record):
    """Rows of `custom_action`."""

    __tablename__ = "custom_action"

    name: Mapped[str] = mapped_column(String(80))
    url: Mapped[str | None] = mapped_column(String(400))
    entity_type: Mapped[str | None] = mapped_column(String(40), default="all")
    is_ajax: Mapped[bool | None] = mapped_column(default=False)
