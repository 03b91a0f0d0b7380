"""All that is made: assets, shots, sequences, episodes, scenes, edits, concepts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Json, Record, Timestamped

if TYPE_CHECKING:
    from kitsu_api.db.models.tasks import TaskType


class Entity(Record):
    """Anything that is made; its entity type says what it is."""

    __tablename__ = "entity"
    __table_args__ = (
        Index("ix_entity_entity_type_parent", "entity_type_id", "parent_id"),
        Index("ix_entity_entity_type_project", "entity_type_id", "project_id"),
        Index("ix_entity_project_type_status", "project_id", "entity_type_id", "status"),
        UniqueConstraint("name", "project_id", "entity_type_id", "parent_id", name="entity_uc"),
    )

    name: Mapped[str] = mapped_column(String(160))
    code: Mapped[str | None] = mapped_column(String(160))
    description: Mapped[str | None]
    shotgun_id: Mapped[int | None]
    canceled: Mapped[bool | None] = mapped_column(default=False)
    nb_frames: Mapped[int | None]
    nb_entities_out: Mapped[int | None] = mapped_column(default=0)
    is_casting_standby: Mapped[bool | None] = mapped_column(default=False)
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    status: Mapped[str] = mapped_column(String(255), index=True, default="running")
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), index=True)
    entity_type_id: Mapped[UUID] = mapped_column(ForeignKey("entity_type.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    preview_file_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("preview_file.id", name="fk_main_preview", use_alter=True)
    )
    data: Mapped[Json] = mapped_column(nullable=True)
    ready_for: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id", name="fk_ready_for"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)

    entities_out: Mapped[list[Entity]] = relationship(
        secondary="entity_link",
        primaryjoin="Entity.id == EntityLink.entity_in_id",
        secondaryjoin="Entity.id == EntityLink.entity_out_id",
        viewonly=True,
        lazy="raise",
    )
    entity_concept_links: Mapped[list[Entity]] = relationship(
        secondary="entity_concept_link",
        primaryjoin="Entity.id == EntityConceptLink.entity_in_id",
        secondaryjoin="Entity.id == EntityConceptLink.entity_out_id",
        viewonly=True,
        lazy="raise",
    )
    instance_casting: Mapped[list[AssetInstance]] = relationship(
        secondary="asset_instance_link",
        primaryjoin="Entity.id == AssetInstanceLink.entity_id",
        secondaryjoin="AssetInstance.id == AssetInstanceLink.asset_instance_id",
        viewonly=True,
        lazy="raise",
    )
    entities_in: Mapped[list[Entity]] = relationship(
        secondary="entity_link",
        primaryjoin="Entity.id == EntityLink.entity_out_id",
        secondaryjoin="Entity.id == EntityLink.entity_in_id",
        viewonly=True,
        lazy="raise",
    )


class EntityType(Record):
    """Rows of `entity_type`."""

    __tablename__ = "entity_type"

    name: Mapped[str] = mapped_column(String(30), index=True)
    short_name: Mapped[str | None] = mapped_column(String(20))
    description: Mapped[str | None]
    archived: Mapped[bool | None] = mapped_column(default=False)

    task_types: Mapped[list[TaskType]] = relationship(
        secondary="task_type_asset_type_link",
        primaryjoin="EntityType.id == TaskTypeAssetTypeLink.asset_type_id",
        secondaryjoin="TaskType.id == TaskTypeAssetTypeLink.task_type_id",
        viewonly=True,
        lazy="raise",
    )


class EntityVersion(Record):
    """Rows of `entity_version`."""

    __tablename__ = "entity_version"

    name: Mapped[str] = mapped_column(String(160))
    data: Mapped[Json] = mapped_column(nullable=True)
    entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)


class EntityLink(Timestamped):
    """Rows of `entity_link`."""

    __tablename__ = "entity_link"
    __table_args__ = (
        UniqueConstraint("entity_in_id", "entity_out_id", name="entity_link_uc"),
        Index("kitsu_api_entity_link_oldest", "created_at"),
    )

    entity_in_id: Mapped[UUID] = mapped_column(ForeignKey("entity.id"), primary_key=True, index=True)
    entity_out_id: Mapped[UUID] = mapped_column(ForeignKey("entity.id"), primary_key=True, index=True)
    data: Mapped[Json] = mapped_column(nullable=True)
    nb_occurences: Mapped[int | None] = mapped_column(default=1)
    label: Mapped[str | None] = mapped_column(String(80), default="")
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class EntityConceptLink(Timestamped):
    """Rows of `entity_concept_link`."""

    __tablename__ = "entity_concept_link"

    entity_in_id: Mapped[UUID] = mapped_column(ForeignKey("entity.id"), primary_key=True)
    entity_out_id: Mapped[UUID] = mapped_column(ForeignKey("entity.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class TaskTypeAssetTypeLink(Base):
    """Rows of `task_type_asset_type_link`."""

    __tablename__ = "task_type_asset_type_link"
    __table_args__ = (UniqueConstraint("asset_type_id", "task_type_id", name="task_type_asset_type_link_uc"),)

    asset_type_id: Mapped[UUID] = mapped_column(ForeignKey("entity_type.id"), primary_key=True, index=True)
    task_type_id: Mapped[UUID] = mapped_column(ForeignKey("task_type.id"), primary_key=True, index=True)


class AssetInstance(Record):
    """Rows of `asset_instance`."""

    __tablename__ = "asset_instance"
    __table_args__ = (
        UniqueConstraint("asset_id", "target_asset_id", "scene_id", "number", name="asset_instance_uc"),
    )

    asset_id: Mapped[UUID] = mapped_column(ForeignKey("entity.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(80))
    number: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool | None] = mapped_column(default=True)
    data: Mapped[Json] = mapped_column(nullable=True)
    scene_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    target_asset_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    entity_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity_type.id"), index=True)

    shots: Mapped[list[Entity]] = relationship(
        secondary="asset_instance_link",
        primaryjoin="AssetInstance.id == AssetInstanceLink.asset_instance_id",
        secondaryjoin="Entity.id == AssetInstanceLink.entity_id",
        viewonly=True,
        lazy="raise",
    )


class AssetInstanceLink(Base):
    """Rows of `asset_instance_link`."""

    __tablename__ = "asset_instance_link"

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entity.id"), primary_key=True)
    asset_instance_id: Mapped[UUID] = mapped_column(ForeignKey("asset_instance.id"), primary_key=True)
