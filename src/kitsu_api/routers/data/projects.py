"""Productions and their templates."""

from __future__ import annotations

from typing import Any

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.permissions.policies.persons import outsider
from kitsu_api.permissions.policies.projects import runs_a_production
from kitsu_api.permissions.policies.roles import admins, managers
from kitsu_api.permissions.scopes import managed_projects, own_projects
from kitsu_api.routers.crud import Resource
from kitsu_api.schemas import records as s
from kitsu_api.services import project_templates, projects

RESOURCES: tuple[Resource[Any], ...] = (
    Resource(
        path="projects",
        name="project",
        plural="projects",
        tag="Projects",
        model=m.Project,
        projection=p.PROJECT,
        read=s.ProjectRead,
        create=s.ProjectCreate,
        update=s.ProjectUpdate,
        links=p.PROJECT_LINKS,
        scope=own_projects(m.Project.id),
        own=managed_projects(m.Project.id),
        masked=lambda actor: frozenset({"descriptors"}) if outsider(actor) else frozenset(),
        creators=admins,
        updaters=runs_a_production,
        creating=projects.creating,
        created=projects.created,
        deleting=projects.deleting,
        forced=projects.deleting_with_content,
    ),
    Resource(
        path="project-templates",
        name="project_template",
        plural="project_templates",
        tag="Project templates",
        model=m.ProjectTemplate,
        projection=p.PROJECT_TEMPLATE,
        read=s.ProjectTemplateRead,
        create=s.ProjectTemplateCreate,
        update=s.ProjectTemplateUpdate,
        links=p.TEMPLATE_LINKS,
        readers=managers,
        creators=admins,
        creating=project_templates.creating,
        updating=project_templates.updating,
        deleting=project_templates.deleting,
    ),
)
