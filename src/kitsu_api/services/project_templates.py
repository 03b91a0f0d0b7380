"""Templates: unique names, and what a production takes over from one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from kitsu_api.db.models import Project, ProjectTemplate
from kitsu_api.db.repositories.project_templates import (
    BACKGROUNDS,
    Part,
    TemplateLibrary,
    descriptors_of,
    existing_departments,
    existing_task_types,
)
from kitsu_api.db.repositories.projects import ProjectRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.project_templates import TemplateDescriptor, TemplateFromProject
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
    values["field_name"] = field_name_of(wish)
    if await projects.has_descriptor(project_id, wish.entity_type, wish.name, values["field_name"]):
        return
    # The template may be older than the library: what has been deleted since is left out.
    types = [] if wish.task_type_id is None else [wish.task_type_id]
    values["task_type_id"] = next(iter(await existing_task_types(uow.session, types)), None)
    departments = await existing_departments(uow.session, wish.departments)
    descriptor = await projects.add_descriptor({**values, "project_id": project_id}, departments)
    uow.emit(record_event("metadata-descriptor", "new", descriptor.id, project_id))


def field_name_of(wish: TemplateDescriptor) -> str:
    """The key under which entities keep the column's value."""
    return wish.field_name or wish.name.lower().replace(" ", "_")


def _documents(wishes: list[TemplateDescriptor]) -> list[Values]:
    """Metadata columns as the template keeps them."""
    return [{**wish.model_dump(mode="json"), "field_name": field_name_of(wish)} for wish in wishes]


def _tell(uow: UnitOfWork, template_id: UUID) -> None:
    uow.emit(record_event("project-template", "update", template_id))


async def choose(uow: UnitOfWork, template: ProjectTemplate, part: Part, id: UUID, values: Values) -> None:
    """Add a row of the library to a template, or change what it sets for it.

    Raises:
        BadRequest: the library has no such row.
    """
    library = TemplateLibrary(uow.session, template.id)
    if not await library.exists(part, id):
        raise BadRequest(f"{part.column}: the library has no such row.")
    await library.choose(part, id, values)
    if not part.keeps_settings:
        await Records(uow.session, ProjectTemplate).change(template, {})
    _tell(uow, template.id)


async def drop(uow: UnitOfWork, template: ProjectTemplate, part: Part, id: UUID) -> None:
    """Take a row of the library out of a template; nothing happens when it is not in.

    A background that goes is no longer the default one.
    """
    if not await TemplateLibrary(uow.session, template.id).drop(part, id):
        return
    if not part.keeps_settings:
        was_default = part is BACKGROUNDS and template.default_preview_background_file_id == id
        changes = {"default_preview_background_file_id": None} if was_default else {}
        await Records(uow.session, ProjectTemplate).change(template, changes)
    _tell(uow, template.id)


async def reorder(uow: UnitOfWork, template: ProjectTemplate, part: Part, ids: list[UUID]) -> bytes:
    """Number what a template has of the library from 1; the links as JSON, in this order.

    Ids that the template has not are left out; rows that are not named keep their place.
    """
    library = TemplateLibrary(uow.session, template.id)
    known = await library.reorder(part, ids)
    for _ in known:
        _tell(uow, template.id)
    return await library.links_json(part, known)


async def set_default_background(uow: UnitOfWork, template: ProjectTemplate, id: UUID | None) -> None:
    """Choose the background that previews begin with; None for no particular one.

    Raises:
        BadRequest: the template has no such background.
    """
    if id is not None and not await TemplateLibrary(uow.session, template.id).has(BACKGROUNDS, id):
        raise BadRequest("Preview background file is not linked to this template")
    changes = {"default_preview_background_file_id": id}
    await Records(uow.session, ProjectTemplate).change(template, changes)
    _tell(uow, template.id)


async def set_descriptors(
    uow: UnitOfWork, template: ProjectTemplate, wishes: list[TemplateDescriptor]
) -> None:
    """Replace the metadata columns of a template.

    Raises:
        BadRequest: a column is for a department or a task type that does not exist.
    """
    named = {id for wish in wishes for id in wish.departments}
    if len(await existing_departments(uow.session, named)) < len(named):
        raise BadRequest("metadata_descriptors: a column is for a department that does not exist.")
    types = {wish.task_type_id for wish in wishes if wish.task_type_id is not None}
    if len(await existing_task_types(uow.session, types)) < len(types):
        raise BadRequest("metadata_descriptors: a column is for a task type that does not exist.")
    await Records(uow.session, ProjectTemplate).change(template, {"metadata_descriptors": _documents(wishes)})
    _tell(uow, template.id)


async def create_from_project(
    uow: UnitOfWork, actor: Actor, project_id: UUID, wish: TemplateFromProject
) -> UUID:
    """Make a template of the settings of a production, without its team; its id.

    Raises:
        NotFound: there is no such production.
        BadRequest: the name is taken.
    """
    project = await Records(uow.session, Project).find(project_id)
    if project is None:
        raise NotFound
    values = {name: getattr(project, name) for name in SHARED_COLUMNS}
    wishes = read_descriptors(await descriptors_of(uow.session, project_id))
    values.update(name=wish.name, description=wish.description, metadata_descriptors=_documents(wishes))
    template = await Records(uow.session, ProjectTemplate).add(await creating(uow, actor, values))
    await TemplateLibrary(uow.session, template.id).take_from_project(project_id)
    uow.emit(record_event("project-template", "new", template.id))
    return template.id


async def apply(uow: UnitOfWork, template: ProjectTemplate, project_id: UUID) -> None:
    """Give a production the settings of a template; what the template leaves open stays.

    Raises:
        NotFound: there is no such production.
    """
    project = await Records(uow.session, Project).find(project_id)
    if project is None:
        raise NotFound
    changes = {name: value for name, value in columns_of(template).items() if value is not None}
    await Records(uow.session, Project).change(project, changes)
    await take_over(uow, template, project_id)
