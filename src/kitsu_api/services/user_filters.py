"""Saved searches: whose they are, and who may share them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.models import Department, Project, SearchFilter, SearchFilterGroup
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_filters import UserFilters
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]
Saved = SearchFilter | SearchFilterGroup

SHARERS = (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)
"""Who may show a search to the rest of the team."""


def may_share(actor: Actor, project_id: UUID | None) -> bool:
    """Whether the caller may share a search with a production, or without one with the whole studio."""
    if project_id is None:
        return actor.has(Role.ADMIN, Role.MANAGER)
    return actor.role_on(project_id) in SHARERS


async def _check(uow: UnitOfWork, actor: Actor, values: Values, shared: bool) -> None:
    """What a search names exists, is open to the caller, and may be shared by them.

    Raises:
        BadRequest: the production, department or group does not exist.
        Forbidden: they may not share it.
    """
    project_id, department_id = values.get("project_id"), values.get("department_id")
    for name, model, id in (
        ("project_id", Project, project_id),
        ("department_id", Department, department_id),
    ):
        if id is not None and not await Records[Any](uow.session, model).exists(model.id == id):
            raise BadRequest(
                f"{name}: there is no such {'production' if model is Project else 'department'}."
            )
    group_id = values.get("search_filter_group_id")
    if group_id is not None and await UserFilters(uow.session, actor.id).find_group(group_id) is None:
        raise BadRequest("search_filter_group_id: there is no such group of yours.")
    if shared and not may_share(actor, project_id):
        raise Forbidden("Only supervisors and managers of a production may share searches with it.")


async def save(uow: UnitOfWork, actor: Actor, model: type[Saved], values: Values) -> UUID:
    """Save a search, or a group of searches, of the caller; its id.

    Raises:
        BadRequest: it names something that does not exist.
        Forbidden: they may not share it.
    """
    await _check(uow, actor, values, bool(values.get("is_shared")))
    records: Records[Any] = Records(uow.session, model)
    row = await records.add({**values, "person_id": actor.id})
    found: UUID = row.id
    return found


async def change(uow: UnitOfWork, actor: Actor, row: Saved, values: Values) -> None:
    """Change a search, or a group of searches, of the caller.

    Raises:
        BadRequest: it names something that does not exist.
        Forbidden: they may not share it.
    """
    after = {"project_id": row.project_id, "is_shared": row.is_shared, **values}
    await _check(uow, actor, {**values, "project_id": after["project_id"]}, bool(after["is_shared"]))
    records: Records[Any] = Records(uow.session, type(row))
    await records.change(row, values)


async def remove_group(uow: UnitOfWork, group: SearchFilterGroup) -> None:
    """Delete a group; its searches stay, without one."""
    await UserFilters(uow.session, group.person_id).empty_group(group.id)
    await Records(uow.session, SearchFilterGroup).delete(group)
