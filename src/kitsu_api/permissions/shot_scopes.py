"""Which episodes a caller sees."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_

from kitsu_api.db.models import Entity
from kitsu_api.db.repositories.entity_lists import holding_assigned_to, of_kind
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.entity_scopes import limited_to_assigned


def seen_episodes(actor: Actor) -> ColumnElement[bool]:
    """The episodes of the caller's productions; of a vendor's those that hold their work."""
    if actor.is_admin:
        return of_kind("Episode")
    limited = limited_to_assigned(actor)
    whole = [id for id in actor.project_roles if id not in limited]
    column = Entity.project_id
    return and_(
        of_kind("Episode"),
        or_(column.in_(whole), and_(column.in_(limited), holding_assigned_to(actor.id))),
    )
