"""Reports that people keep, their charts, and who gets them by mail. Our own tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Record


class Report(Record):
    """A question about a production that is asked again and again."""

    __tablename__ = "kitsu_api_report"

    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    shared: Mapped[bool] = mapped_column(default=False)
    """Whether all who oversee the production see it, or its owner alone."""
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class ReportChart(Record):
    """A chart of a report as it was on one day. Its file bears its id."""

    __tablename__ = "kitsu_api_report_chart"
    __table_args__ = (Index("ix_kitsu_api_report_chart_created_at", "created_at"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("kitsu_api_report.id", ondelete="CASCADE"), index=True)
    format: Mapped[str] = mapped_column(String(10))
    size: Mapped[int | None]
    """Bytes; None until it is drawn."""


class ReportSubscription(Record):
    """Somebody who gets a report by mail."""

    __tablename__ = "kitsu_api_report_subscription"
    __table_args__ = (
        UniqueConstraint("report_id", "person_id", name="kitsu_api_report_subscription_once"),
        Index("ix_kitsu_api_report_subscription_next_at", "next_at"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("kitsu_api_report.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    every: Mapped[str] = mapped_column(String(10))
    """`day` or `week`."""
    next_at: Mapped[datetime]
    """When the next mail is due."""
