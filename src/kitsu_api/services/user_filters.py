"""Saved searches: whose they are, and who may share them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.models import Department, Project, SearchFilter, SearchFilterGroup
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.user_filters import UserFilters
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]
Saved = SearchFilter | SearchFilterGroup


def may_share(actor: Actor, project_id: UUID) -> bool:
    """Whether the caller may share a search with a production: those who run it do."""
    return actor.manages(project_id)


async def _check_named(uow: UnitOfWork, values: Values) -> None:
    """Make sure that the production and the department exist.

    Raises:
        BadRequest: one of them does not.
    """
    for name, model, word in (
        ("project_id", Project, "production"),
        ("department_id", Department, "department"),
    ):
        id = values.get(name)
        if id is not None and not await Records[Any](uow.session, model).exists(model.id == id):
            raise BadRequest(f"{name}: there is no such {word}.")


def _check_shared(actor: Actor, project_id: UUID | None) -> None:
    """Make sure that a search may be shared by the caller.

    Raises:
        BadRequest: it is of no production.
        Forbidden: they don't run the production.
    """
    if project_id is None:
        raise BadRequest(
            "is_shared: a search is shared with the team of a production, so it needs a project_id."
        )
    if not may_share(actor, project_id):
        raise Forbidden("Only those who run a production may share searches with it.")


async def _settled(
    uow: UnitOfWork, actor: Actor, owner_id: UUID | None, values: Values, row: Saved | None = None
) -> Values:
    """Values to make a search with, or to change it by. One that is put into a group is shared if the group
    is: both agree.

    Raises:
        BadRequest: they name something that does not exist; the group is shared and the search would not be,
            or the other way round; it would be shared and is of no production.
        Forbidden: the caller may not share it.
    """
    await _check_named(uow, values)
    group_id = values.get("search_filter_group_id", getattr(row, "search_filter_group_id", None))
    moves = row is not None and group_id != getattr(row, "search_filter_group_id", None)
    if moves and values.get("is_shared") is getattr(row, "is_shared", None):
        values.pop("is_shared", None)  # clients send whole rows back: that is no wish
    if group_id is not None and values.keys() & {"search_filter_group_id", "is_shared"}:
        group = await UserFilters(uow.session, owner_id).find_group(group_id)
        if group is None:
            raise BadRequest("search_filter_group_id: there is no such group of yours.")
        if values.setdefault("is_shared", group.is_shared) is not group.is_shared:
            raise BadRequest("is_shared: a search is shared if its group is. Change that of the group.")
    after: Values = {"project_id": None, "is_shared": False}
    if row is not None:
        after = {name: getattr(row, name) for name in after}
    after |= values
    if after["is_shared"] and (row is None or values.keys() & {"project_id", "is_shared", "department_id"}):
        _check_shared(actor, after["project_id"])
    return values


async def save(uow: UnitOfWork, actor: Actor, model: type[Saved], values: Values) -> UUID:
    """Save a search, or a group of searches, of the caller; its id.

    Raises:
        BadRequest: as `_settled`.
        Forbidden: they may not share it.
    """
    values = await _settled(uow, actor, actor.id, values)
    records: Records[Any] = Records(uow.session, model)
    row = await records.add({**values, "person_id": actor.id})
    found: UUID = row.id
    return found


async def change(uow: UnitOfWork, actor: Actor, row: Saved, values: Values) -> None:
    """Change a search, or a group of searches. What a group holds is shared with it, and no longer shared
    with it.

    Raises:
        BadRequest: as `_settled`.
        Forbidden: the caller may not share it.
    """
    values = await updating(uow, actor, row, values)
    records: Records[Any] = Records(uow.session, type(row))
    await records.change(row, values)


async def updating(uow: UnitOfWork, actor: Actor, row: Saved, values: Values) -> Values:
    """The values that a search is changed by, and the same for what a group holds: `change` without the
    change itself."""
    values = await _settled(uow, actor, row.person_id, values, row)
    if isinstance(row, SearchFilterGroup) and "is_shared" in values:
        project_id = values.get("project_id", row.project_id)
        held = UserFilters(uow.session, row.person_id)
        await held.share_group(row.id, project_id, shared=bool(values["is_shared"]))
    return values


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A saved search belongs to whoever saves it; admins may save one for somebody else, or
    for nobody: one that is shared.

    Raises:
        BadRequest: as `_settled`.
        Forbidden: it would be somebody else's, or shared by who may not.
    """
    if actor.is_admin:
        return values
    if values.setdefault("person_id", actor.id) != actor.id:
        raise Forbidden("You may only save searches of your own.")
    return await _settled(uow, actor, actor.id, values)


async def remove_group(uow: UnitOfWork, group: SearchFilterGroup) -> None:
    """Delete a group with the searches that it holds."""
    await UserFilters(uow.session, group.person_id).clear_group(group.id)
    await Records(uow.session, SearchFilterGroup).delete(group)


async def deleting_group(uow: UnitOfWork, actor: Actor, group: SearchFilterGroup) -> None:
    """The searches of a group go with it."""
    await UserFilters(uow.session, group.person_id).clear_group(group.id)
