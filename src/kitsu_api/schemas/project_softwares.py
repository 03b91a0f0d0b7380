"""The softwares that a production works with."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.schemas.base import Payload, Schema


class NewTaskTypeSoftware(Payload):
    """A software for a task type of a production."""

    software_id: UUID


class TaskTypeSoftwareRead(Schema):
    """That a production works with a software on a task type."""

    project_id: UUID
    task_type_id: UUID
    software_id: UUID
