"""Which entities and tasks a caller sees, by the role held on each production."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, true

from kitsu_api.db import scopes
from kitsu_api.db.models import Entity, Task
from kitsu_api.db.projection import Projection
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entity_columns import open_metadata
from kitsu_api.db.repositories.entity_lists import above_assigned_to, assigned_to, of_kind
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted_in
from kitsu_api.permissions.scopes import managed_by, supervised_by
from kitsu_api.schemas.access_groups import Capability

Condition = ColumnElement[bool]


def limited_to_assigned(actor: Actor) -> tuple[UUID, ...]:
    """The productions in which the caller is a vendor: there they see what they are assigned to."""
    if actor.is_admin:
        return ()
    return tuple(id for id, role in actor.project_roles.items() if role is Role.VENDOR)


def seen_entities(actor: Actor) -> Condition:
    """The entities of the caller's productions; of a vendor's those that they have a task on."""
    if actor.is_admin:
        return true()
    limited = limited_to_assigned(actor)
    whole = [id for id in actor.project_roles if id not in limited]
    column = Entity.project_id
    return or_(column.in_(whole), and_(column.in_(limited), assigned_to(actor.id)))


def seen_casters(actor: Actor) -> Condition:
    """The entities whose castings the caller reads: those that they see; for vendors whom a group lets, all
    of the production."""
    shown = granted_in(actor, Capability.CASTING_VIEW)
    return or_(seen_entities(actor), Entity.project_id.in_(shown)) if shown else seen_entities(actor)


def masked_entities(actor: Actor) -> Condition | None:
    """The entities whose restricted metadata the caller may not read; None when there are none. For vendors
    these are all that are not of a production which they see as a whole: what others share as well."""
    limited = limited_to_assigned(actor)
    if not limited:
        return None
    return Entity.project_id.not_in([id for id in actor.project_roles if id not in limited])


def shown_metadata(actor: Actor) -> ColumnElement[Any] | None:
    """The metadata of entities, as far as the caller may read it; None when that is all of it."""
    masked = masked_entities(actor)
    return None if masked is None else case((masked, open_metadata(actor.departments)), else_=Entity.data)


def narrowed_entity(actor: Actor) -> Projection | None:
    """Entities with the metadata that the caller may read; None when that is all of it."""
    metadata = shown_metadata(actor)
    return None if metadata is None else replace(ENTITY, computed={"data": metadata})


def kept_entities(actor: Actor) -> Condition:
    """The entities that the caller changes: of the productions that they run, and the concepts of those where
    they keep the concepts."""
    if actor.is_admin:
        return true()
    keeping = (*(supervised_by(actor) or ()), *granted_in(actor, Capability.CONCEPTS_EDIT))
    concepts = and_(Entity.project_id.in_(keeping), of_kind("Concept"))
    return or_(scopes.entities(managed_by(actor)), concepts)


def seen_sequences(actor: Actor) -> Condition:
    """The sequences of the caller's productions; of a vendor's what holds their work."""
    if actor.is_admin:
        return of_kind("Sequence")
    limited = limited_to_assigned(actor)
    whole = [id for id in actor.project_roles if id not in limited]
    return or_(
        and_(Entity.project_id.in_(whole), of_kind("Sequence")),
        and_(Entity.project_id.in_(limited), above_assigned_to(actor.id)),
    )


def open_departments(actor: Actor, project_id: UUID) -> frozenset[UUID] | None:
    """The departments whose metadata the caller may read in a production; None for all metadata."""
    return actor.departments if actor.role_on(project_id) is Role.VENDOR else None


def seen_tasks(actor: Actor, project_id: UUID) -> Condition:
    """The tasks of a production that is open to the caller; of a vendor's those assigned to them."""
    if actor.role_on(project_id) is Role.VENDOR:
        return Task.id.in_(scopes.tasks_of(actor.id))
    return true()
