"""Whose hours a caller sees."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from kitsu_api.db import scopes
from kitsu_api.db.models import TimeSpent
from kitsu_api.db.repositories.person_time_spents import in_departments
from kitsu_api.db.repositories.records import EVERYTHING
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.scopes import managed_by, open_to, own_rows


@dataclass(frozen=True)
class TimedPerson:
    """Somebody whose hours are asked for."""

    id: UUID
    departments: frozenset[UUID]


def sees_time_of(actor: Actor, person: TimedPerson) -> bool:
    """One's own hours; admins and those who run a production, everybody's; supervisors those of their
    departments, or of all when they have none. `visible_time` narrows the rows to their productions."""
    if person.id == actor.id:
        return not actor.is_guest
    if actor.is_admin or managed_by(actor):
        return True
    if not open_to(actor, Role.SUPERVISOR):
        return False
    return not actor.departments or bool(actor.departments & person.departments)


def visible_time(actor: Actor) -> ColumnElement[bool]:
    """The hours that the caller sees: their own, those on productions that they run, and, where they are
    a supervisor, those of people of their departments."""
    if actor.is_admin:
        return EVERYTHING
    choices: list[ColumnElement[bool]] = [own_rows(TimeSpent.person_id, scopes.time_spents)(actor)]
    if managed := managed_by(actor):
        choices.append(scopes.time_spents(managed))
    if supervised := open_to(actor, Role.SUPERVISOR):
        rows = scopes.time_spents(supervised)
        if actor.departments:
            rows = and_(rows, in_departments(TimeSpent.person_id, actor.departments))
        choices.append(rows)
    return or_(*choices)
