"""What a board was computed from, as a short text that changes with any of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.repositories.board_fields import Board
from kitsu_api.db.repositories.row_states import common_state, state_of


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
        state_of(entity, *_of(entity.c.project_id, projects)),
        state_of(task, *_of(task.c.project_id, projects)),
        state_of(m.TaskPersonLink.__table__),
        state_of(project, *_of(project.c.id, projects)),
        state_of(m.EntityType.__table__),
        state_of(subscription, subscription.c.person_id == person_id),
    ]
    if "casting" in board.joins:
        parts.append(state_of(m.EntityLink.__table__))
    if "concepts" in board.joins:
        parts.append(state_of(m.EntityConceptLink.__table__))
    if "preview" in board.joins:
        preview = m.PreviewFile.__table__
        shown = select(m.Entity.preview_file_id).where(board.condition(), *_of(m.Entity.project_id, projects))
        parts.append(state_of(preview, preview.c.id.in_(shown)))
    key = ("board", board.kind, None if projects is None else frozenset(projects), person_id)
    return await common_state(session, key, parts)
