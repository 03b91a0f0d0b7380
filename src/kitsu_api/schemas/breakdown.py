"""Castings: which assets an entity shows, how often, and as what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, RootModel

from kitsu_api.schemas.base import Integer, JsonDocument, Payload, Schema, Text

Label = Annotated[Text, Field(max_length=80, description="What it is cast as, such as `fixed`.")]
Occurences = Annotated[Integer, Field(ge=0, description="How often it is seen.")]


def _one_when_null(value: object) -> object:
    return 1 if value is None else value


class CastAsset(Payload):
    """An asset of a casting."""

    asset_id: UUID
    nb_occurences: Annotated[Occurences, BeforeValidator(_one_when_null)] = 1
    label: Label | None = None


class CastingWish(RootModel[Annotated[list[CastAsset], Field(max_length=10_000)]]):
    """The whole casting of an entity."""


class CastingsWish(RootModel[dict[UUID, Annotated[list[CastAsset], Field(max_length=10_000)]]]):
    """Whole castings, by the id of the entity."""


class AssetCasting(Payload):
    """Entities that are to cast one asset."""

    entity_ids: Annotated[list[UUID], Field(max_length=10_000)]
    nb_occurences: Annotated[Occurences, BeforeValidator(_one_when_null)] = 1
    label: Label | None = None


class CastItem(Schema):
    """An asset of a casting, as it was set."""

    asset_id: UUID
    nb_occurences: int | None = None
    label: str | None = None


class CastingRead(Schema):
    """An asset that an entity casts."""

    asset_id: UUID
    asset_name: str
    asset_type_name: str
    ready_for: UUID | None = Field(description="Task type that it is ready for.")
    episode_id: UUID | None = Field(description="Episode that it was made for.")
    preview_file_id: UUID | None
    nb_occurences: int | None
    label: str | None
    is_shared: bool
    project_id: UUID = Field(description="Production of the asset.")


class TypedCasting(Schema):
    """An asset that an entity of a list casts."""

    asset_id: UUID
    name: str
    asset_name: str
    asset_type_name: str
    preview_file_id: UUID | None
    nb_occurences: int | None
    label: str | None


class EpisodeCasting(TypedCasting):
    """An asset that an episode casts."""

    is_shared: bool
    project_id: UUID = Field(description="Production of the asset.")


class ShotCasting(EpisodeCasting):
    """An asset that a shot casts."""

    sequence_name: str | None = None


class TypeCastings(RootModel[dict[UUID, list[TypedCasting]]]):
    """Castings of assets, by the id of the asset."""


class EpisodeCastings(RootModel[dict[UUID, list[EpisodeCasting]]]):
    """Castings of a production, by the id of what casts."""


class ShotCastings(RootModel[dict[UUID, list[ShotCasting]]]):
    """Castings of shots, by the id of the shot."""


class Castings(RootModel[dict[UUID, list[CastingRead]]]):
    """Castings, by the id of the entity."""


class CastItems(RootModel[dict[UUID, list[CastItem]]]):
    """Castings as they were set, by the id of the entity."""


class CastIn(Schema):
    """A shot or an asset that casts an asset."""

    shot_id: UUID | None = None
    shot_name: str | None = None
    sequence_name: str | None = None
    episode_id: UUID | None = None
    episode_name: str | None = None
    asset_id: UUID | None = None
    asset_name: str | None = None
    asset_type_name: str | None = None
    preview_file_id: UUID | None = None
    nb_occurences: int | None = None


class ProjectEntityLink(Schema):
    """A link between an entity and what it casts; its moments are to the microsecond."""

    id: UUID
    type: str = Field(description="`EntityLink`.")
    entity_in_id: UUID = Field(description="Who casts.")
    entity_out_id: UUID = Field(description="Who is cast.")
    nb_occurences: int | None = None
    label: str | None = None
    data: JsonDocument = None
    created_at: str
    updated_at: str | None = None


class ProjectEntityLinkPage(Schema):
    """Links that were made after a moment."""

    data: list[ProjectEntityLink]
    total: int = Field(description="Links of the whole production.")
    limit: int
