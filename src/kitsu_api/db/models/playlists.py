"""Playlists, their builds and share links."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Json, Record


class Playlist(Record):
    """Rows of `playlist`."""

    __tablename__ = "playlist"
    __table_args__ = (UniqueConstraint("name", "project_id", "episode_id", name="playlist_uc"),)

    name: Mapped[str] = mapped_column(String(80))
    shots: Mapped[Json] = mapped_column(nullable=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("entity.id"), index=True)
    task_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_type.id"), index=True)
    for_client: Mapped[bool | None] = mapped_column(index=True, default=False)
    for_entity: Mapped[str | None] = mapped_column(String(10), index=True, default="shot")
    is_for_all: Mapped[bool | None] = mapped_column(default=False)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)

    build_jobs: Mapped[list[BuildJob]] = relationship(
        primaryjoin="Playlist.id == BuildJob.playlist_id",
        foreign_keys="BuildJob.playlist_id",
        viewonly=True,
        lazy="raise",
    )


class PlaylistShareLink(Record):
    """Rows of `playlist_share_link`."""

    __tablename__ = "playlist_share_link"
    __table_args__ = (Index("ix_playlist_share_link_playlist_active", "playlist_id", "is_active"),)

    token: Mapped[str] = mapped_column(String(64), index=True)
    playlist_id: Mapped[UUID] = mapped_column(ForeignKey("playlist.id"), index=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    expiration_date: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    can_comment: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str | None] = mapped_column(String(255))


class BuildJob(Record):
    """Rows of `build_job`."""

    __tablename__ = "build_job"

    status: Mapped[str] = mapped_column(String(255), default="running")
    job_type: Mapped[str] = mapped_column(String(255), default="movie")
    ended_at: Mapped[datetime | None]
    playlist_id: Mapped[UUID] = mapped_column(ForeignKey("playlist.id"), index=True)
    message: Mapped[str | None]
