"""Which rows of a board a caller sees, and in which productions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from kitsu_api.db import scopes
from kitsu_api.db.models import Entity, Task
from kitsu_api.db.repositories.board_fields import Board
from kitsu_api.db.repositories.boards import Scope
from kitsu_api.db.repositories.entity_lists import assigned_to, holding_assigned_to
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.entity_scopes import limited_to_assigned, masked_entities

HOLDERS = frozenset({"Episode", "Sequence", "Scene"})
"""Kinds that a vendor sees when they hold something of the vendor's."""


def shown_projects(actor: Actor, project_id: UUID | None) -> tuple[UUID, ...] | None:
    """The productions of a board: the one that was named, else the caller's; None for all there are."""
    if project_id is not None:
        return (project_id,)
    return None if actor.is_admin else tuple(actor.project_roles)


def is_limited(actor: Actor, project_id: UUID | None) -> bool:
    """Whether the caller sees only what they are assigned to, in any of the productions of a board."""
    limited = limited_to_assigned(actor)
    return bool(limited) if project_id is None else project_id in limited


def board_scope(
    board: Board, actor: Actor, project_id: UUID | None, more: Sequence[ColumnElement[bool]]
) -> Scope:
    """The rows of a board that the caller sees: of a vendor's productions their own tasks alone."""
    projects = shown_projects(actor, project_id)
    where: list[ColumnElement[bool]] = list(more)
    tasks: list[ColumnElement[bool]] = []
    if projects is not None:
        tasks.append(Task.project_id.in_(projects))
    if not is_limited(actor, project_id):
        if projects is not None:
            where.append(Entity.project_id.in_(projects))
        return Scope(where, tasks, actor.id)
    limited = limited_to_assigned(actor)
    whole = [id for id in projects or () if id not in limited]
    narrow = [id for id in projects or () if id in limited]
    theirs = holding_assigned_to(actor.id) if board.kind in HOLDERS else assigned_to(actor.id)
    where.append(or_(Entity.project_id.in_(whole), and_(Entity.project_id.in_(narrow), theirs)))
    tasks.append(or_(Task.project_id.in_(whole), Task.id.in_(scopes.tasks_of(actor.id))))
    return Scope(where, tasks, actor.id, masked_entities(actor), actor.departments)
