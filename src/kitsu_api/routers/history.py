"""What changed in entities, tasks, comments and people, and the way back to what they were."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import ValidationError

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.history import History
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.explaining import note_changes
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.history_places import HistoryPlace, history_of
from kitsu_api.routers.crud import IMMUTABLE, Resource, update_row
from kitsu_api.routers.data.register import RESOURCES
from kitsu_api.routers.row_versions import writable
from kitsu_api.schemas.base import BIG_INTEGER_LIMIT
from kitsu_api.schemas.history import HistoryRead, HistoryRestore
from kitsu_api.services import history as service
from kitsu_api.unit_of_work import Uow

KEPT = ("entities", "tasks", "comments", "persons")
"""Resources whose rows have a history."""

router = APIRouter(tags=["History"], responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))


def _readable(resource: Resource[Any], actor: Actor) -> frozenset[str]:
    """The columns that the ordinary read of a row shows the caller."""
    columns = {column.name for column in resource.model.__table__.columns}
    return frozenset(columns) - resource.projection.secret - resource.masked(actor)


def _edit(resource: Resource[Any], values: dict[str, Any]) -> Any:
    """The body of an edit that sets these values.

    Raises:
        BadRequest: no edit can.
    """
    fixed = IMMUTABLE | resource.protected
    name = next(iter(values))
    if name in fixed or name not in resource.update.model_fields:
        raise BadRequest(f"{name}: it is not changed by an edit, so that it can't be restored.")
    try:
        return resource.update.model_validate(values)
    except ValidationError as error:
        raise BadRequest(f"{name}: what it was is no longer allowed.") from error


def _add(resource: Resource[Any]) -> None:
    """Add the two routes of a table."""
    path = f"/data/history/{resource.path}/{{{resource.name}_id}}"
    guarded = history_of(resource.model, resource.path)
    editor = allow(resource.updaters or resource.creators)

    async def read(
        session: Session,
        actor: CurrentActor,
        field: Annotated[
            str | None, Query(max_length=300, description="Only changes of this: a column, or `data.<key>`.")
        ] = None,
        before: Annotated[
            int | None, Query(le=BIG_INTEGER_LIMIT, description="Go on after the change of this id.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
        place: HistoryPlace = guarded,
    ) -> list[HistoryRead]:
        """Its changes, newest first: who, when, with which program, and each field before and after.

        Fields that the caller may not read are left out, and so is a change of nothing else. A row that was
        deleted keeps its history, for those who run its production.
        """
        columns = _readable(resource, actor)
        if field is not None and service.column_of(field) not in columns:
            return []
        found = await History(session).of_record(
            resource.model.__tablename__,
            place.id,
            columns=columns,
            narrowed=bool(resource.masked(actor)),
            field=field,
            before=before,
            limit=limit,
        )
        return [service.shown(entry, columns, field) for entry in found]

    async def restore(
        id: Annotated[UUID, Path(alias=f"{resource.name}_id")],
        wish: HistoryRestore,
        uow: Uow,
        actor: Actor = editor,
        place: HistoryPlace = guarded,
    ) -> Response:
        """Give a field the value that it had before one of its changes, as an ordinary edit by the caller.

        It needs the right to that edit and does no more than it: `PUT` of this field. A field that changed
        again since is left alone (412), unless `force` is said. The answer is that of the edit.
        """
        records = resource.records(uow.session)
        record = await writable(records, id, (resource.own or resource.scope)(actor))
        values = await service.former_value(uow, record, wish, _readable(resource, actor))
        return await update_row(resource, uow, actor, id, _edit(resource, values))

    note_changes(resource, restore, f"{resource.name}_id")
    each = resource.name.replace("_", " ")
    router.add_api_route(
        path,
        read,
        methods=["GET"],
        operation_id=f"get_{resource.name}_history",
        summary=f"List the changes of {each}",
    )
    router.add_api_route(
        f"{path}/restore",
        restore,
        methods=["POST"],
        response_model=resource.read,
        responses=errors(PreconditionFailed),
        operation_id=f"restore_{resource.name}_field",
        summary=f"Restore a field of {each}",
    )


for each in RESOURCES:
    if each.path in KEPT:
        _add(each)
