"""Imports that a path names: who runs the production, or, for people, the studio."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import ImportMapping, SheetImport
from kitsu_api.db.repositories.import_wizard import SheetImports
from kitsu_api.db.repositories.records import Records
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow, guard, required
from kitsu_api.permissions.policies.projects import runs_a_production


def takes_in(actor: Actor, project_id: UUID | None) -> bool:
    """Whether somebody may take in sheets of a production, or, without one, of people: whoever signed in, for
    an API key makes no admins."""
    return actor.is_admin and actor.key is None if project_id is None else actor.manages(project_id)


async def existing_import(import_id: UUID, session: Session) -> SheetImport:
    """An import.

    Raises:
        NotFound: there is none.
    """
    return required(await Records(session, SheetImport).find(import_id))


async def locked_import(import_id: UUID, session: Session) -> SheetImport:
    """An import, locked until the request is over.

    Raises:
        NotFound: there is none.
    """
    return required(await SheetImports(session).locked(import_id))


async def existing_mapping(mapping_id: UUID, session: Session) -> ImportMapping:
    """What was said of columns.

    Raises:
        NotFound: there is no such thing.
    """
    return required(await Records(session, ImportMapping).find(mapping_id))


def _of_import(actor: Actor, found: SheetImport | ImportMapping) -> bool:
    return takes_in(actor, found.project_id)


SeenImport = Annotated[SheetImport, guard(existing_import, _of_import)]
ChangedImport = Annotated[SheetImport, guard(locked_import, _of_import)]
ChangedMapping = Annotated[ImportMapping, guard(existing_mapping, _of_import)]
Importing = Annotated[Actor, allow(runs_a_production)]
