"""The shots that somebody finished, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.entity_names import full_name
from kitsu_api.db.models import Entity
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.records import Records

QUOTA_SHOT = replace(ENTITY, type_name="Entity", computed={"full_name": full_name(Entity.id)})


async def weighted_shots_json(session: AsyncSession, weights: Mapping[UUID, float]) -> bytes:
    """The shots of these ids as a JSON array by full name, each with its weight, in one statement."""
    if not weights:
        return b"[]"
    rows = orjson.loads(await Records(session, Entity).list_json(QUOTA_SHOT, [Entity.id.in_(list(weights))]))
    for row in rows:
        row["weight"] = weights[UUID(row["id"])]
    return orjson.dumps(sorted(rows, key=lambda row: row["full_name"] or ""))
