"""What a production shows beside its own columns: descriptors and the settings of its types and statuses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.prepared import built_once
from kitsu_api.db.projection import Link

EMPTY_LIST: ColumnElement[Any] = literal_column("'[]'::json")
EMPTY_OBJECT: ColumnElement[Any] = literal_column("'{}'::json")

TYPE_LINK_COLUMNS = ("priority", "hd_bitrate_compression", "ld_bitrate_compression", "is_client_visible")
STATUS_LINK_COLUMNS = ("priority", "roles_for_board", "is_client_allowed")
DESCRIPTOR_COLUMNS = (
    "id",
    "name",
    "field_name",
    "data_type",
    "choices",
    "for_client",
    "entity_type",
    "task_type_id",
    "position",
)
DESCRIPTOR_DEPARTMENTS = Link(m.DepartmentMetadataDescriptorLink, "metadata_descriptor_id", "department_id")


def pairs_of(row: Any, names: tuple[str, ...]) -> list[Any]:
    """Names and columns in turn, as `json_build_object` takes them."""
    return [part for name in names for part in (name, getattr(row, name))]


def descriptors(project_id: Any, *conditions: Any, row: Any = None) -> ColumnElement[Any]:
    """The metadata columns of a production, as a JSON list; `conditions` are on `row`, their alias."""
    descriptor: Any = row if row is not None else aliased(m.MetadataDescriptor)
    departments = DESCRIPTOR_DEPARTMENTS.ids(descriptor.id)
    card = func.json_build_object(*pairs_of(descriptor, DESCRIPTOR_COLUMNS), "departments", departments)
    return (
        select(func.coalesce(func.json_agg(card), EMPTY_LIST))
        .where(descriptor.project_id == project_id, *conditions)
        .scalar_subquery()
    )


@built_once
def task_type_links(project_id: Any) -> ColumnElement[Any]:
    """What a production sets for each of its task types, by their id."""
    link = aliased(m.ProjectTaskTypeLink)
    card = func.json_build_object(*pairs_of(link, TYPE_LINK_COLUMNS))
    return _by_id(link.task_type_id, card, link.project_id == project_id)


@built_once
def task_types_priority(project_id: Any) -> ColumnElement[Any]:
    """The place of each task type in a production, by its id."""
    link = aliased(m.ProjectTaskTypeLink)
    return _by_id(link.task_type_id, link.priority, link.project_id == project_id)


@built_once
def task_statuses_link(project_id: Any) -> ColumnElement[Any]:
    """What a production sets for each of its task statuses, by their id."""
    link = aliased(m.ProjectTaskStatusLink)
    card = func.json_build_object(*pairs_of(link, STATUS_LINK_COLUMNS))
    return _by_id(link.task_status_id, card, link.project_id == project_id)


@built_once
def status_name(project_status_id: Any) -> ColumnElement[Any]:
    """The name of a production's status."""
    status = aliased(m.ProjectStatus)
    return select(status.name).where(status.id == project_status_id).scalar_subquery()


@built_once
def first_episode_id(project_id: Any) -> ColumnElement[Any]:
    """The episode that a show opens on: the first by name of those that run, else of all."""
    episode, kind = aliased(m.Entity), aliased(m.EntityType)
    return (
        select(episode.id)
        .join(kind, and_(kind.id == episode.entity_type_id, kind.name == "Episode"))
        .where(episode.project_id == project_id, episode.canceled.is_not(True))
        .order_by((episode.status == "running").desc(), episode.name)
        .limit(1)
        .scalar_subquery()
    )


def _by_id(key: Any, value: Any, condition: Any) -> ColumnElement[Any]:
    rows = func.json_object_agg(cast(key, Text), value)
    return select(func.coalesce(rows, EMPTY_OBJECT)).where(condition).scalar_subquery()


def details(project: Any) -> dict[str, ColumnElement[Any]]:
    """What a single production shows besides its columns and relations."""
    return {
        "descriptors": descriptors(project.id),
        "task_type_links": task_type_links(project.id),
        "task_types_priority": task_types_priority(project.id),
        "task_statuses_link": task_statuses_link(project.id),
        "project_status_name": status_name(project.project_status_id),
    }
