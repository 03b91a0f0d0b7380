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
    if project_id is None:
        return [TASK.project_id.in_(open_project_ids()), *seen_news_of_projects(actor)]
    return _meant_for(actor)


def seen_news_of_projects(actor: Actor) -> list[Condition]:
    """The same of the caller's productions, whether they run or not."""
    projects = projects_of(actor)
    own = [] if projects is None else [TASK.project_id.in_(list(projects))]
    return [*own, *_meant_for(actor)]


def _meant_for(actor: Actor) -> list[Condition]:
    """What narrows the news of a production that is open to the caller."""
    found: list[Condition] = []
    if actor.is_admin:
        return found
    if as_vendor := open_to(actor, Role.VENDOR):
        own = TASK.id.in_(scopes.tasks_of(actor.id))
        found.append(or_(TASK.project_id.not_in(list(as_vendor)), own))
    if as_client := open_to(actor, Role.CLIENT):
        meant = or_(COMMENT.for_client.is_(True), COMMENT.person_id == actor.id)
        found.append(or_(TASK.project_id.not_in(list(as_client)), meant))
    return found
