"""Templates that a production is started from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Json, Record, Timestamped

if TYPE_CHECKING:
    from kitsu_api.db.models.entities import EntityType
    from kitsu_api.db.models.previews import PreviewBackgroundFile
    from kitsu_api.db.models.tasks import StatusAutomation, TaskStatus, TaskType


class ProjectTemplate(Record):
    """Rows of `project_template`."""

    __tablename__ = "project_template"

    name: Mapped[str] = mapped_column(String(80), index=True)
    description: Mapped[str | None]
    fps: Mapped[str | None] = mapped_column(String(10), default="25")
    ratio: Mapped[str | None] = mapped_column(String(10), default="16:9")
    resolution: Mapped[str | None] = mapped_column(String(12), default="1920x1080")
    production_type: Mapped[str | None] = mapped_column(String(20), default="short")
    production_style: Mapped[str] = mapped_column(String(255), default="2d3d")
    max_retakes: Mapped[int | None] = mapped_column(default=0)
    is_clients_isolated: Mapped[bool | None] = mapped_column(default=False)
    is_preview_download_allowed: Mapped[bool | None] = mapped_column(default=False)
    is_set_preview_automated: Mapped[bool | None] = mapped_column(default=False)
    is_publish_default_for_artists: Mapped[bool | None] = mapped_column(default=False)
    homepage: Mapped[str | None] = mapped_column(String(80), default="assets")
    hd_bitrate_compression: Mapped[int | None]
    ld_bitrate_compression: Mapped[int | None]
    file_tree: Mapped[Json] = mapped_column(nullable=True)
    data: Mapped[Json] = mapped_column(nullable=True)
    metadata_descriptors: Mapped[Json] = mapped_column(nullable=True)
    default_preview_background_file_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("preview_background_file.id"), index=True
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

    task_types: Mapped[list[TaskType]] = relationship(
        secondary="project_template_task_type_link",
        primaryjoin="ProjectTemplate.id == ProjectTemplateTaskTypeLink.project_template_id",
        secondaryjoin="TaskType.id == ProjectTemplateTaskTypeLink.task_type_id",
        viewonly=True,
        lazy="raise",
    )
    task_statuses: Mapped[list[TaskStatus]] = relationship(
        secondary="project_template_task_status_link",
        primaryjoin="ProjectTemplate.id == ProjectTemplateTaskStatusLink.project_template_id",
        secondaryjoin="TaskStatus.id == ProjectTemplateTaskStatusLink.task_status_id",
        viewonly=True,
        lazy="raise",
    )
    asset_types: Mapped[list[EntityType]] = relationship(
        secondary="project_template_asset_type_link",
        primaryjoin="ProjectTemplate.id == ProjectTemplateAssetTypeLink.project_template_id",
        secondaryjoin="EntityType.id == ProjectTemplateAssetTypeLink.asset_type_id",
        viewonly=True,
        lazy="raise",
    )
    status_automations: Mapped[list[StatusAutomation]] = relationship(
        secondary="project_template_status_automation_link",
        primaryjoin="ProjectTemplate.id == ProjectTemplateStatusAutomationLink.project_template_id",
        secondaryjoin="StatusAutomation.id == ProjectTemplateStatusAutomationLink.status_automation_id",
        viewonly=True,
        lazy="raise",
    )
    preview_background_files: Mapped[list[PreviewBackgroundFile]] = relationship(
        secondary="project_template_preview_background_file_link",
        primaryjoin="ProjectTemplate.id == ProjectTemplatePreviewBackgroundFileLink.project_template_id",
        secondaryjoin=(
            "PreviewBackgroundFile.id == ProjectTemplatePreviewBackgroundFileLink.preview_background_file_id"
        ),
        viewonly=True,
        lazy="raise",
    )


class ProjectTemplateAssetTypeLink(Base):
    """Rows of `project_template_asset_type_link`."""

    __tablename__ = "project_template_asset_type_link"

    project_template_id: Mapped[UUID] = mapped_column(
        ForeignKey("project_template.id"), primary_key=True, index=True
    )
    asset_type_id: Mapped[UUID] = mapped_column(ForeignKey("entity_type.id"), primary_key=True, index=True)


class ProjectTemplateTaskStatusLink(Timestamped):
    """Rows of `project_template_task_status_link`."""

    __tablename__ = "project_template_task_status_link"
    __table_args__ = (
        UniqueConstraint("project_template_id", "task_status_id", name="project_template_taskstatus_uc"),
    )

    project_template_id: Mapped[UUID] = mapped_column(
        ForeignKey("project_template.id"), primary_key=True, index=True
    )
    task_status_id: Mapped[UUID] = mapped_column(ForeignKey("task_status.id"), primary_key=True, index=True)
    priority: Mapped[int | None]
    roles_for_board: Mapped[list[str] | None] = mapped_column(
        default=lambda: ["user", "admin", "supervisor", "manager", "vendor"]
    )
    id: Mapped[UUID] = mapped_column(default=uuid4)
    is_client_allowed: Mapped[bool | None]


class ProjectTemplateTaskTypeLink(Timestamped):
    """Rows of `project_template_task_type_link`."""

    __tablename__ = "project_template_task_type_link"
    __table_args__ = (
        UniqueConstraint("project_template_id", "task_type_id", name="project_template_tasktype_uc"),
    )

    project_template_id: Mapped[UUID] = mapped_column(
        ForeignKey("project_template.id"), primary_key=True, index=True
    )
    task_type_id: Mapped[UUID] = mapped_column(ForeignKey("task_type.id"), primary_key=True, index=True)
    priority: Mapped[int | None]
    id: Mapped[UUID] = mapped_column(default=uuid4)
    hd_bitrate_compression: Mapped[int | None]
    ld_bitrate_compression: Mapped[int | None]
    is_client_visible: Mapped[bool | None] = mapped_column(default=True, server_default=sql("true"))


class ProjectTemplateStatusAutomationLink(Base):
    """Rows of `project_template_status_automation_link`."""

    __tablename__ = "project_template_status_automation_link"

    project_template_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "project_template.id", name="project_template_status_automation_lin_project_template_id_fkey"
        ),
        primary_key=True,
        index=True,
    )
    status_automation_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "status_automation.id", name="project_template_status_automation_li_status_automation_id_fkey"
        ),
        primary_key=True,
        index=True,
    )


class ProjectTemplatePreviewBackgroundFileLink(Base):
    """Rows of `project_template_preview_background_file_link`."""

    __tablename__ = "project_template_preview_background_file_link"
    __table_args__ = (
        Index("ix_project_template_preview_background_file_link_previe_393c", "preview_background_file_id"),
        Index("ix_project_template_preview_background_file_link_projec_ab7b", "project_template_id"),
    )

    project_template_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "project_template.id", name="project_template_preview_background_fi_project_template_id_fkey"
        ),
        primary_key=True,
    )
    preview_background_file_id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "preview_background_file.id",
            name="project_template_preview_backgr_preview_background_file_id_fkey",
        ),
        primary_key=True,
    )
