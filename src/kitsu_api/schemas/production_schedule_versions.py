"""What actions on versions of a schedule take and tell."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.schemas.base import Payload, Schema


class VersionSource(Payload):
    """The version to copy from."""

    production_schedule_version_id: UUID


class CopiedTasks(Schema):
    """The version holds these tasks now."""

    success: bool = True
    task_link_count: int


class AppliedTasks(Schema):
    """The production has the plan of the version now."""

    success: bool = True
    task_count: int
