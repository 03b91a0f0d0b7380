"""Payloads of work that is handed out."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Integer, OptionalId, Payload, Schema, Text


class Assignment(Payload):
    """Who is to do a task."""

    person_id: Text = Field(description="Id of the person.")


class TaskSelection(Payload):
    """Several tasks."""

    task_ids: list[UUID]


class TaskIdList(RootModel[list[UUID]]):
    """Ids of tasks."""


class AssignationClearing(TaskSelection):
    """Several tasks, and who is to be taken off them."""

    person_id: OptionalId = Field(default=None, description="Absent: everybody is taken off.")


class PriorityChange(TaskSelection):
    """Several tasks, and how urgent they are."""

    priority: Integer


class UnknownAssignee(Schema):
    """Nobody of this id can be assigned."""

    error: str = Field(description="Why.")
