"""Callers as those for whom a context is written."""

from __future__ import annotations

from kitsu_api.db.models import Project
from kitsu_api.db.repositories.user_context import Viewer
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.policies.persons import masked_of_people, outsider, visible_people
from kitsu_api.permissions.scopes import own_projects, projects_of


def viewer_of(actor: Actor) -> Viewer:
    """What the caller may see of the studio."""
    roles = {} if actor.is_admin else actor.project_roles
    return Viewer(
        id=actor.id,
        departments=actor.departments,
        projects=own_projects(Project.id)(actor),
        people=visible_people(actor),
        masked=masked_of_people(actor),
        client_of=[id for id, role in roles.items() if role is Role.CLIENT],
        vendor_of=[id for id, role in roles.items() if role is Role.VENDOR],
        project_ids=projects_of(actor),
        outside=outsider(actor),
    )
