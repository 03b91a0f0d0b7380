"""What happens at the source, done here as well: its log of events says which rows to read again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kitsu_api.db.table_graph import ordered_tables
from kitsu_api.events import Event
from kitsu_api.services.sync.catalogue import BY_NAME, MIRRORED, NAMED_IN_EVENTS, Mirrored
from kitsu_api.services.sync.files import FileCopies
from kitsu_api.services.sync.mirror import Mirror
from kitsu_api.services.sync.source import NAMED_AT_ONCE, SyncError
from kitsu_api.unit_of_work import UnitOfWork

Row = dict[str, Any]
OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]

OVERLAP = dt.timedelta(seconds=60)
"""How far back events are read again: one that was committed late has an earlier moment than others."""

EVENTS_AT_ONCE = 500
COMPANIONS: tuple[tuple[str, str, str], ...] = (
    ("comment", "notification", "comment_id"),
    ("comment", "attachment_file", "comment_id"),
    ("chat_message", "attachment_file", "chat_message_id"),
)
"""Rows that come with others and that no event names: whose, their table, and what ties them to it."""

MONEY = ("budget", "budget-entry", "salary-scale")
STUDIO_WIDE = frozenset(
    {
        *("person", "department", "task_type", "task_status", "entity_type", "project", "project_status"),
        *("organisation", "studio", "software", "hardware_item", "output_type", "file_status"),
        *("custom_action", "project_template", "status_automation", "preview_background_file"),
    }
)
"""Tables whose events everybody may hear."""


@dataclass
class Batch:
    """Events, oldest first, and the cursor after them."""

    events: list[Row]
    cursor: dict[str, Any]


@dataclass
class Touched:
    """Rows that events name, by table."""

    ids: dict[str, set[str]] = field(default_factory=dict)

    def add(self, event: Row) -> None:
        """Note what an event is about."""
        name, data = str(event.get("name") or ""), event.get("data")
        if not isinstance(data, dict):
            return
        for key, value in data.items():
            table = NAMED_IN_EVENTS.get(key.removesuffix("_id")) if key.endswith("_id") else None
            if table is None or not _is_id(value):
                continue
            if key == "project_id" and not name.startswith(("project:", "project-")):
                continue
            self.ids.setdefault(table, set()).add(value)


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


class Changes:
    """Follows the events of a source. Each round is safe to do again."""

    def __init__(
        self, mirror: Mirror, unit_of_work: OpenUnitOfWork | None = None, files: FileCopies | None = None
    ) -> None:
        self.mirror = mirror
        self.source = mirror.source
        self._unit_of_work = unit_of_work
        self._files = files

    async def follow_once(self) -> int:
        """Do what happened since the last time; how many events that were.

        Raises:
            SyncError: the source is away, or nothing was copied yet.
        """
        cursor = self.mirror.state.values.get("cursor")
        if not isinstance(cursor, dict):
            raise SyncError("Nothing was copied yet: run `kitsu-api sync full` first.")
        batch = await self._read(cursor)
        if batch.events:
            touched = Touched()
            for event in batch.events:
                touched.add(event)
            await self._apply(touched)
            await self._announce(batch.events)
        self.mirror.state.save(cursor=batch.cursor)
        return len(batch.events)

    async def _read(self, cursor: Mapping[str, Any]) -> Batch:
        """The events since a cursor. `seen` holds those that the overlap will show again."""
        seen = set(cursor.get("seen") or ())
        newest = dt.datetime.fromisoformat(str(cursor["moment"]))
        after = (newest - OVERLAP).isoformat() if newest.year > 1970 else newest.isoformat()
        found: dict[str, Row] = {}
        params: dict[str, Any] = {"after": after, "limit": EVENTS_AT_ONCE}
        while True:
            page = await self.source.read("/data/events/last", params)
            if not isinstance(page, list):
                raise SyncError(f"{self.source.url} has no log of events.")
            fresh = [event for event in page if event["id"] not in found]
            found.update({event["id"]: event for event in fresh})
            if len(page) < EVENTS_AT_ONCE or not fresh:
                break
            params = {**params, "cursor_event_id": page[-1]["id"]}
        if found:
            newest = max(newest, *(dt.datetime.fromisoformat(e["created_at"]) for e in found.values()))
        recent = (newest - 2 * OVERLAP).isoformat()
        kept = [id for id, event in found.items() if event["created_at"] >= recent]
        # What isn't shown again, because it is older than the overlap, needs no remembering.
        events = [event for id, event in reversed(found.items()) if id not in seen]
        return Batch(events, {"moment": newest.isoformat(timespec="seconds"), "seen": kept})

    async def _apply(self, touched: Touched) -> None:
        order = ordered_tables()
        read: list[tuple[Mirrored, list[Row]]] = []
        gone: list[tuple[Mirrored, list[str]]] = []
        for each in MIRRORED:
            ids = sorted(touched.ids.get(each.name, ()))
            for start in range(0, len(ids), NAMED_AT_ONCE):
                part = ids[start : start + NAMED_AT_ONCE]
                rows = await self._list(each, [("id", id) for id in part])
                read.append((each, rows))
                missing = set(part) - {str(row["id"]) for row in rows}
                gone.append((each, [id for id in sorted(missing) if await self._is_gone(each, id)]))
        for owner, table, column in COMPANIONS:
            ids = sorted(touched.ids.get(owner, ()))
            for start in range(0, len(ids), NAMED_AT_ONCE):
                where = [(column, id) for id in ids[start : start + NAMED_AT_ONCE]]
                read.append((BY_NAME[table], await self._list(BY_NAME[table], where)))
        for each, rows in sorted(read, key=lambda pair: order.index(pair[0].table)):
            await self.mirror.write(each, rows)
        for each, rows in read:
            if each.needs_second_pass:
                await self.mirror.write_late(each, rows)
        for table in ("project", "project_template"):
            await self.mirror.copy_settings_of(table, sorted(touched.ids.get(table, ())))
        await self._cast(sorted(touched.ids.get("entity", ())))
        gone += await self._gone_with(gone)
        for each, absent in sorted(gone, key=lambda pair: -order.index(pair[0].table)):
            await self.mirror.delete(each, absent)
        if self._files is not None:
            for each, rows in read:
                await self._files.copy_rows(each.name, rows)

    async def _gone_with(
        self, gone: Iterable[tuple[Mirrored, list[str]]]
    ) -> list[tuple[Mirrored, list[str]]]:
        """Rows here that refer to rows that are gone, and that are gone from the source as well."""
        found: list[tuple[Mirrored, list[str]]] = []
        waiting = [pair for pair in gone if pair[1]]
        known = {(each.name, id) for each, ids in waiting for id in ids}
        while waiting:
            each, ids = waiting.pop()
            for table, referring in (await self.mirror.referring(each, ids)).items():
                child = BY_NAME.get(table)
                if child is None:
                    continue
                fresh = sorted(id for id in referring if (table, id) not in known)
                there: set[str] = set()
                async for rows in self.source.by_ids(f"/data/{child.path}", fresh):
                    there.update(str(row["id"]) for row in rows)
                absent = [id for id in fresh if id not in there]
                known.update((table, id) for id in absent)
                if absent:
                    found.append((child, absent))
                    waiting.append((child, absent))
        return found

    async def _list(self, each: Mirrored, where: Iterable[tuple[str, str]]) -> list[Row]:
        rows = await self.source.read(f"/data/{each.path}", [("relations", "true"), *where])
        return rows if isinstance(rows, list) else []

    async def _is_gone(self, each: Mirrored, id: str) -> bool:
        """A list may leave a row out for other reasons: only what isn't found by itself is gone."""
        return await self.source.read(f"/data/{each.path}/{id}") is None

    async def _cast(self, entity_ids: Sequence[str]) -> None:
        """The castings of entities and those that they are in, read again: events tell of one side alone."""
        each = BY_NAME["entity_link"]
        for column in ("entity_in_id", "entity_out_id"):
            for start in range(0, len(entity_ids), NAMED_AT_ONCE):
                part = entity_ids[start : start + NAMED_AT_ONCE]
                rows = await self._list(each, [(column, id) for id in part])
                await self.mirror.replace_castings(column, part, rows)

    async def _announce(self, events: Iterable[Row]) -> None:
        """Tell those who look at this instance, and its log, what happened."""
        if self._unit_of_work is None:
            return
        async with self._unit_of_work() as uow:
            for event in events:
                uow.emit(await self._event(event))

    async def _event(self, sent: Row) -> Event:
        """An event of the source as this instance tells it. The log doesn't say who might hear of it: what
        is about money, or about no production though it should be, is for those who run one."""
        data = sent.get("data") if isinstance(sent.get("data"), dict) else {}
        thing = str(sent["name"]).partition(":")[0]
        named = sent.get("project_id") or (data or {}).get("project_id")
        known = _is_id(named) and await self.mirror.has("project", str(named))
        project_id = UUID(str(named)) if known else None
        open_to_all = NAMED_IN_EVENTS.get(thing.replace("-", "_")) in STUDIO_WIDE
        return Event(
            str(sent["name"]),
            data or {},
            project_id if sent.get("project_id") else None,
            audience=project_id,
            for_managers=thing in MONEY or (project_id is None and not open_to_all),
        )
