"""Who sees which shots somebody finished."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.quotas import PersonInProject, sees_quotas_of
from kitsu_api.permissions.scopes import projects_of, supervised_by


@dataclass(frozen=True)
class QuotaRequest:
    """Whose finished shots are asked for, and of which production; None for all that the caller may see."""

    person_id: UUID
    project_id: UUID | None


def sees_finished_shots(actor: Actor, request: QuotaRequest) -> bool:
    """One's own; those of others for who oversees the production, or any where none is named."""
    if request.project_id is not None:
        return sees_quotas_of(actor, PersonInProject(request.project_id, request.person_id))
    if request.person_id == actor.id:
        return not actor.is_guest
    return actor.is_admin or bool(supervised_by(actor))


def quota_projects(actor: Actor, request: QuotaRequest) -> Collection[UUID] | None:
    """The productions whose shots count; None for all."""
    if request.project_id is not None:
        return (request.project_id,)
    return projects_of(actor) if request.person_id == actor.id else supervised_by(actor)
