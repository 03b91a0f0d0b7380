"""Batches: many changes in one transaction."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kitsu_api.schemas.assets import NewAsset
from kitsu_api.schemas.base import JsonObject, Schema, Text
from kitsu_api.schemas.concepts import NewConcept
from kitsu_api.schemas.edits import NewEdit
from kitsu_api.schemas.episodes import NewEpisode
from kitsu_api.schemas.scenes import NewScene
from kitsu_api.schemas.shots import NewSequence, NewShot

MOST_ITEMS = 1000

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]
Action = Literal["create", "update", "delete"]


class Reference(BaseModel):
    """The id of what an earlier item is about; in `values` it may stand wherever an id does."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    key: Key = Field(alias="@ref", description="Key of an earlier item.")


class BatchItem(BaseModel):
    """One change. Words that are not known are refused."""

    model_config = ConfigDict(extra="forbid")

    key: Key | None = Field(default=None, description="By which later items refer to this one.")
    action: Action
    resource: Annotated[Text, Field(min_length=1, max_length=80)] = Field(
        description="A name in paths, such as `tasks` of `/data/tasks`; docs/batch.md lists them."
    )
    id: UUID | Reference | None = Field(default=None, description="What is changed or deleted.")
    values: JsonObject = Field(
        default={},
        description=(
            'What the route of this change takes as its body. `{"@ref": "key"}` stands for the id of what '
            "the earlier item of that key is about."
        ),
    )
    force: bool = Field(default=False, description="For deletions: with everything that hangs on it.")
    if_match: Annotated[Text, Field(max_length=1000)] | None = Field(
        default=None, description="For changes and deletions: only in this state, the `ETag` of a read."
    )


class BatchRequest(BaseModel):
    """Changes that are all made, in their order, or none of them."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[BatchItem], Field(min_length=1, max_length=MOST_ITEMS)]
    answer: Literal["ids", "rows"] = Field(
        default="ids", description="What is answered of each item: its id alone, or the row as it is then."
    )


class BatchResult(Schema):
    """What became of an item."""

    index: int = Field(description="Place of the item, from 0.")
    key: str | None = None
    action: Action
    resource: str
    status: int = Field(description="What the route of this change would have answered.")
    id: UUID
    row: JsonObject | None = Field(
        default=None, description="The row, for `rows`, and where it shows a secret once; null once deleted."
    )


class BatchAnswer(Schema):
    """What became of the items, in their order."""

    results: list[BatchResult]


class OfProject(BaseModel):
    """What the path of the single route names."""

    project_id: UUID


class NewAssetOfProject(NewAsset, OfProject):
    """An asset to add, and to which production."""

    entity_type_id: UUID


class NewConceptOfProject(NewConcept, OfProject):
    """A concept to add, and to which production."""


class NewEditOfProject(NewEdit, OfProject):
    """An edit to add, and to which production."""


class NewEpisodeOfProject(NewEpisode, OfProject):
    """An episode to add, and to which production."""


class NewSceneOfProject(NewScene, OfProject):
    """A scene to add, and to which production."""


class NewSequenceOfProject(NewSequence, OfProject):
    """A sequence to add, and to which production."""


class NewShotOfProject(NewShot, OfProject):
    """A shot to add, and to which production."""
