"""Work that somebody asked for and may watch."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import JsonDocument, Schema, Timestamp

JobStatusName = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobRead(Schema):
    """A job, and how far it is."""

    id: UUID
    kind: str = Field(description="What is done, `build_playlist` say.")
    key: str | None = Field(default=None, description="What it is about; one of a key is done at a time.")
    queue: str = Field(description="`quick`, or `media` for long work.")
    status: JobStatusName
    done: int = Field(description="Steps that are done.")
    total: int = Field(description="Steps that there are; 0 while nobody knows.")
    result: JsonDocument = Field(default=None, description="What a job leaves that has succeeded.")
    error: str | None = Field(default=None, description="Why a job has failed.")
    cancel_requested: bool = Field(description="Whether a running job was asked to end.")
    attempts: int = Field(description="How often it was begun.")
    created_by: UUID | None = None
    project_id: UUID | None = None
    created_at: Timestamp
    started_at: Timestamp | None = None
    ended_at: Timestamp | None = None
    type: Literal["Job"]
