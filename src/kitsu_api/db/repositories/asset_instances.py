"""Instances of assets in scenes, shots and other assets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, delete, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.projections import ASSET_INSTANCE

Condition = ColumnElement[bool]
CAMERA = "camera"
"""Asset type of cameras, in whatever case."""


class AssetInstances:
    """Rows of `asset_instance`, grouped as the routes show them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def _grouped(self, key: Any, query: Select[Any]) -> bytes:
        """The instances of a query as a JSON object: by `key`, each a list by number."""
        pairs = [part for name, column in ASSET_INSTANCE.columns().items() for part in (name, column)]
        instance = m.AssetInstance
        rows = func.json_agg(
            aggregate_order_by(func.json_build_object(*pairs), instance.number, instance.created_at)
        )
        found = query.add_columns(key.label("key"), rows.label("rows")).group_by(key).subquery()
        whole = cast(func.json_object_agg(cast(found.c.key, Text), found.c.rows), Text)
        text: str | None = await self.session.scalar(select(whole))
        return (text or "{}").encode()

    async def in_scene_json(self, scene_id: UUID, *, cameras: bool = False) -> bytes:
        """The instances that stand in a scene, by asset; `cameras`: those of cameras alone."""
        query = select().select_from(m.AssetInstance).where(m.AssetInstance.scene_id == scene_id)
        if cameras:
            asset, kind = aliased(m.Entity), aliased(m.EntityType)
            query = (
                query.join(asset, asset.id == m.AssetInstance.asset_id)
                .join(kind, kind.id == asset.entity_type_id)
                .where(func.lower(kind.name) == CAMERA)
            )
        return await self._grouped(m.AssetInstance.asset_id, query)

    async def in_shot_json(self, shot_id: UUID) -> bytes:
        """The instances that a shot shows, by asset."""
        link = m.AssetInstanceLink
        query = select().select_from(m.AssetInstance).join(link, link.asset_instance_id == m.AssetInstance.id)
        return await self._grouped(m.AssetInstance.asset_id, query.where(link.entity_id == shot_id))

    async def in_asset_json(self, asset_id: UUID) -> bytes:
        """The instances that an asset is made of, by their asset."""
        query = select().select_from(m.AssetInstance).where(m.AssetInstance.target_asset_id == asset_id)
        return await self._grouped(m.AssetInstance.asset_id, query)

    async def of_asset_by_scene_json(self, asset_id: UUID, seen: Condition) -> bytes:
        """The instances of an asset by the scene that they stand in, as far as the caller sees these."""
        query = (
            select()
            .select_from(m.AssetInstance)
            .join(m.Entity, m.Entity.id == m.AssetInstance.scene_id)
            .where(m.AssetInstance.asset_id == asset_id, seen)
        )
        return await self._grouped(m.AssetInstance.scene_id, query)

    async def of_asset_by_shot_json(self, asset_id: UUID, seen: Condition) -> bytes:
        """The instances of an asset by the shots that show them, as far as the caller sees these."""
        link = m.AssetInstanceLink
        query = (
            select()
            .select_from(m.AssetInstance)
            .join(link, link.asset_instance_id == m.AssetInstance.id)
            .join(m.Entity, m.Entity.id == link.entity_id)
            .where(m.AssetInstance.asset_id == asset_id, seen)
        )
        return await self._grouped(link.entity_id, query)

    async def last_number(self, asset_id: UUID, place: Condition) -> int:
        """The highest number among the instances of an asset in a place; 0 when there are none."""
        query = select(func.max(m.AssetInstance.number)).where(m.AssetInstance.asset_id == asset_id, place)
        return int(await self.session.scalar(query) or 0)

    async def project_of(self, instance_id: UUID) -> UUID | None:
        """The production of the asset of an instance; None when there is no such instance."""
        query = (
            select(m.Entity.project_id)
            .join(m.AssetInstance, m.AssetInstance.asset_id == m.Entity.id)
            .where(m.AssetInstance.id == instance_id)
        )
        project_id: UUID | None = await self.session.scalar(query)
        return project_id

    async def show_in(self, shot_id: UUID, instance_id: UUID) -> None:
        """Show an instance in a shot; that it is there already is no fault."""
        row = insert(m.AssetInstanceLink).values(entity_id=shot_id, asset_instance_id=instance_id)
        await self.session.execute(row.on_conflict_do_nothing())

    async def take_out(self, shot_id: UUID, instance_id: UUID) -> bool:
        """Take an instance out of a shot; whether it was there."""
        link = m.AssetInstanceLink
        change = (
            delete(link)
            .where(link.entity_id == shot_id, link.asset_instance_id == instance_id)
            .returning(link.entity_id)
        )
        return (await self.session.scalars(change)).first() is not None
