"""What a board was computed from, as a short text that changes with any of it.

PostgreSQL gives each version of a row a place (`ctid`) and the transaction that wrote it (`xmin`). A sum
over the hashes of both changes with every insert, update and delete, whoever made it and by whatever
way: nobody has to remember to say so.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.repositories.board_fields import Board


def _version(table: Any, *where: ColumnElement[bool]) -> ColumnElement[str]:
    """The state of the rows of a table that meet the conditions."""
    name = table.name
    row = func.hashtextextended(literal_column(f"{name}.xmin::text||{name}.ctid::text"), literal_column("0"))
    state = func.concat_ws(" ", func.count(), func.sum(row))
    return select(state).select_from(table).where(*where).scalar_subquery()


def _of(column: Any, projects: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    return [] if projects is None else [column.in_(list(projects))]


async def board_version(
    session: AsyncSession, board: Board, projects: Collection[UUID] | None, person_id: UUID
) -> str:
    """The state of all that a board of these productions (None: of all) shows this person; one statement.

    Tables of pairs are looked at as a whole: to find a production's pairs costs more than to sum all.
    """
    task, entity, project = m.Task.__table__, m.Entity.__table__, m.Project.__table__
    subscription = m.Subscription.__table__
    parts = [
        _version(entity, *_of(entity.c.project_id, projects)),
        _version(task, *_of(task.c.project_id, projects)),
        _version(m.TaskPersonLink.__table__),
        _version(project, *_of(project.c.id, projects)),
        _version(m.EntityType.__table__),
        _version(subscription, subscription.c.person_id == person_id),
    ]
    if "casting" in board.joins:
        parts.append(_version(m.EntityLink.__table__))
    if "concepts" in board.joins:
        parts.append(_version(m.EntityConceptLink.__table__))
    if "preview" in board.joins:
        preview = m.PreviewFile.__table__
        shown = select(m.Entity.preview_file_id).where(board.condition(), *_of(m.Entity.project_id, projects))
        parts.append(_version(preview, preview.c.id.in_(shown)))
    found = await session.scalar(select(cast(func.concat_ws(",", *parts), Text)))
    return str(found)
