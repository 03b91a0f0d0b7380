"""Installed plugins."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record


class Plugin(Record):
    """Rows of `plugin`."""

    __tablename__ = "plugin"

    plugin_id: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    description: Mapped[str | None]
    version: Mapped[str] = mapped_column(String(50))
    maintainer_name: Mapped[str] = mapped_column(String(200))
    maintainer_email: Mapped[str | None] = mapped_column(String(255))
    website: Mapped[str | None]
    license: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str | None] = mapped_column(String(12))
    frontend_project_enabled: Mapped[bool | None] = mapped_column(default=False)
    frontend_studio_enabled: Mapped[bool | None] = mapped_column(default=False)
    icon: Mapped[str | None] = mapped_column(String(255))
