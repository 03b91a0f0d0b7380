"""Instances of assets as clients add them, and grouped as lists show them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Payload, Text
from kitsu_api.schemas.entities import AssetInstanceRead

Description = Annotated[Text, Field(max_length=200)] | None


class NewSceneInstance(Payload):
    """An asset to place in a scene once more."""

    asset_id: UUID
    description: Description = None


class NewAssetInstance(Payload):
    """An asset to place in another once more."""

    asset_to_instantiate_id: UUID
    description: Description = None


class InstanceOfShot(Payload):
    """An instance that a shot is to show."""

    asset_instance_id: UUID


class GroupedInstances(RootModel[dict[UUID, list[AssetInstanceRead]]]):
    """Instances by the id of their asset, or of what they stand in."""
