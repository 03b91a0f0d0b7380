"""Rows that the server can't do without, made once when they are missing. Nobody is told of them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import EntityType, Organisation, ProjectStatus
from kitsu_api.db.repositories import standing_rows as repository
from kitsu_api.services.starting_data import NEEDED_ENTITY_TYPES, ORGANISATION, PROJECT_STATUSES

OPEN = "Open"
CLOSED = "Closed"


async def entity_type(session: AsyncSession, name: str) -> EntityType:
    """The entity type of shots, sequences, episodes, scenes, edits or concepts, by its name (`Shot`)."""
    assert name in NEEDED_ENTITY_TYPES, f"{name} is an asset type: those are never made up"
    return await repository.find_or_add(session, EntityType(name=name))


async def entity_types(session: AsyncSession) -> None:
    """Make the entity types that are no asset types, those of them that are missing."""
    missing = await repository.missing_entity_types(session, NEEDED_ENTITY_TYPES)
    for name in missing:
        await entity_type(session, name)


async def project_status(session: AsyncSession, name: str) -> ProjectStatus:
    """The status of productions that run (`OPEN`) or are over (`CLOSED`)."""
    return await repository.find_or_add(session, ProjectStatus(name=name, color=PROJECT_STATUSES[name]))


async def organisation(session: AsyncSession) -> Organisation:
    """The studio."""
    return await repository.find_or_add_organisation(session, ORGANISATION)
