"""Productions and what they choose from the library of types and statuses."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Json, Record, Timestamped

if TYPE_CHECKING:
    from kitsu_api.db.models.entities import EntityType
    from kitsu_api.db.models.persons import Person
    from kitsu_api.db.models.previews import PreviewBackgroundFile
    from kitsu_api.db.models.tasks import StatusAutomation, TaskStatus, TaskType


class Project(Record):
    """Rows of `project`."""

    __tablename__ = "project"

    name: Mapped[str] = mapped_column(String(80), index=True)
    code: Mapped[str | None] = mapped_column(String(80))
    description: Mapped[str | None]
    shotgun_id: Mapped[int | None]
    file_tree: Mapped[Json] = mapped_column(nullable=True)
    data: Mapped[Json] = mapped_column(nullable=True)
    has_avatar: Mapped[bool | None] = mapped_column(default=False)
    fps: Mapped[str | None] = mapped_column(String(10), default="25")
    ratio: Mapped[str | None] = mapped_column(String(10), default="16:9")
    resolution: Mapped[str | None] = mapped_column(String(12), default="1920x1080")
    production_type: Mapped[str | None] = mapped_column(String(20), default="short")
    production_style: Mapped[str] = mapped_column(String(255), default="2d3d")
    start_date: Mapped[dt.date | None]
    end_date: Mapped[dt.date | None]
    man_days: Mapped[int | None]
    nb_episodes: Mapped[int | None] = mapped_column(default=0)
    episode_span: Mapped[int | None] = mapped_column(default=0)
    max_retakes: Mapped[int | None] = mapped_column(default=0)
    is_clients_isolated: Mapped[bool | None] = mapped_column(default=False)
    is_preview_download_allowed: Mapped[bool | None] = mapped_column(default=False)
    is_set_preview_automated: Mapped[bool | None] = mapped_column(default=False)
    homepage: Mapped[str | None] = mapped_column(String(80), default="assets")
    is_publish_default_for_artists: Mapped[bool | None] = mapped_column(default=False)
    hd_bitrate_compression: Mapped[int | None]
    ld_bitrate_compression: Mapped[int | None]
    project_status_id: Mapped[UUID | None] = mapped_column(ForeignKey("project_status.id"), index=True)
    default_preview_background_file_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("preview_background_file.id"), index=True
    )
    from_schedule_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("production_schedule_version.id", ondelete="SET NULL", use_alter=True), index=True
    )
    is_bot_collaboration_enabled: Mapped[bool | None] = mapped_column(
        default=False, server_default=sql("false")
    )
    is_single_preview_per_revision: Mapped[bool | None] = mapped_column(
        default=False, server_default=sql("false")
    )
    revision_padding: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    is_frame_in_numbering: Mapped[bool | None] = mapped_column(default=False, server_default=sql("false"))
    is_client_stats_visible: Mapped[bool | None] = mapped_column(default=True, server_default=sql("true"))
    is_client_task_list_visible: Mapped[bool | None] = mapped_column(default=True, server_default=sql("true"))
    is_client_task_panel_visible: Mapped[bool | None] = mapped_column(
        default=True, server_default=sql("true")
    )

    team: Mapped[list[Person]] = relationship(
        secondary="project_person_link",
        primaryjoin="Project.id == ProjectPersonLink.project_id",
        secondaryjoin="Person.id == ProjectPersonLink.person_id",
        viewonly=True,
        lazy="raise",
    )
    asset_types: Mapped[list[EntityType]] = relationship(
        secondary="project_asset_type_link",
        primaryjoin="Project.id == ProjectAssetTypeLink.project_id",
        secondaryjoin="EntityType.id == ProjectAssetTypeLink.asset_type_id",
        viewonly=True,
        lazy="raise",
    )
    task_statuses: Mapped[list[TaskStatus]] = relationship(
        secondary="project_task_status_link",
        primaryjoin="Project.id == ProjectTaskStatusLink.project_id",
        secondaryjoin="TaskStatus.id == ProjectTaskStatusLink.task_status_id",
        viewonly=True,
        lazy="raise",
    )
    task_types: Mapped[list[TaskType]] = relationship(
        secondary="project_task_type_link",
        primaryjoin="Project.id == ProjectTaskTypeLink.project_id",
        secondaryjoin="TaskType.id == ProjectTaskTypeLink.task_type_id",
        viewonly=True,
        lazy="raise",
    )
    status_automations: Mapped[list[StatusAutomation]] = relationship(
        secondary="project_status_automation_link",
        primaryjoin="Project.id == ProjectStatusAutomationLink.project_id",
        secondaryjoin="StatusAutomation.id == ProjectStatusAutomationLink.status_automation_id",
        viewonly=True,
        lazy="raise",
    )
    preview_background_files: Mapped[list[PreviewBackgroundFile]] = relationship(
        secondary="project_preview_background_file_link",
        primaryjoin="Project.id == ProjectPreviewBackgroundFileLink.project_id",
        secondaryjoin=(
            "PreviewBackgroundFile.id == ProjectPreviewBackgroundFileLink.preview_background_file_id"
        ),
        viewonly=True,
        lazy="raise",
    )


class ProjectStatus(Record):
    """Rows of `project_status`."""

    __tablename__ = "project_status"

    name: Mapped[str] = mapped_column(String(20), index=True)
    color: Mapped[str] = mapped_column(String(7))


class ProjectPersonLink(Base):
    """Rows of `project_person_link`."""

    __tablename__ = "project_person_link"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    shotgun_id: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(255))


class ProjectAssetTypeLink(Base):
    """Rows of `project_asset_type_link`."""

    __tablename__ = "project_asset_type_link"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)
    asset_type_id: Mapped[UUID] = mapped_column(ForeignKey("entity_type.id"), primary_key=True, index=True)


class ProjectTaskStatusLink(Timestamped):
    """Rows of `project_task_status_link`."""

    __tablename__ = "project_task_status_link"
    __table_args__ = (UniqueConstraint("project_id", "task_status_id", name="project_taskstatus_uc"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)
    task_status_id: Mapped[UUID] = mapped_column(ForeignKey("task_status.id"), primary_key=True, index=True)
    priority: Mapped[int | None]
    roles_for_board: Mapped[list[str] | None] = mapped_column(
        default=lambda: ["user", "admin", "supervisor", "manager", "vendor"]
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    is_client_allowed: Mapped[bool | None]


class ProjectTaskTypeLink(Timestamped):
    """Rows of `project_task_type_link`."""

    __tablename__ = "project_task_type_link"
    __table_args__ = (UniqueConstraint("project_id", "task_type_id", name="project_tasktype_uc"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)
    task_type_id: Mapped[UUID] = mapped_column(ForeignKey("task_type.id"), primary_key=True, index=True)
    priority: Mapped[int | None]
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    hd_bitrate_compression: Mapped[int | None]
    ld_bitrate_compression: Mapped[int | None]
    is_client_visible: Mapped[bool | None] = mapped_column(default=True, server_default=sql("true"))


class ProjectStatusAutomationLink(Base):
    """Rows of `project_status_automation_link`."""

    __tablename__ = "project_status_automation_link"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)
    status_automation_id: Mapped[UUID] = mapped_column(
        ForeignKey("status_automation.id"), primary_key=True, index=True
    )


class ProjectPreviewBackgroundFileLink(Base):
    """Rows of `project_preview_background_file_link`."""

    __tablename__ = "project_preview_background_file_link"
    __table_args__ = (
        Index("ix_project_preview_background_file_link_preview_backgro_080b", "preview_background_file_id"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)
    preview_background_file_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "preview_background_file.id",
            name="project_preview_background_file_preview_background_file_id_fkey",
        ),
        primary_key=True,
    )


class ProjectTaskTypeSoftwareLink(Timestamped):
    """Rows of `project_task_type_software_link`."""

    __tablename__ = "project_task_type_software_link"
    __table_args__ = (
        UniqueConstraint("project_id", "task_type_id", "software_id", name="project_task_type_software_uc"),
    )

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    task_type_id: Mapped[UUID] = mapped_column(
        ForeignKey("task_type.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    software_id: Mapped[UUID] = mapped_column(
        ForeignKey("software.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
