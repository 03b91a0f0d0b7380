"""Lists of entities of one kind: shots and scenes, what holds them, assets and edits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import ColumnElement, Text, case, literal

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity
from kitsu_api.db.projections import kind_of_entity
from kitsu_api.db.replica import Opener
from kitsu_api.db.repositories.board_versions import entity_rows
from kitsu_api.db.repositories.entity_columns import Shape
from kitsu_api.db.repositories.entity_lists import EntityLists, of_kind
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.board_scopes import is_limited, shown_projects
from kitsu_api.permissions.entity_scopes import masked_entities, seen_entities
from kitsu_api.permissions.listings import opener_of
from kitsu_api.routers.named_answers import WORTH_KEEPING, by_state, small_list

NAMES = ("project", "sequence")
"""What some lists of shots and scenes tell beside the columns."""


async def whole_list(
    request: Request,
    session: Session,
    actor: Actor,
    project_id: UUID | None,
    where: list[ColumnElement[bool]],
    shape: Shape,
) -> Response:
    """All entities of a kind in a production, or in all that are open to the caller (None): kept for all who
    see the same, and never whole in memory. A list that is narrowed, or of a vendor, is nobody else's."""
    narrowed = any(
        name != "project_id" or value != str(project_id) for name, value in request.query_params.multi_items()
    )
    if narrowed or is_limited(actor, project_id):
        return await small_list(
            request, session, actor, lambda: EntityLists(session).list_json(where, **shape)
        )
    projects = shown_projects(actor, project_id)
    state = {
        "list": request.url.path,
        "projects": sorted(map(str, projects)) if projects is not None else None,
    }
    opened = opener_of(request, session)
    return await by_state(
        request,
        session,
        state,
        entity_rows(projects),
        lambda: _parts(opened, where, shape),
        worth_keeping=WORTH_KEEPING,
    )


async def _parts(opened: Opener, where: list[ColumnElement[bool]], shape: Shape) -> AsyncIterator[bytes]:
    """Entities piece by piece, on a session of its own."""
    async with opened() as session:
        async for part in EntityLists(session).parts_json(where, **shape):
            yield part


async def list_held(
    request: Request,
    session: Session,
    actor: Actor,
    kind: str,
    where: list[ColumnElement[bool]],
    names: tuple[str, ...] = (),
    *,
    whole: bool = False,
    project_id: UUID | None = None,
) -> Response:
    """The shots or scenes that meet all conditions, as far as the caller sees them. `whole`: these say no
    more than the production and what the request asks for."""
    where = [of_kind(kind), seen_entities(actor), *where]
    shape: Shape = {
        "names": names,
        "masked_where": masked_entities(actor),
        "departments": actor.departments,
        "type_name": literal(kind, Text),
    }
    if whole:
        return await whole_list(request, session, actor, project_id, where, shape)
    return await small_list(request, session, actor, lambda: EntityLists(session).list_json(where, **shape))


async def list_holders(
    request: Request, session: Session, actor: Actor, where: list[ColumnElement[bool]]
) -> Response:
    """Sequences or episodes that meet all conditions."""
    masked = masked_entities(actor)

    async def make() -> bytes:
        return await EntityLists(session).list_json(
            where,
            masked_where=masked,
            departments=actor.departments,
            type_name=None if masked is None else _vendors_type(masked),
        )

    return await small_list(request, session, actor, make)


def _vendors_type(masked: ColumnElement[bool]) -> ColumnElement[str]:
    """What vendors work under is told to them without its kind."""
    kind: ColumnElement[str] = case((masked, literal("Entity", Text)), else_=kind_of_entity(Entity))
    return kind
