"""Taking an import back, and telling the world of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import ImportStatus, SheetImport
from kitsu_api.db.repositories.import_journal import DELETED, UPDATED
from kitsu_api.db.repositories.import_reversal import ImportReversal, Undone
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import Conflict
from kitsu_api.events import Event, record_event
from kitsu_api.services.entities import THINGS
from kitsu_api.unit_of_work import UnitOfWork

OBSTACLES_AT_MOST: Final = 100

TOLD: Final = {
    "task": "task",
    "comment": "comment",
    "person": "person",
    "metadata_descriptor": "metadata-descriptor",
}
"""What clients call the rows of tables; entities go by their types."""


def check_applied(found: SheetImport) -> None:
    """Make sure that an import can be taken back.

    Raises:
        Conflict: it is not applied.
    """
    if found.status != ImportStatus.APPLIED.value:
        raise Conflict("Only imports that are applied can be taken back.")


async def undo(uow: UnitOfWork, found: SheetImport) -> dict[str, Any]:
    """Take back what an import changed, all of it or nothing; what was done, or what stands in the way.

    Raises:
        Conflict: it is not applied, or what it changed belonged to something that is gone.
    """
    check_applied(found)
    reversal = ImportReversal(uow.session, found.id, found.project_id)
    obstacles = await reversal.obstacles(OBSTACLES_AT_MOST)
    kinds = await reversal.entity_kinds()
    undone = Undone() if obstacles else await reversal.revert()
    if undone is None:
        raise Conflict("What the import changed can't be given back: what it belonged to is gone.")
    told = {
        "undone": not obstacles,
        "deleted": undone.deleted,
        "restored": undone.restored,
        "obstacles": [
            {"table": each.table_name, "key": each.key, "reason": each.reason} for each in obstacles
        ],
    }
    values: dict[str, Any] = {"undoing": told}
    if not obstacles:
        values |= {"status": ImportStatus.UNDONE.value, "undone_at": now()}
    await Records(uow.session, SheetImport).change(found, values)
    for event in _events(found, undone, kinds):
        uow.emit(event)
    return told


def _events(found: SheetImport, undone: Undone, kinds: Mapping[UUID, str]) -> Iterator[Event]:
    """What changed, for clients that show it."""
    for action, said in ((UPDATED, "update"), (DELETED, "delete")):
        for id in undone.ids.get(("entity", action), ()):
            yield record_event(THINGS.get(kinds.get(id, ""), "asset"), said, id, found.project_id)
        for table, thing in TOLD.items():
            for id in undone.ids.get((table, action), ()):
                yield record_event(thing, said, id, found.project_id)
