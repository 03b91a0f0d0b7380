"""Entities: what events call them, who made them, and metadata that two people may edit at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Entity, OutputFile
from kitsu_api.db.repositories.casting_changes import CastingChanges
from kitsu_api.db.repositories.concepts import ConceptRepository
from kitsu_api.db.repositories.preview_files import PreviewFiles
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.tasks import (
    check_same_project,
    entity_project,
    entity_type_name,
    foresee_entities,
    type_of_entity,
)
from kitsu_api.errors import BadRequest
from kitsu_api.events import Event, record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

THINGS = {
    "Shot": "shot",
    "Sequence": "sequence",
    "Episode": "episode",
    "Scene": "scene",
    "Edit": "edit",
    "Concept": "concept",
    "ConceptFolder": "concept-folder",
}
"""What events call an entity, by the name of its type; all others are assets."""


HOLDERS = {
    "Shot": ("Sequence", "Episode"),
    "Scene": ("Sequence", "Episode"),
    "Sequence": ("Episode",),
    "Episode": (),
    "Edit": ("Episode",),
    "Concept": ("ConceptFolder",),
    "ConceptFolder": (),
}
"""What an entity of a kind may lie in; assets lie in whatever groups them."""


async def announce(session: AsyncSession, entity: Entity, action: str) -> Event:
    """The event of an entity, named after what it is."""
    kind = await entity_type_name(session, entity.entity_type_id)
    return record_event(THINGS.get(kind or "", "asset"), action, entity.id, entity.project_id)


async def _check_references(uow: UnitOfWork, values: Values, project_id: UUID) -> None:
    """What an entity refers to is of its own production.

    Raises:
        BadRequest: its parent, its source or its picture is of another one, or does not exist.
    """
    for name in ("parent_id", "source_id"):
        await check_same_project(uow.session, name, values.get(name), project_id)
    picture = values.get("preview_file_id")
    if picture is not None and await PreviewFiles(uow.session).project_of(picture) != project_id:
        raise BadRequest("preview_file_id: there is no such preview in this production.")


async def _check_parent(uow: UnitOfWork, kind: str | None, parent_id: UUID | None) -> None:
    """An entity lies in what holds its kind, so that nothing holds itself.

    Raises:
        BadRequest: it is to lie in something else.
    """
    if parent_id is None or kind not in HOLDERS:
        return
    holder = await entity_type_name(uow.session, await type_of_entity(uow.session, parent_id))
    if holder not in HOLDERS[kind]:
        allowed = " or ".join(f"`{name}`" for name in HOLDERS[kind])
        raise BadRequest(f"parent_id: a `{kind}` lies in {allowed or 'nothing'}.")


async def _check_type(uow: UnitOfWork, kind: str | None, entity_type_id: UUID) -> None:
    """An asset may become one of another type; a shot stays a shot.

    Raises:
        BadRequest: there is no such type, or the entity would be something else.
    """
    wanted = await entity_type_name(uow.session, entity_type_id)
    if wanted is None:
        raise BadRequest("entity_type_id: there is no such entity type.")
    if wanted != kind and (wanted in THINGS or kind in THINGS):
        raise BadRequest(f"entity_type_id: a `{kind}` can't become a `{wanted}`.")


async def _check_drawn_for(uow: UnitOfWork, entity: Entity, ids: Sequence[UUID]) -> None:
    """A concept is drawn for entities of its own production; what it is linked to already may stay.

    Raises:
        BadRequest: one of the others is of another production, or does not exist.
    """
    concepts = ConceptRepository(uow.session)
    strangers = await concepts.strangers(entity.project_id, ids)
    if strangers and not strangers <= await concepts.links_of(entity.id):
        raise BadRequest("entity_concept_links: there is no such entity in this production.")


async def foresee(uow: UnitOfWork, values: Sequence[Values], entities: Sequence[Entity] = ()) -> None:
    """Look up for several entities together what making or changing each of them looks up."""
    names = ("parent_id", "source_id")
    referred = {one[name] for one in values for name in names if one.get(name)}
    await foresee_entities(uow.session, referred)


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """An entity remembers who made it.

    Raises:
        BadRequest: its type is none, it would refer to another production, or lie in what does not hold its
            kind.
    """
    await _check_references(uow, values, values["project_id"])
    kind = await entity_type_name(uow.session, values["entity_type_id"])
    if kind is None:
        raise BadRequest("entity_type_id: there is no such entity type.")
    await _check_parent(uow, kind, values.get("parent_id"))
    values["created_by"] = actor.id
    return values


async def updating(uow: UnitOfWork, actor: Actor, entity: Entity, values: Values) -> Values:
    """Metadata is merged key by key, so that edits of two columns at a time both stay. What an asset is ready
    for counts on the tasks of the entities that cast it.

    Raises:
        BadRequest: it would refer to another production or to itself, lie in what does not hold its kind, or
            become something else.
    """
    linked = values.pop("entity_concept_links", None)
    if linked is not None:
        await _check_drawn_for(uow, entity, linked)
    changed = {name: value for name, value in values.items() if value != getattr(entity, name, None)}
    await _check_references(uow, changed, entity.project_id)
    if entity.id in (changed.get("parent_id"), changed.get("source_id")):
        raise BadRequest("parent_id, source_id: an entity is not its own.")
    if changed.keys() & {"entity_type_id", "parent_id"}:
        kind = await entity_type_name(uow.session, entity.entity_type_id)
        await _check_type(uow, kind, changed.get("entity_type_id", entity.entity_type_id))
        await _check_parent(uow, kind, changed.get("parent_id"))
    if isinstance(values.get("data"), dict) and isinstance(entity.data, dict):
        values["data"] = {**entity.data, **values["data"]}
    if "ready_for" in values and values["ready_for"] != entity.ready_for:
        await Records(uow.session, Entity).change(entity, {"ready_for": values["ready_for"]})
        await CastingChanges(uow.session).recount_ready_for(entity.id)
    return values if linked is None else {**values, "entity_concept_links": linked}


async def announce_output_file(session: AsyncSession, file: OutputFile, action: str) -> Event:
    """The event of an output file: its production is that of its entity."""
    project_id = await entity_project(session, file.entity_id)
    return record_event("output-file", action, file.id, project_id)
