"""Lists of shots and scenes, and of what holds them: sequences and episodes."""

from __future__ import annotations

from fastapi import Response
from sqlalchemy import ColumnElement, Text, case, literal

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity
from kitsu_api.db.projections import kind_of_entity
from kitsu_api.db.repositories.entity_lists import EntityLists, of_kind
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.entity_scopes import masked_entities, seen_entities
from kitsu_api.routers.crud import json_response

NAMES = ("project", "sequence")
"""What some lists of shots and scenes tell beside the columns."""


async def list_held(
    session: Session,
    actor: Actor,
    kind: str,
    where: list[ColumnElement[bool]],
    names: tuple[str, ...] = (),
) -> Response:
    """The shots or scenes that meet all conditions, as far as the caller sees them."""
    rows = await EntityLists(session).list_json(
        [of_kind(kind), seen_entities(actor), *where],
        names=names,
        masked_where=masked_entities(actor),
        departments=actor.departments,
    )
    return json_response(rows)


async def list_holders(session: Session, actor: Actor, where: list[ColumnElement[bool]]) -> Response:
    """Sequences or episodes that meet all conditions."""
    masked = masked_entities(actor)
    rows = await EntityLists(session).list_json(
        where,
        masked_where=masked,
        departments=actor.departments,
        type_name=None if masked is None else _vendors_type(masked),
    )
    return json_response(rows)


def _vendors_type(masked: ColumnElement[bool]) -> ColumnElement[str]:
    """What vendors work under is told to them without its kind."""
    kind: ColumnElement[str] = case((masked, literal("Entity", Text)), else_=kind_of_entity(Entity))
    return kind
