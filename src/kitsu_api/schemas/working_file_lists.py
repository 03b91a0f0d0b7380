"""Which working files are asked for, and how their content is sent."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, RootModel

from kitsu_api.schemas.base import Text
from kitsu_api.schemas.files import WorkingFileRead


class WorkingFileFilters:
    """Which working files are asked for; what is absent doesn't narrow."""

    def __init__(
        self,
        task_id: Annotated[UUID | None, Query(description="Only those of this task.")] = None,
        name: Annotated[Text | None, Query(description="Only those of this name.")] = None,
    ) -> None:
        self.task_id = task_id
        self.name = name


class FileForm(BaseModel):
    """A form with a file."""

    file: bytes


class LastWorkingFiles(RootModel[dict[str, WorkingFileRead]]):
    """The last revision of each working file, by name."""
