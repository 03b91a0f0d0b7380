"""Productions: how they begin, and when they may be deleted."""

from __future__ import annotations

from typing import Any, cast

from kitsu_api.db.models import MetadataDescriptor, Project, ProjectTemplate
from kitsu_api.db.repositories.playlist_builds import PlaylistBuilds
from kitsu_api.db.repositories.project_removal import ProjectRemoval
from kitsu_api.db.repositories.projects import TEMPLATE_LINKS, ProjectRepository
from kitsu_api.errors import BadRequest
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.project_templates import TemplateDescriptor
from kitsu_api.services import playlist_builds, preview_accounts, project_templates, standing_rows
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

BEGINNING = "project_from_template"
"""Where a transaction keeps the template between the two halves of a creation."""

CLOSED_NAMES = frozenset({"closed", "archived"})
"""Names of the statuses of productions that are over, in lower case."""


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A production begins open, with what its template says where nothing else is given.

    Raises:
        BadRequest: there is no such template.
    """
    template_id = values.pop("project_template_id", None)
    if template_id is not None:
        template = await ProjectRepository(uow.session).find_template(template_id)
        if template is None:
            raise BadRequest("There is no such project template.")
        chosen = frozenset(name for name, *_ in TEMPLATE_LINKS if name in values)
        uow.session.info[BEGINNING] = (template, chosen)
        own = {name: value for name, value in values.items() if value is not None}
        values = {**values, **project_templates.columns_of(template), **own}
    if values.get("project_status_id") is None:
        status = await standing_rows.project_status(uow.session, standing_rows.OPEN)
        values["project_status_id"] = status.id
    return values


async def created(uow: UnitOfWork, actor: Actor, project: Project) -> None:
    """A production gets its template's settings, and the columns that all productions have."""
    begun: tuple[ProjectTemplate, frozenset[str]] | None = uow.session.info.pop(BEGINNING, None)
    if begun is not None:
        await project_templates.take_over(uow, begun[0], project.id, but=begun[1])
    projects = ProjectRepository(uow.session)
    for descriptor in await projects.shared_descriptors():
        departments = await projects.departments_of(descriptor.id)
        wish = _copy_of(descriptor).model_copy(update={"departments": departments})
        await project_templates.add_descriptor(uow, project.id, wish)


def _copy_of(descriptor: MetadataDescriptor) -> TemplateDescriptor:
    return TemplateDescriptor.model_construct(
        name=descriptor.name,
        field_name=descriptor.field_name,
        data_type=cast(Any, descriptor.data_type),
        entity_type=descriptor.entity_type,
        choices=descriptor.choices,
        for_client=bool(descriptor.for_client),
        position=descriptor.position,
        task_type_id=descriptor.task_type_id,
    )


async def deleting(uow: UnitOfWork, actor: Actor, project: Project) -> None:
    """A production that is over may go, with its settings; one in which something was made stays.

    Raises:
        BadRequest: it is not closed.
    """
    await _refuse_running(uow, project)
    await _delete_settings(uow, project)


async def deleting_with_content(uow: UnitOfWork, actor: Actor, project: Project) -> None:
    """A production that is over goes with everything that was made in it.

    Raises:
        BadRequest: it is not closed.
    """
    await _refuse_running(uow, project)
    await playlist_builds.forget_all(uow, await PlaylistBuilds(uow.session).of_project(project.id))
    await ProjectRemoval(uow.session, project.id).delete()
    await _delete_settings(uow, project)


async def _refuse_running(uow: UnitOfWork, project: Project) -> None:
    status = await ProjectRepository(uow.session).status_name(project.project_status_id)
    if (status or "").lower() not in CLOSED_NAMES:
        raise BadRequest("Only closed projects can be deleted")


async def _delete_settings(uow: UnitOfWork, project: Project) -> None:
    await preview_accounts.remove(uow, project.id)
    await ProjectRepository(uow.session).delete_settings(project.id)
