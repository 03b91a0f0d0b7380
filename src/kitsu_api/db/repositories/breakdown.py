"""Castings as JSON: of one entity, of many, and all links of a production."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.prepared import Statements, is_everything
from kitsu_api.db.projection import array_of, bracketed, json_array, json_object, json_parts
from kitsu_api.db.projections import ENTITY_LINK
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS, assets, of_kind

Condition = ColumnElement[bool]
MOMENT_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US'
"""Cursors are moments, so that links show theirs to the microsecond."""

AT_A_TIME = 5_000
"""Links in a piece of a list."""

ALL_LINKS = 2_000_000_000

_ASSET, _KIND, _SEQUENCE, _EPISODE = (
    aliased(m.Entity),
    aliased(m.EntityType),
    aliased(m.Entity),
    aliased(m.Entity),
)
_BY_TYPE = (_KIND.name, _ASSET.name, _ASSET.id)


def cast_by(entity_id: UUID) -> Condition:
    """Assets that an entity casts."""
    link = aliased(m.EntityLink)
    return m.Entity.id.in_(select(link.entity_out_id).where(link.entity_in_id == entity_id))


def _labelled(columns: dict[str, Any]) -> list[ColumnElement[Any]]:
    return [column.label(name) for name, column in columns.items()]


def _pairs(columns: dict[str, Any]) -> ColumnElement[Any]:
    return func.json_build_object(*(part for name, column in columns.items() for part in (name, column)))


def _to_caster(query: Select[Any]) -> Select[Any]:
    """The links of `Entity` rows, with what they cast and its type."""
    return (
        query.select_from(m.EntityLink)
        .join(m.Entity, m.Entity.id == m.EntityLink.entity_in_id)
        .join(_ASSET, _ASSET.id == m.EntityLink.entity_out_id)
        .join(_KIND, _KIND.id == _ASSET.entity_type_id)
        .where(_KIND.name.not_in(OTHER_KINDS))
    )


def _casting_columns() -> dict[str, Any]:
    return {
        "asset_id": _ASSET.id,
        "asset_name": _ASSET.name,
        "asset_type_name": _KIND.name,
        "ready_for": _ASSET.ready_for,
        "episode_id": _ASSET.source_id,
        "preview_file_id": _ASSET.preview_file_id,
        "nb_occurences": m.EntityLink.nb_occurences,
        "label": m.EntityLink.label,
        "is_shared": _ASSET.is_shared,
        "project_id": _ASSET.project_id,
    }


_CASTING = Statements(
    lambda: array_of(
        _to_caster(select(*_labelled(_casting_columns())))
        .where(m.Entity.id == bindparam("id", type_=Uuid()))
        .order_by(*_BY_TYPE)
    )
)
"""What one entity casts."""


def _grouped(columns: dict[str, Any]) -> Select[Any]:
    rows = func.json_agg(aggregate_order_by(_pairs(columns), *_BY_TYPE))
    return select(m.EntityLink.entity_in_id.label("id"), rows.label("rows"))


def _by_caster(query: Select[Any], *where: Condition) -> Select[Any]:
    found = query.where(*where).group_by(m.EntityLink.entity_in_id).subquery()
    return select(cast(func.json_object_agg(cast(found.c.id, Text), found.c.rows), Text))


def _listed(*where: Condition, sequences: bool, origin: bool = True) -> Select[Any]:
    """Castings as breakdowns show them."""
    columns: dict[str, Any] = {
        "asset_id": _ASSET.id,
        "name": _ASSET.name,
        "asset_name": _ASSET.name,
        "asset_type_name": _KIND.name,
    }
    if sequences:
        columns["sequence_name"] = _SEQUENCE.name
    columns["preview_file_id"] = _ASSET.preview_file_id
    columns |= {"nb_occurences": m.EntityLink.nb_occurences, "label": m.EntityLink.label}
    if origin:
        columns |= {"is_shared": _ASSET.is_shared, "project_id": _ASSET.project_id}
    query = _to_caster(_grouped(columns))
    if sequences:
        query = query.outerjoin(_SEQUENCE, _SEQUENCE.id == m.Entity.parent_id)
    return _by_caster(query, *where)


def _whole(text: str | None) -> bytes:
    return (text or "{}").encode()


_OF_SEQUENCE = Statements(
    lambda: _listed(m.Entity.parent_id == bindparam("id", type_=Uuid()), of_kind("Shot"), sequences=True)
)
"""What the shots of one sequence cast."""


class Breakdown:
    """What the routes of castings read."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def casting_json(self, entity_id: UUID) -> bytes:
        """The assets that an entity casts, by type and name."""
        return bracketed(await _CASTING().scalar(self.session, id=entity_id))

    async def castings_json(self, *where: Condition) -> bytes:
        """The castings of entities: an object of their ids, each with the assets as `casting_json` has
        them."""
        return await self._object(_by_caster(_to_caster(_grouped(_casting_columns())), *where))

    async def listed_castings_json(
        self, *where: Condition, sequences: bool = False, origin: bool = True
    ) -> bytes:
        """The castings of entities as breakdowns show them: an object of their ids. `sequences` adds the
        name of what holds the entity, `origin` whose the asset is."""
        return await self._object(_listed(*where, sequences=sequences, origin=origin))

    async def sequence_castings_json(self, sequence_id: UUID, seen: Condition) -> bytes:
        """The castings of a sequence's shots that the caller sees, as breakdowns show them."""
        if is_everything(seen):
            return _whole(await _OF_SEQUENCE().scalar(self.session, id=sequence_id))
        where = (m.Entity.parent_id == sequence_id, of_kind("Shot"), seen)
        return await self.listed_castings_json(*where, sequences=True)

    async def _object(self, query: Select[Any]) -> bytes:
        return _whole(await self.session.scalar(query))

    async def cast_in_json(self, asset_id: UUID, seen: Condition) -> bytes:
        """The shots that cast an asset, then the assets that do, as far as the caller sees them."""
        shots = (
            _to_caster(
                select(
                    _pairs(
                        {
                            "shot_id": m.Entity.id,
                            "shot_name": m.Entity.name,
                            "sequence_name": _SEQUENCE.name,
                            "episode_id": _EPISODE.id,
                            "episode_name": _EPISODE.name,
                            "preview_file_id": m.Entity.preview_file_id,
                            "nb_occurences": m.EntityLink.nb_occurences,
                        }
                    ).label("row"),
                    literal_column("1").label("rank"),
                    func.concat_ws("/", _EPISODE.name, _SEQUENCE.name, m.Entity.name).label("place"),
                )
            )
            .outerjoin(_SEQUENCE, _SEQUENCE.id == m.Entity.parent_id)
            .outerjoin(_EPISODE, _EPISODE.id == _SEQUENCE.parent_id)
            .where(m.EntityLink.entity_out_id == asset_id, of_kind("Shot"), seen)
        )
        caster = aliased(m.EntityType)
        users = (
            _to_caster(
                select(
                    _pairs(
                        {
                            "asset_id": m.Entity.id,
                            "asset_name": m.Entity.name,
                            "asset_type_name": caster.name,
                            "preview_file_id": m.Entity.preview_file_id,
                            "nb_occurences": m.EntityLink.nb_occurences,
                        }
                    ).label("row"),
                    literal_column("2").label("rank"),
                    func.concat_ws("/", caster.name, m.Entity.name).label("place"),
                )
            )
            .join(caster, caster.id == m.Entity.entity_type_id)
            .where(m.EntityLink.entity_out_id == asset_id, assets(), seen)
        )
        both = union_all(shots, users).subquery()
        texts = func.string_agg(
            cast(both.c.row, Text), aggregate_order_by(literal_column("','"), both.c.rank, both.c.place)
        )
        text: str | None = await self.session.scalar(select(texts))
        return b"[" + (text or "").encode() + b"]"

    def _links(self, project_id: UUID, limit: int, *where: Condition, whole: bool) -> Select[Any]:
        """Links of a production in the order in which they were made. Those of one moment stay together,
        so that a page may hold more than its limit, but the next misses none."""
        link = m.EntityLink
        columns: dict[str, Any] = {
            "id": link.id,
            "entity_in_id": link.entity_in_id,
            "entity_out_id": link.entity_out_id,
            "nb_occurences": link.nb_occurences,
            "label": link.label,
            "data": link.data,
            "created_at": func.to_char(link.created_at, MOMENT_FORMAT),
        }
        if whole:
            columns["updated_at"] = func.to_char(link.updated_at, MOMENT_FORMAT)
        columns["type"] = literal("EntityLink", Text)
        query = (
            select(*_labelled(columns))
            .join(m.Entity, m.Entity.id == link.entity_in_id)
            .where(m.Entity.project_id == project_id, *where)
        )
        return query.order_by(link.created_at).fetch(limit, with_ties=True)

    async def links_json(self, project_id: UUID, seen: Condition, limit: int | None) -> bytes:
        """The links of a production that the caller sees, oldest first."""
        query = self._links(project_id, limit or ALL_LINKS, seen, whole=False)
        return await json_array(self.session, query)

    async def links_parts(self, project_id: UUID, seen: Condition) -> AsyncIterator[bytes]:
        """All of them, in pieces."""
        query = self._links(project_id, ALL_LINKS, seen, whole=False)
        async for part in json_parts(self.session, query, AT_A_TIME):
            yield part

    async def links_after_json(
        self, project_id: UUID, seen: Condition, moment: dt.datetime, limit: int
    ) -> bytes:
        """The links of a production that were made after a moment: a JSON object with `data`, the `total`
        of the production, and the `limit`."""
        after = m.EntityLink.created_at > moment
        rows = await json_array(self.session, self._links(project_id, limit, seen, after, whole=True))
        counted = (
            select(func.count())
            .select_from(m.EntityLink)
            .join(m.Entity, m.Entity.id == m.EntityLink.entity_in_id)
            .where(m.Entity.project_id == project_id, seen)
        )
        total = int(await self.session.scalar(counted) or 0)
        return b'{"data":' + rows + f',"total":{total},"limit":{limit}}}'.encode()

    async def caster_of_link(self, link_id: UUID) -> UUID | None:
        """The entity that a link is part of the casting of; None when there is no such link."""
        query = select(m.EntityLink.entity_in_id).where(m.EntityLink.id == link_id)
        caster: UUID | None = await self.session.scalar(query)
        return caster

    async def link_json(self, link_id: UUID) -> bytes | None:
        """A link as a JSON object; None when there is none."""
        columns = ENTITY_LINK.columns().values()
        return await json_object(self.session, select(*columns).where(m.EntityLink.id == link_id))
