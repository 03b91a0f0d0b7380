"""Templates: unique names, and what a production takes over from one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from kitsu_api.db.models import Project, ProjectTemplate
from kitsu_api.db.repositories.projects import ProjectRepository
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.project_templates import TemplateDescriptor
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

OWN_COLUMNS = frozenset({"id", "name", "description", "created_at", "updated_at"})
"""Columns that describe the template itself; a production does not take them over."""

SHARED_COLUMNS = tuple(
    name
    for name in ProjectTemplate.__table__.columns.keys()  # noqa: SIM118 (iterating over a collection of columns gives columns)
    if name in Project.__table__.columns and name not in OWN_COLUMNS
)
"""Columns that a production takes over from its template."""

_DESCRIPTORS = TypeAdapter(list[TemplateDescriptor])


def read_descriptors(document: Any) -> list[TemplateDescriptor]:
    """The metadata columns of a template.

    Raises:
        BadRequest: the document is no list of them.
    """
    try:
        return _DESCRIPTORS.validate_python(document or [])
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(step) for step in problem["loc"])
        raise BadRequest(f"metadata_descriptors.{place}: {problem['msg']}") from error


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A template has a name of its own, and a list of metadata columns even when none is given.

    Raises:
        BadRequest: the name is taken, or the metadata columns can't be read.
    """
    if await ProjectRepository(uow.session).template_named(values["name"]):
        raise BadRequest("A project template with this name already exists")
    read_descriptors(values.get("metadata_descriptors"))
    values["metadata_descriptors"] = values.get("metadata_descriptors") or []
    return values


async def updating(uow: UnitOfWork, actor: Actor, template: ProjectTemplate, values: Values) -> Values:
    """As on creation.

    Raises:
        BadRequest: the name is taken, or the metadata columns can't be read.
    """
    name = values.get("name")
    if name is not None and await ProjectRepository(uow.session).template_named(name, but=template.id):
        raise BadRequest("A project template with this name already exists")
    read_descriptors(values.get("metadata_descriptors"))
    return values


async def deleting(uow: UnitOfWork, actor: Actor, template: ProjectTemplate) -> None:
    """What a template links to stays; the links go."""
    await ProjectRepository(uow.session).delete_template_links(template.id)


def columns_of(template: ProjectTemplate) -> Values:
    """What a production takes over into its own columns."""
    return {name: getattr(template, name) for name in SHARED_COLUMNS}


async def take_over(
    uow: UnitOfWork, template: ProjectTemplate, project_id: UUID, but: frozenset[str] = frozenset()
) -> None:
    """Give a production the types, statuses and metadata columns of a template that it lacks."""
    projects = ProjectRepository(uow.session)
    await projects.take_over_links(template.id, project_id, but)
    for wish in read_descriptors(template.metadata_descriptors):
        await add_descriptor(uow, project_id, wish)
    uow.emit(record_event("project", "update", project_id, project_id))


async def add_descriptor(uow: UnitOfWork, project_id: UUID, wish: TemplateDescriptor) -> None:
    """Give a production a metadata column, unless it has one of this name."""
    projects = ProjectRepository(uow.session)
    values = wish.model_dump(exclude={"departments"})
    values["field_name"] = wish.field_name or wish.name.lower().replace(" ", "_")
    if await projects.has_descriptor(project_id, wish.entity_type, wish.name, values["field_name"]):
        return
    descriptor = await projects.add_descriptor({**values, "project_id": project_id}, wish.departments)
    uow.emit(record_event("metadata-descriptor", "new", descriptor.id, project_id))
