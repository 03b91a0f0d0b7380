"""Five typed routes for a table, from one declaration."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record
from kitsu_api.db.engine import Session
from kitsu_api.db.filters import conditions
from kitsu_api.db.projection import Link, Projection
from kitsu_api.db.repositories.ownership import owning_project
from kitsu_api.db.repositories.records import EVERYTHING, Condition, Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.explaining import note_rows
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.policies.roles import admins, anyone
from kitsu_api.routers.crud_values import Values, given, without_nulls
from kitsu_api.routers.filter_parameters import filter_parameters
from kitsu_api.routers.list_queries import Listed, ListQuery, OneQuery, Single, paged
from kitsu_api.routers.named_answers import NAMED, small_list
from kitsu_api.routers.row_versions import IfMatch, check_match, row_response, writable
from kitsu_api.schemas.base import Payload, page_schema
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork, Uow

M = TypeVar("M", bound=Record)
Policy = Callable[[Actor], bool]
Scope = Callable[[Actor], Condition]

JSON = "application/json"
IMMUTABLE = frozenset({"id", "created_at", "updated_at"})


def everything(actor: Actor) -> Condition:
    """The scope of a table whose rows are open to whoever may read it."""
    return EVERYTHING


async def as_given(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """No rule on creation."""
    return values


async def as_changed(uow: UnitOfWork, actor: Actor, record: Any, values: Values) -> Values:
    """No rule on update."""
    return values


async def nothing_more(uow: UnitOfWork, actor: Actor, record: Any) -> None:
    """Nothing follows."""


@dataclass(frozen=True, kw_only=True)
class Resource(Generic[M]):
    """What `/data/<path>` exposes of a table, to whom, and which rules its writes follow.

    `readers`, `creators`, `updaters` and `deleters` look at the caller alone; `scope` narrows the rows
    that a reader sees, `own` those that a writer may touch, `may_create` looks at the values.
    """

    path: str
    name: str
    plural: str
    tag: str
    model: type[M]
    projection: Projection
    read: type[BaseModel]
    create: type[Payload]
    update: type[Payload]
    thing: str = ""
    readers: Policy = anyone
    listers: Policy | None = None
    creators: Policy = admins
    updaters: Policy | None = None
    deleters: Policy | None = None
    scope: Scope = everything
    own: Scope | None = None
    erasable: Scope | None = None
    may_create: Callable[[Actor, Values], bool] = lambda actor, values: True
    masked: Callable[[Actor], frozenset[str]] = lambda actor: frozenset()
    narrowed: Callable[[Actor], Projection | None] = lambda actor: None
    """What takes the place of the projection for whom some columns hold less."""
    filterable: frozenset[str] = frozenset()
    """Columns that everybody may filter on, shown to them or not: the scope gives away what they tell."""
    protected: frozenset[str] = frozenset()
    links: Mapping[str, Link] = field(default_factory=dict)
    created_read: type[BaseModel] | None = None
    """The answer to a creation, when it holds more than later answers."""
    created_type: str | None = None
    """What `type` says in the answer to a creation, when it differs from later answers."""
    list_relations: bool = False
    update_relations: bool = False
    foresee: Callable[[UnitOfWork, Sequence[Values], Sequence[M]], Awaitable[None]] | None = None
    """Looks up together what `creating` or, with their rows, `updating` looks up for each of several changes.
    Resources that have it are written together in batches."""
    creating: Callable[[UnitOfWork, Actor, Values], Awaitable[Values]] = as_given
    created: Callable[[UnitOfWork, Actor, M], Awaitable[None]] = nothing_more
    updating: Callable[[UnitOfWork, Actor, M, Values], Awaitable[Values]] = as_changed
    updated: Callable[[UnitOfWork, Actor, M], Awaitable[None]] = nothing_more
    deleting: Callable[[UnitOfWork, Actor, M], Awaitable[None]] = nothing_more
    forced: Callable[[UnitOfWork, Actor, M], Awaitable[None]] | None = None
    """What takes the place of `deleting` when the caller says `force`; None where that means nothing."""
    deleted: Callable[[UnitOfWork, Actor, M], Awaitable[None]] = nothing_more
    announce: Callable[[AsyncSession, M, str], Awaitable[Event]] | None = None
    answering: Callable[[UnitOfWork, Actor, M, bytes], Awaitable[bytes]] | None = None
    """What the answer to a creation shows once and never again, added to the row's JSON."""
    preparing: Callable[[UnitOfWork], Awaitable[None]] | None = None
    """Standing rows that a listing needs, made when they are missing."""

    @property
    def event_name(self) -> str:
        """What events call a row of this table."""
        return self.thing or self.name.replace("_", "-")

    def records(self, session: AsyncSession) -> Records[M]:
        """The table's queries."""
        return Records(session, self.model)

    async def tell(self, uow: UnitOfWork, record: M, action: str) -> None:
        """Emit the event of a write."""
        if self.announce is not None:
            uow.emit(await self.announce(uow.session, record, action))
            return
        project_id: UUID | None = getattr(record, "project_id", None)
        event = record_event(self.event_name, action, record.id, project_id)
        if project_id is None:
            event = replace(event, audience=await owning_project(uow.session, record))
        uow.emit(event)


