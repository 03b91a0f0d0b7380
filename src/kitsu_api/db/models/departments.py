"""Departments and what they cost: software, hardware, salaries."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kitsu_api.db.base import Json, Record, Timestamped


class Department(Record):
    """Rows of `department`."""

    __tablename__ = "department"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    color: Mapped[str] = mapped_column(String(7))
    archived: Mapped[bool | None] = mapped_column(default=False)


class HardwareItem(Record):
    """Rows of `hardware_item`."""

    __tablename__ = "hardware_item"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    short_name: Mapped[str] = mapped_column(String(20))
    archived: Mapped[bool | None] = mapped_column(default=False)
    monthly_cost: Mapped[int | None] = mapped_column(default=0)
    inventory_amount: Mapped[int | None] = mapped_column(default=0)


class HardwareItemDepartmentLink(Timestamped):
    """Rows of `hardware_item_department_link`."""

    __tablename__ = "hardware_item_department_link"
    __table_args__ = (
        UniqueConstraint("hardware_item_id", "department_id", name="hardware_item_department_link_uc"),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), primary_key=True, index=True)
    hardware_item_id: Mapped[UUID] = mapped_column(
        ForeignKey("hardware_item.id"), primary_key=True, index=True
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Software(Record):
    """Rows of `software`."""

    __tablename__ = "software"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    short_name: Mapped[str] = mapped_column(String(20))
    archived: Mapped[bool | None] = mapped_column(default=False)
    version: Mapped[str | None] = mapped_column(String(20))
    file_extension: Mapped[str] = mapped_column(String(20))
    secondary_extensions: Mapped[Json] = mapped_column(nullable=True)
    monthly_cost: Mapped[int | None] = mapped_column(default=0)
    inventory_amount: Mapped[int | None] = mapped_column(default=0)


class SoftwareDepartmentLink(Timestamped):
    """Rows of `software_department_link`."""

    __tablename__ = "software_department_link"
    __table_args__ = (UniqueConstraint("department_id", "software_id", name="software_department_link_uc"),)

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), primary_key=True, index=True)
    software_id: Mapped[UUID] = mapped_column(ForeignKey("software.id"), primary_key=True, index=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class SalaryScale(Record):
    """Rows of `salary_scale`."""

    __tablename__ = "salary_scale"

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id", ondelete="CASCADE"), index=True)
    position: Mapped[str | None] = mapped_column(String(255), default="artist")
    seniority: Mapped[str | None] = mapped_column(String(255), default="mid")
    salary: Mapped[int] = mapped_column(default=0)
