"""All that a client draws its pages from, as one JSON object in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db import project_columns
from kitsu_api.db import projections as p
from kitsu_api.db.prepared import Statements
from kitsu_api.db.project_columns import EMPTY_LIST, EMPTY_OBJECT
from kitsu_api.db.projection import Projection, array_of, bracketed, json_array
from kitsu_api.db.repositories.entity_lists import asset_types
from kitsu_api.db.repositories.projects import OPEN_NAMES

Condition = ColumnElement[bool]


Ids = Collection[UUID] | BindParameter[Any]
"""Ids, or the parameter that they will be."""


def among(column: Any, ids: Ids) -> Condition:
    """Rows whose column is one of the ids."""
    if isinstance(ids, BindParameter):
        same: Condition = column == func.any(ids)
        return same
    one: Condition = column.in_(list(ids))
    return one


@dataclass(frozen=True)
class Viewer:
    """For whom the context is written."""

    id: UUID
    departments: Ids
    projects: Condition
    """The productions that are open to them."""
    people: Condition
    """The people whom they may know of."""
    masked: Collection[str]
    """The columns of people that they may not read."""
    client_of: Ids
    """Productions in which they are a client: they see the metadata that is for clients."""
    vendor_of: Ids
    """Productions in which they are a vendor: they see the metadata of their departments."""
    project_ids: Collection[UUID] | None = None
    """What `projects` compares with; None where all productions are open to them."""
    outside: bool = True
    """Whether they know some of the studio's people only."""


def rows(query: Select[Any]) -> ColumnElement[Any]:
    """The rows of a query as a JSON list."""
    row = query.subquery("row")
    return (
        select(func.coalesce(func.json_agg(func.row_to_json(row.table_valued())), EMPTY_LIST))
        .select_from(row)
        .scalar_subquery()
    )


def all_of(projection: Projection, *where: Condition, **shape: Any) -> ColumnElement[Any]:
    """A table's rows as a JSON list, oldest first."""
    model: Any = projection.model
    query = select(*projection.columns(**shape).values()).where(*where)
    return rows(query.order_by(model.created_at, model.id))


_DESCRIPTOR: Any = aliased(m.MetadataDescriptor)
_RESTRICTION = aliased(m.DepartmentMetadataDescriptorLink)
_GRANT = aliased(m.DepartmentMetadataDescriptorLink)


@cache
def is_open() -> Condition:
    """Productions that run."""
    status = aliased(m.ProjectStatus)
    return m.Project.project_status_id.in_(select(status.id).where(func.lower(status.name).in_(OPEN_NAMES)))


def shown_descriptors(viewer: Viewer) -> ColumnElement[Any]:
    """The metadata columns of a production that the viewer may know of."""
    descriptor, link, mine = _DESCRIPTOR, _RESTRICTION, _GRANT
    if viewer.client_of == () and viewer.vendor_of == ():
        return project_columns.descriptors(m.Project.id, row=descriptor)
    restricted = select(link.metadata_descriptor_id).where(link.metadata_descriptor_id == descriptor.id)
    granted = select(mine.metadata_descriptor_id).where(
        mine.metadata_descriptor_id == descriptor.id, among(mine.department_id, viewer.departments)
    )
    return project_columns.descriptors(
        m.Project.id,
        or_(~among(descriptor.project_id, viewer.client_of), descriptor.for_client.is_(True)),
        or_(
            ~among(descriptor.project_id, viewer.vendor_of),
            ~restricted.exists(),
            granted.exists(),
        ),
        row=descriptor,
    )


def open_projects(viewer: Viewer, *where: Condition) -> Select[Any]:
    """The running productions of the viewer, with their settings."""
    columns = {**_open_columns(), "descriptors": shown_descriptors(viewer).label("descriptors")}
    query = select(*columns.values()).where(is_open(), viewer.projects, *where)
    return query.order_by(m.Project.name, m.Project.id)


@cache
def _open_columns() -> Mapping[str, ColumnElement[Any]]:
    """What a running production shows to everybody, built once: that takes longer than the query."""
    columns: dict[str, ColumnElement[Any]] = dict(p.PROJECT.columns(relations=True))
    settings = project_columns.details(m.Project)
    settings["first_episode_id"] = case(
        (m.Project.production_type == "tvshow", project_columns.first_episode_id(m.Project.id))
    )
    del settings["project_status_name"]
    return {**columns, **{name: value.label(name) for name, value in settings.items()}}


def all_projects(viewer: Viewer, *where: Condition) -> Select[Any]:
    """All productions of the viewer, those that are over as well."""
    status = project_columns.status_name(m.Project.project_status_id).label("project_status_name")
    descriptors = shown_descriptors(viewer).label("descriptors")
    query = select(*p.PROJECT.columns().values(), status, descriptors).where(viewer.projects, *where)
    return query.order_by(m.Project.name, m.Project.id)


def filters_by_list(projection: Projection, viewer: Viewer) -> ColumnElement[Any]:
    """Saved searches by list and production: the viewer's own, and those shared with their teams."""
    model: Any = projection.model
    reach = or_(model.project_id.is_(None), model.project_id.in_(select(m.Project.id).where(viewer.projects)))
    department = or_(model.department_id.is_(None), among(model.department_id, viewer.departments))
    mine = or_(model.person_id == viewer.id, and_(model.is_shared.is_(True), reach, department))
    row = select(*projection.columns().values()).where(mine).subquery("row")
    place = func.coalesce(cast(row.c.project_id, Text), literal("all", Text))
    per_project = (
        select(
            row.c.list_type,
            place.label("place"),
            func.jsonb_agg(func.to_jsonb(row.table_valued())).label("found"),
        )
        .group_by(row.c.list_type, place)
        .subquery("per_project")
    )
    per_list = (
        select(
            per_project.c.list_type,
            func.jsonb_object_agg(per_project.c.place, per_project.c.found).label("found"),
        )
        .group_by(per_project.c.list_type)
        .subquery("per_list")
    )
    found = func.jsonb_object_agg(per_list.c.list_type, per_list.c.found)
    return select(func.coalesce(found, cast(EMPTY_OBJECT, JSONB))).select_from(per_list).scalar_subquery()


