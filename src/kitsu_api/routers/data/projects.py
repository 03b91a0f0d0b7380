"""Productions and their templates."""

from __future__ import annotations

from typing import Any

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.routers.crud import Resource
from kitsu_api.schemas import records as s

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
    ),
    Resource(
        path="project-templates",
        name="project_template",
        plural="project_templates",
        tag="Projects",
        model=m.ProjectTemplate,
        projection=p.PROJECT_TEMPLATE,
        read=s.ProjectTemplateRead,
        create=s.ProjectTemplateCreate,
        update=s.ProjectTemplateUpdate,
        links=p.TEMPLATE_LINKS,
    ),
)
