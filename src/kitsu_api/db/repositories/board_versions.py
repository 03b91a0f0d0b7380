"""What boards and lists were computed from, as short texts that change with any of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from kitsu_api.db import models as m
from kitsu_api.db.repositories.board_fields import Board
from kitsu_api.db.repositories.row_states import Search, States, state_of


def _of(column: Any, everywhere: bool) -> list[ColumnElement[bool]]:
    """The rows of the productions that are asked for."""
    return [] if everywhere else [column == any_(bindparam("projects", type_=ARRAY(Uuid())))]


def _board(board: Board, everywhere: bool) -> list[ColumnElement[str]]:
    """Tables of pairs are looked at as a whole: to find a production's pairs costs more than to sum all. Only
    what episodes cast is shown, and they are few: what becomes an episode brings its links along."""
    task, entity, project = m.Task.__table__, m.Entity.__table__, m.Project.__table__
    subscription = m.Subscription.__table__
    parts = [
        state_of(entity, *_of(entity.c.project_id, everywhere)),
        state_of(task, *_of(task.c.project_id, everywhere)),
        state_of(m.TaskPersonLink.__table__),
        state_of(project, *_of(project.c.id, everywhere)),
        state_of(m.EntityType.__table__),
        state_of(subscription, subscription.c.person_id == bindparam("person_id", type_=Uuid())),
    ]
    if "casting" in board.joins:
        link = m.EntityLink.__table__
        episodes = select(m.Entity.id).join(m.EntityType).where(m.EntityType.name == "Episode")
        parts.append(state_of(link, link.c.entity_in_id.in_(episodes)))
    if "concepts" in board.joins:
        parts.append(state_of(m.EntityConceptLink.__table__))
    if "preview" in board.joins:
        preview = m.PreviewFile.__table__
        shown = select(m.Entity.preview_file_id).where(
            board.condition(), *_of(m.Entity.project_id, everywhere)
        )
        parts.append(state_of(preview, preview.c.id.in_(shown)))
    return parts


def _entities(everywhere: bool) -> list[ColumnElement[str]]:
    entity, project = m.Entity.__table__, m.Project.__table__
    return [
        state_of(entity, *_of(entity.c.project_id, everywhere)),
        state_of(project, *_of(project.c.id, everywhere)),
        state_of(m.EntityType.__table__),
    ]


def _tasks() -> list[ColumnElement[str]]:
    task = m.Task.__table__
    return [state_of(task, *_of(task.c.project_id, everywhere=False)), state_of(m.TaskPersonLink.__table__)]


def _links() -> list[ColumnElement[str]]:
    link, entity = m.EntityLink.__table__, m.Entity.__table__
    return [state_of(link), state_of(entity, *_of(entity.c.project_id, everywhere=False))]


_BOARD, _ENTITIES, _TASKS, _LINKS = States(_board), States(_entities), States(_tasks), States(_links)


def _chosen(projects: Collection[UUID] | None) -> dict[str, tuple[UUID, ...]]:
    return {} if projects is None else {"projects": tuple(sorted(projects))}


def board_rows(board: Board, projects: Collection[UUID] | None, person_id: UUID) -> Search:
    """The state of all that a board of these productions (None: of all) shows this person; one statement."""
    return _BOARD.search(board, projects is None, person_id=person_id, **_chosen(projects))


def entity_rows(projects: Collection[UUID] | None) -> Search:
    """The state of all that lists of entities of these productions (None: of all) show; one statement."""
    return _ENTITIES.search(projects is None, **_chosen(projects))


def task_rows(project_id: UUID) -> Search:
    """The state of the tasks of a production and of who is assigned to them; one statement."""
    return _TASKS.search(projects=(project_id,))


def link_rows(project_id: UUID) -> Search:
    """The state of what the entities of a production cast; one statement."""
    return _LINKS.search(projects=(project_id,))
