"""Episodes, sequences and scenes as single ones show them, and the tasks on what they hold."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.projection import json_object
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entity_columns import name_of_entity, name_of_project, open_metadata
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS, of_kind

Condition = ColumnElement[bool]


async def _one(
    session: AsyncSession,
    id: UUID,
    kind: str,
    departments: Collection[UUID] | None,
    more: dict[str, Any],
    *,
    relations: bool,
) -> bytes | None:
    columns: dict[str, Any] = dict(ENTITY.columns(relations=relations))
    if departments is not None:
        columns["data"] = open_metadata(departments)
    columns |= {"project_name": name_of_project(), **more}
    labelled = [column.label(name) for name, column in columns.items()]
    return await json_object(session, select(*labelled).where(m.Entity.id == id, of_kind(kind)))


async def episode_json(
    session: AsyncSession, id: UUID, departments: Collection[UUID] | None, *, relations: bool = False
) -> bytes | None:
    """An episode; `departments` narrow its metadata. None: no such episode."""
    return await _one(session, id, "Episode", departments, {}, relations=relations)


async def sequence_json(
    session: AsyncSession, id: UUID, departments: Collection[UUID] | None, *, relations: bool = False
) -> bytes | None:
    """A sequence with the name of its episode; `departments` narrow its metadata. None: no such one."""
    parent = m.Entity.parent_id
    more: dict[str, Any] = {"episode_id": parent, "episode_name": name_of_entity(parent)}
    return await _one(session, id, "Sequence", departments, more, relations=relations)


async def scene_json(
    session: AsyncSession, id: UUID, departments: Collection[UUID] | None, *, relations: bool = False
) -> bytes | None:
    """A scene with the names of its sequence and episode; `departments` narrow its metadata. None: no
    such scene."""
    sequence, parent = aliased(m.Entity), m.Entity.parent_id
    above = select(sequence.parent_id).where(sequence.id == parent).correlate(m.Entity).scalar_subquery()
    more: dict[str, Any] = {
        "sequence_id": parent,
        "sequence_name": name_of_entity(parent),
        "episode_id": above,
        "episode_name": name_of_entity(above),
    }
    return await _one(session, id, "Scene", departments, more, relations=relations)


def tasks_on_shots_of_sequence(sequence_id: UUID) -> Condition:
    """Tasks on the shots of a sequence."""
    shot = aliased(m.Entity)
    return m.Task.entity_id.in_(_of_kind(select(shot.id), shot, "Shot").where(shot.parent_id == sequence_id))


def tasks_on_shots_of_episode(episode_id: UUID) -> Condition:
    """Tasks on the shots of the sequences of an episode."""
    shot, sequence = aliased(m.Entity), aliased(m.Entity)
    shots = _of_kind(select(shot.id), shot, "Shot").join(sequence, sequence.id == shot.parent_id)
    return m.Task.entity_id.in_(shots.where(sequence.parent_id == episode_id))


def _of_kind(query: Any, entity: Any, name: str) -> Any:
    kind = aliased(m.EntityType)
    return query.join(kind, kind.id == entity.entity_type_id).where(kind.name == name)


def tasks_on_assets_of_episode(episode_id: UUID) -> Condition:
    """Tasks on the assets that an episode casts, or that were made for it."""
    asset, kind, link = aliased(m.Entity), aliased(m.EntityType), aliased(m.EntityLink)
    casting = select(link.entity_out_id).where(link.entity_in_id == episode_id)
    found = (
        select(asset.id)
        .join(kind, kind.id == asset.entity_type_id)
        .where(kind.name.not_in(OTHER_KINDS))
        .where(or_(asset.source_id == episode_id, asset.id.in_(casting)))
    )
    return m.Task.entity_id.in_(found)


async def bare_json(session: AsyncSession, id: UUID) -> bytes | None:
    """An entity as changes answer it, whose type is `Entity` whatever its kind; None: no such entity."""
    columns: dict[str, Any] = {**ENTITY.columns(), "type": literal("Entity", Text).label("type")}
    return await json_object(session, select(*columns.values()).where(m.Entity.id == id))
