"""Deleted entities that can be brought back for some days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from kitsu_api.db.base import now
from kitsu_api.db.models import Playlist, TrashRecord
from kitsu_api.db.repositories.row_copies import Copied, RowCopies
from kitsu_api.db.repositories.trash import Bin, TrashRecords
from kitsu_api.db.table_graph import late_columns, ordered_tables
from kitsu_api.errors import Conflict
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.services.entities import THINGS
from kitsu_api.unit_of_work import UnitOfWork

Row = dict[str, Any]


class Going(Protocol):
    """An entity that is to go."""

    @property
    def id(self) -> UUID:
        """Its id."""

    @property
    def project_id(self) -> UUID:
        """Its production."""

    @property
    def kind(self) -> str:
        """Name of its entity type."""

    @property
    def name(self) -> str:
        """Its name."""


async def open_bin(uow: UnitOfWork, actor: Actor, entities: Sequence[Going]) -> Bin | None:
    """A bin for entities of one production that go together; None where nothing is kept."""
    days = uow.settings.trash_days
    if not days or not entities:
        return None
    record = TrashRecord(
        project_id=entities[0].project_id,
        entities=[{"id": str(one.id), "name": one.name, "type": one.kind} for one in entities],
        deleted_by=actor.id,
        expires_at=now() + timedelta(days=days),
    )
    uow.session.add(record)
    await uow.session.flush()
    return Bin(uow.session, record.id)


async def restore(uow: UnitOfWork, actor: Actor, record: TrashRecord) -> None:
    """Bring everything of a deletion back, under the ids that it had, and where it was.

    What refers to rows that are gone meanwhile comes back without the reference, or, where it means nothing
    without it, not at all.

    Raises:
        Conflict: something of the same name has taken its place.
    """
    trash = TrashRecords(uow.session)
    rows: dict[str, list[Row]] = defaultdict(list)
    references: dict[tuple[str, str], list[Row]] = defaultdict(list)
    entries: dict[UUID, list[Any]] = {}
    for table, kind, content in await trash.contents(record.id):
        if kind == "row":
            rows[table].append(content)
        elif kind == "reference":
            (column,) = content.keys() - {"id"}
            references[table, column].append(content)
        else:
            entries[UUID(content["id"])] = content["entries"]
    try:
        await _insert(uow, rows)
        await _refer(uow, references)
    except IntegrityError as error:
        raise Conflict(
            "Something of the same name has taken its place. Rename that, and try again."
        ) from error
    await _put_back(uow, record.project_id, entries)
    await trash.count_castings(record.id)
    _announce(uow, record, rows["task"])
    await trash.forget([record.id])


async def _insert(uow: UnitOfWork, rows: Mapping[str, Sequence[Row]]) -> None:
    copies, late = RowCopies(uow.session), []
    for table in ordered_tables():
        wanted = rows.get(table.name)
        if not wanted:
            continue
        later = late_columns(table)
        kept = await copies.checked(table, [dict(row) for row in wanted], Copied(), later)
        await copies.insert(table, kept, list(wanted[0]))
        if later and "id" in table.columns:
            ids = {row["id"] for row in kept}
            late.append((table, [row for row in wanted if row["id"] in ids]))
    for table, waiting in late:
        await copies.set_late(table, waiting)


async def _refer(uow: UnitOfWork, references: Mapping[tuple[str, str], Sequence[Row]]) -> None:
    copies = RowCopies(uow.session)
    tables = {table.name: table for table in ordered_tables()}
    for (name, column), found in references.items():
        kept = await copies.checked(tables[name], [dict(row) for row in found], Copied())
        await copies.fill(tables[name], column, [row for row in kept if row[column] is not None])


async def _put_back(uow: UnitOfWork, project_id: UUID, entries: Mapping[UUID, Sequence[Any]]) -> None:
    """Give playlists their entries back, each at the place that it had or as near as there is one."""
    changed = []
    for id, shots in (await TrashRecords(uow.session).entries_of(entries)).items():
        items = list(shots or [])
        for place, item in entries[id]:
            items.insert(min(place, len(items)), item)
        changed.append({"id": str(id), "shots": items})
        uow.emit(record_event("playlist", "update", id, project_id))
    tables = {table.name: table for table in ordered_tables()}
    copies = RowCopies(uow.session)
    await copies.fill(tables[Playlist.__tablename__], "shots", changed, empty=False)


def _announce(uow: UnitOfWork, record: TrashRecord, tasks: Sequence[Row]) -> None:
    for entity in reversed(record.entities):
        thing = THINGS.get(entity["type"], "asset")
        uow.emit(record_event(thing, "new", UUID(entity["id"]), record.project_id))
    for task in tasks:
        uow.emit(record_event("task", "new", UUID(task["id"]), record.project_id))


async def discard(uow: UnitOfWork, record: TrashRecord) -> None:
    """Forget a deletion: it can't be undone any more, and its files go."""
    await TrashRecords(uow.session).purge([record.id])
