"""Files that artists publish: where they go, and what is made of them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AliasChoices, Field

from kitsu_api.schemas.base import OptionalId, Payload, Schema, Text
from kitsu_api.schemas.files import OutputFileRead

FileName = Annotated[Text, Field(max_length=200)]
Revision = Annotated[int, Field(ge=0, le=2**31 - 1)]
Separator = Annotated[Text, Field(max_length=4)]


class WorkingPathRequest(Payload):
    """What a path of a working file is asked for. Without a revision, or with 0, it is the next one."""

    name: FileName = "main"
    mode: Text = Field(default="working", description="Part of the file tree.")
    software_id: OptionalId = Field(default=None, description="Absent: 3ds Max.")
    revision: Revision = 0
    separator: Separator = Field(default="/", validation_alias=AliasChoices("separator", "sep"))


class WorkingPath(Schema):
    """Where a working file goes."""

    path: str = Field(description="The folder.")
    name: str = Field(description="The file's name, without an extension.")


class NewWorkingFile(Payload):
    """A working file to make. Without a revision, or with 0, it is the next one of its name."""

    name: FileName = "main"
    mode: Text = "working"
    comment: Text = ""
    person_id: OptionalId = Field(default=None, description="Whose file it is; absent: the caller's.")
    software_id: OptionalId = Field(default=None, description="Absent: that of the task's newest file.")
    revision: Revision = 0
    separator: Separator = Field(default="/", validation_alias=AliasChoices("separator", "sep"))


class FileComment(Payload):
    """What is said about a file."""

    comment: Text


class OutputTarget(Payload):
    """Which line of revisions is meant."""

    name: FileName = "main"
    output_type_id: UUID
    task_type_id: UUID


class OutputPathRequest(OutputTarget):
    """What a path of an output file is asked for. Without a revision, or with 0, it is the next one."""

    mode: Text = Field(default="output", description="Part of the file tree.")
    extension: Annotated[Text, Field(max_length=10)] = ""
    representation: Annotated[Text, Field(max_length=20)] = ""
    revision: Revision = 0
    separator: Separator = Field(default="/", validation_alias=AliasChoices("separator", "sep"))


class OutputPath(Schema):
    """Where an output file goes."""

    folder_path: str
    file_name: str = Field(description="Without an extension.")


class NewOutputFile(OutputPathRequest):
    """An output file to make."""

    comment: Text = ""
    person_id: OptionalId = Field(default=None, description="Whose file it is; absent: the caller's.")
    working_file_id: OptionalId = Field(default=None, description="What it was made from.")
    file_status_id: OptionalId = Field(default=None, description="Absent: `To review`.")
    nb_elements: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1


class NewOutputRead(OutputFileRead):
    """An output file that was made, and where it goes."""

    folder_path: str
    file_name: str


class NextRevision(Schema):
    """The revision that comes next."""

    next_revision: int


class OutputFilters:
    """Which output files are asked for; what is absent doesn't narrow."""

    def __init__(
        self,
        output_type_id: Annotated[UUID | None, Query(description="Only those of this type.")] = None,
        task_type_id: Annotated[UUID | None, Query(description="Only those of this type of tasks.")] = None,
        file_status_id: Annotated[UUID | None, Query(description="Only those with this status.")] = None,
        representation: Annotated[
            Text | None, Query(description="Only those of this representation.")
        ] = None,
        name: Annotated[Text | None, Query(description="Only those of this name.")] = None,
    ) -> None:
        self.values = {
            "output_type_id": output_type_id,
            "task_type_id": task_type_id,
            "file_status_id": file_status_id,
            "representation": representation,
            "name": name,
        }


class GuessRequest(Payload):
    """A path to read."""

    project_id: UUID
    file_path: Annotated[Text, Field(max_length=4096)]
    separator: Separator = Field(default="/", validation_alias=AliasChoices("sep", "separator"), min_length=1)


class Guess(Schema):
    """What a path may stand for: the template that it fits, and the ids behind its tags."""

    Template: str = Field(description="Kind of the template: `asset`, `shot`, …")
    Project: UUID
    AssetType: UUID | None = None
    Asset: UUID | None = None
    Episode: UUID | None = None
    Sequence: UUID | None = None
    Scene: UUID | None = None
    Shot: UUID | None = None
    TaskType: UUID | None = None
    OutputType: UUID | None = None
    Software: UUID | None = None
