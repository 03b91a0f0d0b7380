"""Concepts, the folders that they lie in, and the entities that they are drawn for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kitsu_api.db.models import Entity
from kitsu_api.db.projections import ENTITY_LINKS
from kitsu_api.db.repositories.concepts import ConceptRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.concepts import ConceptFolderName, ConceptMove, NewConcept
from kitsu_api.services import standing_rows
from kitsu_api.services.assets import check_parent, refuse_double
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import UnitOfWork

FOLDER = "ConceptFolder"


async def create(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: NewConcept) -> UUID:
    """Add a concept to a production; its id.

    Raises:
        BadRequest: the folder or an entity that it is drawn for lies elsewhere, or the name is taken.
    """
    await check_parent(uow, project_id, wish.parent_id, FOLDER, "parent_id")
    linked = list(dict.fromkeys(wish.entity_concept_links or ()))
    if await ConceptRepository(uow.session).strangers(project_id, linked):
        raise BadRequest("entity_concept_links: there is no such entity in this production.")
    kind = await standing_rows.entity_type(uow.session, "Concept")
    values = {
        "name": wish.name,
        "description": wish.description,
        "data": wish.data or {},
        "project_id": project_id,
        "entity_type_id": kind.id,
        "parent_id": wish.parent_id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    entities = Records(uow.session, Entity)
    concept = await entities.add(values)
    if linked:
        await entities.set_links(ENTITY_LINKS["entity_concept_links"], concept.id, linked)
    uow.emit(record_event("concept", "new", concept.id, project_id))
    return concept.id


async def move(uow: UnitOfWork, project_id: UUID, wish: ConceptMove) -> list[UUID]:
    """Put concepts of a production into a folder, or out of all; those that there are, in the order given.

    Raises:
        BadRequest: there is no such folder in the production.
    """
    await check_parent(uow, project_id, wish.concept_folder_id, FOLDER, "concept_folder_id")
    concepts = ConceptRepository(uow.session)
    found = set(await concepts.move(project_id, wish.concept_ids, wish.concept_folder_id))
    moved = [id for id in dict.fromkeys(wish.concept_ids) if id in found]
    _tell_of(uow, moved, project_id)
    return moved


async def create_folder(uow: UnitOfWork, actor: Actor, project_id: UUID, wish: ConceptFolderName) -> UUID:
    """Add a folder for concepts to a production; its id.

    Raises:
        BadRequest: the name is taken.
    """
    kind = await standing_rows.entity_type(uow.session, FOLDER)
    values = {
        "name": wish.name,
        "project_id": project_id,
        "entity_type_id": kind.id,
        "created_by": actor.id,
    }
    await refuse_double(uow, values)
    folder = await Records(uow.session, Entity).add(values)
    uow.emit(record_event("concept-folder", "new", folder.id, project_id))
    return folder.id


async def rename_folder(uow: UnitOfWork, folder_id: UUID, wish: ConceptFolderName) -> None:
    """Give a folder another name.

    Raises:
        NotFound: it is gone.
        BadRequest: the name is taken.
    """
    entities = Records(uow.session, Entity)
    folder = await entities.find(folder_id)
    if folder is None:
        raise NotFound
    if folder.name != wish.name:
        place = {"project_id": folder.project_id, "entity_type_id": folder.entity_type_id}
        await refuse_double(uow, {"name": wish.name, **place})
    await entities.change(folder, {"name": wish.name})
    uow.emit(record_event("concept-folder", "update", folder.id, folder.project_id))


async def delete_folder(uow: UnitOfWork, actor: Actor, project_id: UUID, folder_id: UUID) -> None:
    """Delete a folder; the concepts in it stay, in no folder.

    Raises:
        NotFound: it is gone.
    """
    _tell_of(uow, await ConceptRepository(uow.session).empty(folder_id), project_id)
    await remove_entity(uow, actor, folder_id, FOLDER, force=True)


def _tell_of(uow: UnitOfWork, concepts: Sequence[UUID], project_id: UUID) -> None:
    for id in concepts:
        uow.emit(record_event("concept", "update", id, project_id))
