"""What productions, templates and departments say of what they are linked to: priorities, boards, roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kitsu_api.db.base import Base
from kitsu_api.db.project_columns import STATUS_LINK_COLUMNS, TYPE_LINK_COLUMNS
from kitsu_api.db.repositories.row_copies import RowCopies
from kitsu_api.services.sync.source import Source

Row = dict[str, Any]
TABLES = Base.metadata.tables


async def copy_project(source: Source, copies: RowCopies, id: str) -> None:
    """The roles in a team, the order and bit rates of task types, the boards of statuses, and softwares."""
    project = await source.read(f"/data/projects/{id}", {"relations": "true"})
    if not isinstance(project, dict):
        return
    types = project.get("task_type_links") or {
        key: {"priority": value} for key, value in (project.get("task_types_priority") or {}).items()
    }
    links = _by_id("task_type_id", types, TYPE_LINK_COLUMNS)
    await _set(copies, "project_task_type_link", "project_id", "task_type_id", id, links)
    links = _by_id("task_status_id", project.get("task_statuses_link") or {}, STATUS_LINK_COLUMNS)
    await _set(copies, "project_task_status_link", "project_id", "task_status_id", id, links)
    team = await source.read(f"/data/projects/{id}/team")
    if isinstance(team, list):
        links = [{"person_id": p["id"], "role": p["project_role"]} for p in team if "project_role" in p]
        await _set(copies, "project_person_link", "project_id", "person_id", id, links)
    softwares = await source.read(f"/data/projects/{id}/task-type-softwares")
    if isinstance(softwares, list):
        columns = ("id", "project_id", "task_type_id", "software_id", "created_at", "updated_at")
        rows = [{name: row[name] for name in columns if name in row} for row in softwares]
        await copies.replace(TABLES["project_task_type_software_link"], "project_id", id, rows)


async def copy_template(source: Source, copies: RowCopies, id: str) -> None:
    """The order and bit rates of the task types of a template, and the boards of its statuses."""
    types = await source.read(f"/data/project-templates/{id}/task-types")
    if isinstance(types, list):
        links = _by_id("task_type_id", {row["id"]: row for row in types}, TYPE_LINK_COLUMNS)
        await _set(
            copies, "project_template_task_type_link", "project_template_id", "task_type_id", id, links
        )
    statuses = await source.read(f"/data/project-templates/{id}/task-statuses")
    if isinstance(statuses, list):
        told = {
            row["id"]: {
                "priority": row.get("priority"),
                "roles_for_board": row.get("roles_for_board"),
                "is_client_allowed": row.get("link_is_client_allowed"),
            }
            for row in statuses
        }
        links = _by_id("task_status_id", told, STATUS_LINK_COLUMNS)
        await _set(
            copies, "project_template_task_status_link", "project_template_id", "task_status_id", id, links
        )


async def copy_equipment(source: Source, copies: RowCopies) -> None:
    """The softwares and hardware items of departments."""
    for path, name, key in (
        ("software-licenses", "software_department_link", "software_id"),
        ("hardware-items", "hardware_item_department_link", "hardware_item_id"),
    ):
        of_departments = await source.read(f"/data/departments/{path}")
        if not isinstance(of_departments, dict):
            continue
        wanted = {
            department: [{key: item["id"]} for item in items] for department, items in of_departments.items()
        }
        here = await copies.present(TABLES["department"], wanted)
        wanted = {department: items for department, items in wanted.items() if department in here}
        if wanted:
            await copies.set_links(TABLES[name], "department_id", key, wanted)


def _by_id(key: str, told: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> list[Row]:
    return [
        {key: id, **{name: values[name] for name in names if name in values}} for id, values in told.items()
    ]


async def _set(copies: RowCopies, table: str, own: str, other: str, id: str, links: list[Row]) -> None:
    """Set the links of one row; where nothing is told, what is here stays."""
    if links:
        await copies.set_links(TABLES[table], own, other, {id: links})
