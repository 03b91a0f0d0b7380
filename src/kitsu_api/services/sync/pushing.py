"""What was done here, sent to the instance that this one is a copy of: by its `/import/kitsu` routes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.mirrored_rows import local_ids, local_rows
from kitsu_api.db.table_graph import late_columns
from kitsu_api.services.sync.catalogue import MIRRORED, Mirrored
from kitsu_api.services.sync.mirror import Progress, no_progress
from kitsu_api.services.sync.source import Source
from kitsu_api.services.sync.verification import differing

Row = dict[str, Any]

TAKEN = frozenset(
    {
        *("attachment-files", "comments", "entities", "entity-links", "metadata-descriptors", "milestones"),
        *("news", "notifications", "playlists", "preview-files", "projects", "schedule-items"),
        *("subscriptions", "tasks", "time-spents"),
    }
)
"""Lists whose rows an instance takes over. People, task types, departments and the like are made there."""

PUSHED: tuple[Mirrored, ...] = tuple(each for each in MIRRORED if each.path in TAKEN)
MARKED = {"preview-files": frozenset({"data"})}
"""Columns that the other instance marks when it takes a row over: no sign of a change."""


@dataclass
class Pushed:
    """What became of a table's rows: `sent` are there now, `kept` are newer there and stay."""

    table: str
    sent: int = 0
    kept: int = 0


class Push:
    """Sends rows that are missing there, or that differ and are not older here."""

    def __init__(
        self, target: Source, sessions: Sessions, progress: Progress = no_progress, *, silent: bool = False
    ) -> None:
        self._target = target
        self._sessions = sessions
        self._progress = progress
        self._silent = silent

    async def push_all(self, only: Collection[str] = ()) -> list[Pushed]:
        """Send all tables, or those named, in the order in which they refer to each other.

        Columns that refer to what comes later are sent in a second pass, so that every row finds the others.

        Raises:
            SyncError: the other instance is away, or refuses rows: it says which and why.
        """
        chosen = [each for each in PUSHED if not only or each.name in only]
        found: list[Pushed] = []
        waiting: list[tuple[Mirrored, list[str]]] = []
        steps = 2 * len(chosen)
        for number, each in enumerate(chosen):
            self._progress(each.name, number, steps)
            result, ids = await self._choose(each)
            found.append(result)
            waiting.append((each, ids))
            await self._send(each, ids, without=_late(each))
        for number, (each, ids) in enumerate(waiting, len(chosen)):
            self._progress(each.name, number, steps)
            if _late(each):
                await self._send(each, ids)
        self._progress("", steps, steps)
        return found

    async def _choose(self, each: Mirrored) -> tuple[Pushed, list[str]]:
        """The ids of rows to send."""
        result = Pushed(each.name)
        chosen: list[str] = []
        there: set[str] = set()
        path = f"/data/{each.path}"
        async for page in self._target.pages(path, {"relations": "true"}):
            there.update(str(row["id"]) for row in page.rows)
            chosen += await self._older(each, page.rows, result)
        async with self._sessions() as session:
            unseen = [id for id in await local_ids(session, each.table) if id not in there]
        async for rows in self._target.by_ids(path, unseen):
            there.update(str(row["id"]) for row in rows)
            chosen += await self._older(each, rows, result)
        chosen += [id for id in unseen if id not in there]
        result.sent = len(chosen)
        return result, chosen

    async def _older(self, each: Mirrored, others: Sequence[Row], result: Pushed) -> list[str]:
        """The ids of those rows of the other instance that differ, and are not newer there."""
        rows = {str(row["id"]): row for row in others}
        marked = MARKED.get(each.path, frozenset())
        async with self._sessions() as session:
            own = await local_rows(session, each.projection, list(rows))
        chosen = []
        for row in own:
            other = rows[str(row["id"])]
            if differing(each, other, row) - marked - {"updated_at"}:
                if (other.get("updated_at") or "") > (row.get("updated_at") or ""):
                    result.kept += 1
                else:
                    chosen.append(str(row["id"]))
        return chosen

    async def _send(self, each: Mirrored, ids: list[str], without: frozenset[str] = frozenset()) -> None:
        for part in _parts(ids, self._target.page):
            async with self._sessions() as session:
                rows = await local_rows(session, each.projection, part)
            bodies = [{name: value for name, value in row.items() if name not in without} for row in rows]
            await self._target.push(each.path, bodies, silent=self._silent)


def _late(each: Mirrored) -> frozenset[str]:
    """What of a row refers to rows that come with it or later."""
    columns = late_columns(each.table)
    return frozenset(
        {name for name, column in each.columns.items() if column in columns} | {*each.late_links}
    )


def _parts(ids: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
