"""What the rows of a sheet became, as answers show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.projection import Projection, json_array
from kitsu_api.db.projections import PERSON
from kitsu_api.db.repositories.bulk import in_order

ENTITY = Projection(m.Entity, "Entity")
ANSWERS_OF: dict[str, Projection] = {"assets": ENTITY, "shots": ENTITY, "edits": ENTITY, "persons": PERSON}
"""What is shown of a row, by the kind of its sheet."""


async def rows_json(session: AsyncSession, kind: str, ids: Sequence[UUID]) -> bytes:
    """Rows as a JSON array, in the order of the ids; one whose id is there twice is shown twice."""
    if not ids:
        return b"[]"
    projection = ANSWERS_OF[kind]
    wanted = in_order(ids)
    columns: list[Any] = list(projection.columns().values())
    query = (
        select(*columns)
        .select_from(projection.model)
        .join(wanted, wanted.c.id == projection.key)
        .order_by(wanted.c.place)
    )
    return await json_array(session, query)