def json_response(content: bytes, status: int = 200) -> Response:
    """A JSON document that PostgreSQL already wrote."""
    return Response(content, status, media_type=JSON)


async def list_rows(
    resource: Resource[M], session: AsyncSession, settings: Settings, actor: Actor, query: ListQuery
) -> bytes:
    """A whole list, or a page of it, in a constant number of statements."""
    masked = resource.masked(actor)
    unreadable = masked - resource.filterable
    where = [resource.scope(actor), *conditions(resource.projection, query.filters, unreadable)]
    page = query.page(settings)
    relations = query.relations or resource.list_relations
    projection = resource.narrowed(actor) or resource.projection
    rows = await resource.records(session).list_json(
        projection, where, page, relations=relations, fields=query.fields, masked=masked
    )
    return rows if page is None else paged(rows, await resource.records(session).count(where), page)


async def read_row(
    resource: Resource[M], session: AsyncSession, actor: Actor, id: UUID, query: OneQuery
) -> Response:
    """One row, if it lies in the caller's scope.

    Raises:
        NotFound: there is none.
        Forbidden: it lies outside.
    """
    records = resource.records(session)
    scope = resource.scope(actor)
    if scope is not EVERYTHING:
        visible = await records.visible(id, scope)
        if visible is False:
            raise Forbidden
    row = await records.one_versioned(
        resource.narrowed(actor) or resource.projection,
        id,
        relations=query.relations,
        details=query.relations,
        fields=query.fields,
        masked=resource.masked(actor),
    )
    if row is None:
        raise NotFound
    return row_response(row)


async def create_record(
    resource: Resource[M], uow: UnitOfWork, actor: Actor, payload: Payload, *, later: bool = False
) -> M:
    """Make a row and tell of it; `later`, the next flush writes it.

    Raises:
        Forbidden: the caller may not make this one.
        BadRequest: it breaks a rule.
    """
    values = without_nulls(resource.model, given(payload))
    if not resource.may_create(actor, values):
        raise Forbidden
    values = await resource.creating(uow, actor, values)
    links = {name: values.pop(name) for name in resource.links if name in values}
    records = resource.records(uow.session)
    record = records.add_later(values) if later else await records.add(values)
    for name, ids in links.items():
        await records.set_links(resource.links[name], record.id, ids or [])
    await resource.created(uow, actor, record)
    await resource.tell(uow, record, "new")
    return record


async def create_row(resource: Resource[M], uow: UnitOfWork, actor: Actor, payload: Payload) -> Response:
    """Make a row, and answer with it."""
    record = await create_record(resource, uow, actor, payload)
    records, projection = resource.records(uow.session), resource.projection
    if resource.created_type is not None:
        projection = replace(projection, type_name=resource.created_type)
    made = await records.one_versioned(projection, record.id, relations=True, masked=resource.masked(actor))
    assert made is not None
    row, version = made
    if resource.answering is not None:
        row = await resource.answering(uow, actor, record, row)
    return row_response((row, version), 201)


async def update_record(
    resource: Resource[M], uow: UnitOfWork, actor: Actor, id: UUID, payload: Payload, if_match: str | None
) -> None:
    """Change what the payload holds, and tell of it.

    Raises:
        NotFound: there is no such row.
        Forbidden: the caller may not change it.
        PreconditionFailed: it is in another state than `if_match` says.
    """
    records = resource.records(uow.session)
    record = await writable(records, id, (resource.own or resource.scope)(actor))
    await check_match(records, id, if_match)
    await change_record(resource, uow, actor, record, payload)


async def change_record(
    resource: Resource[M], uow: UnitOfWork, actor: Actor, record: M, payload: Payload, *, later: bool = False
) -> None:
    """Change a row that is locked, and tell of it; `later`, the next flush writes it."""
    records = resource.records(uow.session)
    fixed = IMMUTABLE | resource.protected
    values = {name: value for name, value in given(payload).items() if name not in fixed}
    values = await resource.updating(uow, actor, record, without_nulls(resource.model, values))
    links = {name: values.pop(name) for name in resource.links if name in values}
    records.change_later(record, values)
    if not later:
        await uow.session.flush()
    for name, ids in links.items():
        await records.set_links(resource.links[name], record.id, ids or [])
    await resource.updated(uow, actor, record)
    await resource.tell(uow, record, "update")


