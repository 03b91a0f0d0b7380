"""The import of a sheet from its first line to its last: read, checked, and only then written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from kitsu_api.services.import_csv.casting import CastingImporter
from kitsu_api.services.import_csv.entities import EntityImporter, EntityKind
from kitsu_api.services.import_csv.estimations import EstimationImporter
from kitsu_api.services.import_csv.persons import PersonImporter
from kitsu_api.services.import_csv.plans import Importer, Outcome, Wish
from kitsu_api.services.import_csv.sheets import Line, Rows, SheetError, open_sheet
from kitsu_api.unit_of_work import UnitOfWork

BATCH = 500
"""Rows that are held, and written by one statement, at a time."""

MOST_ROWS = 200_000
ENTITY_KINDS: dict[str, EntityKind] = {"assets": "Asset", "shots": "Shot", "edits": "Edit"}
Progress = Callable[[int, int], Awaitable[None]]
"""Is told how many rows are done, of how many."""


async def nobody(done: int, total: int) -> None:
    """Tells the progress to nobody."""


def importer_of(uow: UnitOfWork, actor_id: UUID, wish: Wish) -> Importer:
    """What takes in a sheet of this kind."""
    match wish.kind:
        case "persons":
            return PersonImporter(uow, actor_id, wish)
        case "casting":
            return CastingImporter(uow, wish)
        case "estimations":
            return EstimationImporter(uow, wish)
        case _:
            return EntityImporter(uow, actor_id, ENTITY_KINDS[wish.kind], wish)


async def run_import(
    uow: UnitOfWork, actor_id: UUID, path: Path, wish: Wish, progress: Progress = nobody
) -> Outcome:
    """Take in a sheet, in the transaction of the caller: a sheet that is refused leaves nothing in it once
    that is rolled back.

    All lines are read, then all rows are checked against what is stored, then all are written. Locks keep
    what was checked as it was.

    Raises:
        SheetError: the sheet is refused; which line, column and cell is to be mended.
    """
    importer = importer_of(uow, actor_id, wish)
    sheet = await asyncio.to_thread(open_sheet, path, importer.known)
    return await take_in(uow, importer, sheet, wish, progress)


async def take_in(
    uow: UnitOfWork, importer: Importer, sheet: Rows, wish: Wish, progress: Progress = nobody
) -> Outcome:
    """As `run_import`, for rows that were found already.

    Raises:
        SheetError: the sheet is refused; which line, column and cell is to be mended.
    """
    outcome = Outcome(rows=await asyncio.to_thread(_count, sheet))
    await importer.prepare(sheet.head)
    outcome.ignored_columns = importer.ignored
    done, steps = 0, 1 if wish.dry_run else 2
    for batch in _batches(sheet):
        outcome.counts.add(await importer.check(batch))
        done += len(batch)
        await progress(done // steps, outcome.rows)
    await importer.conclude()
    outcome.conflicts = importer.conflicts
    if wish.dry_run:
        return outcome
    await importer.begin()
    for batch in _batches(sheet):
        await importer.write(batch)
        if outcome.rows > BATCH:
            await uow.store_events()
        done += len(batch)
        await progress(done // steps, outcome.rows)
    outcome.ids = importer.ids
    return outcome


def _count(sheet: Rows) -> int:
    """How many rows there are; all of them can be read.

    Raises:
        SheetError: one can't be read, or there are too many.
    """
    count = 0
    for line in sheet.lines():
        count += 1
        if count > MOST_ROWS:
            raise SheetError(f"The sheet has more than {MOST_ROWS} rows: part it.", line.number)
    return count


def _batches(sheet: Rows) -> Iterator[list[Line]]:
    lines = sheet.lines()
    while batch := list(islice(lines, BATCH)):
        yield batch
