"""Which news people may read."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, or_

from kitsu_api.db import scopes
from kitsu_api.db.repositories.news import COMMENT, TASK
from kitsu_api.db.repositories.projects import open_project_ids
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.scopes import open_to, projects_of

Condition = ColumnElement[bool]


def seen_news(actor: Actor, project_id: UUID | None) -> list[Condition]:
    """News of the caller's productions (without a named one, of those that run): where they are a vendor
    those of their own tasks, where they are a client those of comments that are for clients or theirs."""
    found: list[Condition] = []
    if project_id is None:
        found.append(TASK.project_id.in_(open_project_ids()))
        projects = projects_of(actor)
        if projects is not None:
            found.append(TASK.project_id.in_(list(projects)))
    if actor.is_admin:
        return found
    if as_vendor := open_to(actor, Role.VENDOR):
        own = TASK.id.in_(scopes.tasks_of(actor.id))
        found.append(or_(TASK.project_id.not_in(list(as_vendor)), own))
    if as_client := open_to(actor, Role.CLIENT):
        meant = or_(COMMENT.for_client.is_(True), COMMENT.person_id == actor.id)
        found.append(or_(TASK.project_id.not_in(list(as_client)), meant))
    return found