def _own_roles(person_id: UUID) -> ColumnElement[Any]:
    """The roles that the viewer holds on productions by name, by their ids."""
    link = aliased(m.ProjectPersonLink)
    roles = func.json_object_agg(cast(link.project_id, Text), link.role)
    return (
        select(func.coalesce(roles, EMPTY_OBJECT))
        .where(link.person_id == person_id, link.role.is_not(None))
        .scalar_subquery()
    )


def _unread(person_id: UUID) -> ColumnElement[Any]:
    notification = aliased(m.Notification)
    return (
        select(func.count())
        .select_from(notification)
        .where(notification.person_id == person_id, notification.read.is_not(True))
        .scalar_subquery()
    )


@cache
def _library() -> Mapping[str, ColumnElement[Any]]:
    """What the studio has, and everybody may see."""
    return {
        "asset_types": all_of(p.ASSET_TYPE, asset_types(), relations=True),
        "custom_actions": all_of(p.CUSTOM_ACTION),
        "status_automations": all_of(p.STATUS_AUTOMATION),
        "departments": all_of(p.DEPARTMENT),
        "studios": all_of(p.STUDIO),
        "project_status": all_of(p.PROJECT_STATUS),
        "task_types": all_of(p.TASK_TYPE),
        "task_status": all_of(p.TASK_STATUS),
        "preview_background_files": all_of(p.PREVIEW_BACKGROUND_FILE),
        "plugins": all_of(p.PLUGIN),
    }


def _parts(viewer: Viewer) -> Mapping[str, ColumnElement[Any]]:
    people = [viewer.people, m.Person.is_guest.is_(False)]
    return {
        **_library(),
        "notification_count": _unread(viewer.id),
        "persons": all_of(p.PERSON, *people, relations=True, masked=viewer.masked),
        "project_roles": _own_roles(viewer.id),
        "projects": rows(open_projects(viewer)),
        "search_filters": filters_by_list(p.SEARCH_FILTER, viewer),
        "search_filter_groups": filters_by_list(p.SEARCH_FILTER_GROUP, viewer),
    }


async def context_json(session: AsyncSession, viewer: Viewer, user_limit: int) -> bytes:
    """The context of a viewer."""
    text: str | None
    if viewer.outside:
        text = await session.scalar(_context(viewer, user_limit))
    else:
        kept = _CONTEXT(frozenset(viewer.masked), viewer.project_ids is None)
        text = await kept.scalar(session, **_values(viewer), user_limit=user_limit)
    return (text or "{}").encode()


def _context(viewer: Viewer, user_limit: Any) -> Select[Any]:
    pairs = [part for name, value in _parts(viewer).items() for part in (literal(name, Text), value)]
    whole = func.json_build_object(*pairs, literal("user_limit", Text), user_limit)
    return select(cast(whole, Text))


def _standing(masked: frozenset[str], everywhere: bool) -> Viewer:
    """Anybody who knows all people, by what differs in the text of statements; the rest are parameters.

    To whom all productions are open is an outsider in none of them. PostgreSQL shall plan these long
    statements once, for that takes longer than to find the rows; it plans anew where values promise more.
    """
    ids = ARRAY(Uuid())
    mine = among(m.Project.id, bindparam("projects", type_=ids))
    id: Any = bindparam("viewer", type_=Uuid())
    return Viewer(
        # read by a query of its own, so that it makes no difference to plans
        id=select(id).scalar_subquery(),  # type: ignore[arg-type]  # stands for an id
        departments=bindparam("departments", type_=ids),
        projects=true() if everywhere else mine,
        people=m.Person.is_guest.is_(False),
        masked=masked,
        client_of=() if everywhere else bindparam("client_of", type_=ids),
        vendor_of=() if everywhere else bindparam("vendor_of", type_=ids),
    )


def _values(viewer: Viewer) -> dict[str, Any]:
    """The parameters of a viewer."""
    ids = {"departments": viewer.departments, "client_of": viewer.client_of, "vendor_of": viewer.vendor_of}
    lists = {name: list(each) for name, each in ids.items() if not isinstance(each, BindParameter)}
    return {**lists, "projects": list(viewer.project_ids or ()), "viewer": viewer.id}


_CONTEXT = Statements(
    lambda masked, everywhere: _context(
        _standing(masked, everywhere), bindparam("user_limit", type_=Integer())
    )
)
_OPEN = Statements(lambda everywhere: array_of(open_projects(_standing(frozenset(), everywhere))))
"""The context, and the running productions, of those who know all people of the studio."""


async def open_projects_json(session: AsyncSession, viewer: Viewer, name: str | None) -> bytes:
    """The running productions of a viewer; `name` in any case narrows them."""
    if name is None and not viewer.outside:
        rows = await _OPEN(viewer.project_ids is None).scalar(session, **_values(viewer))
        return bracketed(rows)
    return await json_array(session, open_projects(viewer, *_named(name)))


async def all_projects_json(session: AsyncSession, viewer: Viewer, name: str | None) -> bytes:
    """All productions of a viewer; `name` in any case narrows them."""
    return await json_array(session, all_projects(viewer, *_named(name)))


def _named(name: str | None) -> list[Condition]:
    return [] if name is None else [func.lower(m.Project.name) == name.lower()]