async def update_row(
    resource: Resource[M],
    uow: UnitOfWork,
    actor: Actor,
    id: UUID,
    payload: Payload,
    if_match: str | None = None,
) -> Response:
    """Change a row, and answer with it."""
    await update_record(resource, uow, actor, id, payload, if_match)
    row = await resource.records(uow.session).one_versioned(
        resource.projection, id, relations=resource.update_relations, masked=resource.masked(actor)
    )
    assert row is not None
    return row_response(row)


async def delete_row(
    resource: Resource[M],
    uow: UnitOfWork,
    actor: Actor,
    id: UUID,
    *,
    force: bool = False,
    if_match: str | None = None,
) -> Response:
    """Delete a row with what hangs on it, and tell of it."""
    records = resource.records(uow.session)
    record = await writable(records, id, (resource.erasable or resource.own or resource.scope)(actor))
    await check_match(records, id, if_match)
    await resource.tell(uow, record, "delete")
    deleting = resource.forced if force and resource.forced is not None else resource.deleting
    await deleting(uow, actor, record)
    await records.delete(record)
    await resource.deleted(uow, actor, record)
    return Response(status_code=204)


def add_crud(router: APIRouter, resource: Resource[M]) -> None:
    """Add the routes of a resource: list, create, read, update, delete.

    They go straight into the router: routers within routers make FastAPI build each route twice.
    """
    reader = allow(resource.readers)
    lister = allow(resource.listers or resource.readers)
    creator = allow(resource.creators)
    updater = allow(resource.updaters or resource.creators)
    deleter = allow(resource.deleters or resource.creators)

    async def prepare(uow: Uow) -> None:
        if resource.preparing is not None:
            await resource.preparing(uow)

    async def list_all(
        request: Request, session: Listing, settings: AppSettings, query: Listed, actor: Actor = lister
    ) -> Response:
        make = partial(list_rows, resource, session, settings, actor, query)
        return await small_list(request, session, actor, make)

    async def read_one(id: UUID, session: Session, query: Single, actor: Actor = reader) -> Response:
        return await read_row(resource, session, actor, id, query)

    async def create_one(payload: Payload, uow: Uow, actor: Actor = creator) -> Response:
        return await create_row(resource, uow, actor, payload)

    async def update_one(
        id: UUID, payload: Payload, uow: Uow, if_match: IfMatch = None, actor: Actor = updater
    ) -> Response:
        return await update_row(resource, uow, actor, id, payload, if_match)

    async def delete_one(id: UUID, uow: Uow, if_match: IfMatch = None, actor: Actor = deleter) -> Response:
        return await delete_row(resource, uow, actor, id, if_match=if_match)

    async def delete_with_content(
        id: UUID,
        uow: Uow,
        force: Annotated[bool, Query(description="Delete it with everything that hangs on it.")] = False,
        if_match: IfMatch = None,
        actor: Actor = deleter,
    ) -> Response:
        return await delete_row(resource, uow, actor, id, force=force, if_match=if_match)

    note_rows(resource, read_one, update_one, delete_one, delete_with_content)

    # FastAPI reads the types at run time, when the schemas are known.
    create_one.__annotations__["payload"] = resource.create
    if resource.preparing is not None:
        # what is prepared is not committed yet when it is read
        list_all.__annotations__["session"] = Session
    update_one.__annotations__["payload"] = resource.update

    one: Any = resource.read
    made = resource.created_read or one
    many: Any = list[one] | page_schema(resource.read)
    words, each = resource.plural.replace("_", " "), resource.name.replace("_", " ")
    extra = {"parameters": filter_parameters(resource.projection)}
    routes: tuple[tuple[str, str, Any, Any, int, str, str, Any], ...] = (
        ("GET", "", list_all, many, 200, f"List {words}", f"list_{resource.plural}", (BadRequest,)),
        ("POST", "", create_one, made, 201, f"Create {each}", f"create_{resource.name}", (BadRequest,)),
        ("GET", "/{id}", read_one, one, 200, f"Get {each}", f"get_{resource.name}", (NotFound,)),
        (
            "PUT",
            "/{id}",
            update_one,
            one,
            200,
            f"Update {each}",
            f"update_{resource.name}",
            (BadRequest, NotFound, PreconditionFailed),
        ),
        (
            "DELETE",
            "/{id}",
            delete_one if resource.forced is None else delete_with_content,
            None,
            204,
            f"Delete {each}",
            f"delete_{resource.name}",
            (BadRequest, NotFound, PreconditionFailed),
        ),
    )
    for verb, path, endpoint, model, status, summary, operation, refusals in routes:
        lists = endpoint is list_all
        router.add_api_route(
            f"/data/{resource.path}{path}",
            endpoint,
            methods=[verb],
            tags=[resource.tag],
            response_model=model,
            status_code=status,
            responses=errors(Unauthorized, Forbidden, *refusals) | (NAMED if lists else {}),
            operation_id=operation,
            summary=summary,
            openapi_extra=extra if lists else None,
            dependencies=[Depends(prepare, scope="function")] if lists and resource.preparing else None,
        )
