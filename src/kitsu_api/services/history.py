"""What of a row's history somebody is shown, and which former value of it they may bring back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kitsu_api.db.base import Record
from kitsu_api.db.models import HistoryEntry
from kitsu_api.db.repositories.history import METADATA, History
from kitsu_api.errors import BadRequest, NotFound, PreconditionFailed
from kitsu_api.schemas.history import FieldChange, HistoryRead, HistoryRestore
from kitsu_api.unit_of_work import UnitOfWork

KEYED = f"{METADATA}."


def column_of(field: str) -> str:
    """The column that a field is in: `data` for `data.<key>`."""
    return METADATA if field.startswith(KEYED) else field


def shown(entry: HistoryEntry, columns: Collection[str], field: str | None = None) -> HistoryRead:
    """A change as far as the caller may read these columns; with `field`, of that alone."""
    present = entry.before.keys() | entry.after.keys()
    fields = sorted(name for name in present if column_of(name) in columns and field in (None, name))
    return HistoryRead(
        id=entry.id,
        record_id=entry.record_id,
        action=entry.action,
        changed_at=entry.changed_at.isoformat(timespec="seconds"),
        person_id=entry.person_id,
        client=entry.client,
        changes=[
            FieldChange(field=name, old=entry.before.get(name), new=entry.after.get(name)) for name in fields
        ],
    )


async def former_value(
    uow: UnitOfWork, record: Record, wish: HistoryRestore, columns: Collection[str]
) -> dict[str, Any]:
    """What an edit has to hold to bring a former value back; the row is locked, so that this stays true.

    Raises:
        NotFound: the row has no such change.
        BadRequest: it was not a change of this field, or one that the caller may not read.
        PreconditionFailed: the field has changed again since, and the wish does not insist.
    """
    history = History(uow.session)
    entry = await history.entry(record.__tablename__, record.id, wish.entry_id)
    if entry is None:
        raise NotFound("entry_id: the row has no such change.")
    field, column = wish.field, column_of(wish.field)
    if entry.action != "update" or field not in entry.before or column not in columns:
        raise BadRequest("field: it did not change there.")
    if not wish.force and await history.changed_since(entry, field):
        raise PreconditionFailed("The field has changed again since. Look at it, then say `force`.")
    value = entry.before[field]
    if column == field:
        return {field: value}
    present = getattr(record, METADATA)
    return {METADATA: {**(present if isinstance(present, dict) else {}), field.removeprefix(KEYED): value}}
