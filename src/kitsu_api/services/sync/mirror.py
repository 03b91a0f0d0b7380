"""Rows of the source, written into this database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from kitsu_api.db.base import Base
from kitsu_api.db.engine import Sessions
from kitsu_api.db.projection import Link
from kitsu_api.db.repositories.mirrored_rows import local_ids
from kitsu_api.db.repositories.row_copies import RowCopies
from kitsu_api.db.table_graph import late_columns
from kitsu_api.services.sync.catalogue import BY_NAME, MIRRORED, Mirrored
from kitsu_api.services.sync.settings_of_projects import copy_equipment, copy_project, copy_template
from kitsu_api.services.sync.source import Source, SyncError
from kitsu_api.services.sync.state import SyncState

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]
"""Told of each step: what is copied, how much of it is done, and how much there is."""

KEPT_WHEN_CLEARING = frozenset({"person"})
"""Tables whose rows stay here when the source has them no more: somebody has to be able to sign in."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Nobody looks on."""


@dataclass
class Tally:
    """What a copy did with the rows of a table."""

    written: int = 0
    left_out: int = 0
    """Rows that refer to what the source shows to nobody."""
    loosened: int = 0
    """References that were dropped for the same reason."""
    deleted: int = 0


@dataclass
class Mirror:
    """This instance, as a copy of a source."""

    source: Source
    sessions: Sessions
    state: SyncState
    progress: Progress = no_progress
    tallies: dict[str, Tally] = field(default_factory=dict)

    def tally(self, name: str) -> Tally:
        """The tally of a table."""
        return self.tallies.setdefault(name, Tally())

    async def copy_all(self, only: Collection[str] = (), *, clear: bool = False) -> dict[str, Tally]:
        """Copy all lists, or those of the tables named; go on where the last copy was interrupted.

        `clear`: rows that the source has no more are deleted here as well, people excepted.

        Raises:
            SyncError: the source is away or refuses.
        """
        chosen = [each for each in MIRRORED if not only or each.name in only]
        plan = [f"{each.name}" for each in chosen]
        kept = self.state.values.get("full") or {}
        done: list[str] = kept.get("done", []) if kept.get("plan") == plan else []
        start: int = kept.get("page", 1) if kept.get("plan") == plan else 1
        if not done and start == 1 and not only:
            # What happens from now on is what `changes` begins with.
            self.state.save(cursor=await newest_event(self.source))
        for number, each in enumerate(chosen):
            if each.name in done:
                continue
            self.progress(each.name, number, len(chosen))
            await self._copy_list(each, plan, done, start)
            done, start = [*done, each.name], 1
            self.state.save(full={"plan": plan, "done": done, "page": 1})
        for each in chosen:
            if each.needs_second_pass:
                self.progress(f"{each.name}: references", len(chosen), len(chosen))
                await self._second_pass(each)
        await self._copy_settings({each.name for each in chosen})
        await self._only_organisation(chosen)
        if clear:
            await self._clear(chosen)
        self.state.save(full=None)
        self.progress("", len(chosen), len(chosen))
        return self.tallies

    async def _copy_list(self, each: Mirrored, plan: Sequence[str], done: Sequence[str], start: int) -> None:
        """Copy a list page by page. Rows that move between pages while others come and go are read again."""
        seen: set[str] = set()
        total = 0
        for attempt in range(2):
            async for page in self.source.pages(f"/data/{each.path}", {"relations": "true"}, start):
                await self.write(each, page.rows)
                seen.update(str(row.get("id")) for row in page.rows)
                total = page.total
                self.progress(
                    f"{each.name}: page {page.number} of {max(page.pages, 1)}", len(done), len(plan)
                )
                self.state.save(full={"plan": plan, "done": done, "page": page.number})
            if start > 1 or attempt or len(seen) >= total:
                break

    async def write(self, each: Mirrored, sent: Sequence[Row]) -> None:
        """Write rows that the source sent, in one transaction, with the links that can be set at once."""
        if not sent:
            return
        async with self.sessions() as session:
            copies, tally = RowCopies(session), self.tally(each.name)
            for row in sent:
                if not isinstance(row, dict) or not isinstance(row.get("id"), str):
                    raise SyncError(f"{each.path}: a row has no id.")
            columns = [column for wire, column in each.columns.items() if wire in sent[0]]
            copied = await copies.write(each.table, [each.row(row) for row in sent], columns)
            tally.written += copied.written
            tally.left_out += copied.left_out
            tally.loosened += copied.loosened
            await self._write_links(copies, each, each.early_links, sent)
            await session.commit()

    async def write_late(self, each: Mirrored, sent: Sequence[Row]) -> None:
        """Set the references and links of rows that may lead to rows of the same list or of later ones."""
        if not sent:
            return
        async with self.sessions() as session:
            copies = RowCopies(session)
            if late_columns(each.table):
                rows = [each.row(row) | {"id": row["id"]} for row in sent]
                self.tally(each.name).loosened += await copies.set_late(each.table, rows)
            await self._write_links(copies, each, each.late_links, sent)
            await session.commit()

    async def _write_links(
        self, copies: RowCopies, each: Mirrored, links: Mapping[str, Link], sent: Sequence[Row]
    ) -> None:
        here = await copies.present(each.table, [row["id"] for row in sent]) if links else set()
        for name, link in links.items():
            wanted = {
                row["id"]: [{link.other: str(id)} for id in row[name]]
                for row in sent
                if isinstance(row.get(name), list) and row["id"] in here
            }
            if wanted:
                pairs: Table = Base.metadata.tables[link.table.__tablename__]
                lost = await copies.set_links(pairs, link.own, link.other, wanted)
                self.tally(each.name).loosened += lost

    async def _second_pass(self, each: Mirrored) -> None:
        async for page in self.source.pages(f"/data/{each.path}", {"relations": "true"}):
            await self.write_late(each, page.rows)

    async def _copy_settings(self, names: Collection[str]) -> None:
        """What productions, templates and departments set for what they are linked to."""
        async with self.sessions() as session:
            copies = RowCopies(session)
            if "project" in names:
                for id in await local_ids(session, Base.metadata.tables["project"]):
                    await copy_project(self.source, copies, id)
                    await session.commit()  # nobody else shall wait for all of them
            if "project_template" in names:
                for id in await local_ids(session, Base.metadata.tables["project_template"]):
                    await copy_template(self.source, copies, id)
                    await session.commit()
            if {"department", "software", "hardware_item"} <= set(names):
                await copy_equipment(self.source, copies)
            await session.commit()

    async def copy_settings_of(self, table: str, ids: Collection[str]) -> None:
        """The same for single productions and templates."""
        async with self.sessions() as session:
            copies = RowCopies(session)
            for id in ids:
                if table == "project":
                    await copy_project(self.source, copies, id)
                elif table == "project_template":
                    await copy_template(self.source, copies, id)
            await session.commit()

    async def _only_organisation(self, chosen: Sequence[Mirrored]) -> None:
        """There is one studio: that of the source takes the place of the one that was made here."""
        for each in chosen:
            if each.name == "organisation":
                await self._clear([each])

    async def _clear(self, chosen: Sequence[Mirrored]) -> None:
        """Delete the rows that the source has no more, those that refer to others first."""
        for each in reversed(chosen):
            if each.name in KEPT_WHEN_CLEARING:
                continue
            there: set[str] = set()
            async for page in self.source.pages(f"/data/{each.path}", {"fields": "id"}):
                there.update(str(row["id"]) for row in page.rows)
            if not there and each.name == "organisation":
                continue
            async with self.sessions() as session:
                extra = set(await local_ids(session, each.table)) - there
            async for rows in self.source.by_ids(f"/data/{each.path}", sorted(extra)):
                extra -= {str(row["id"]) for row in rows}
            await self.delete(each, extra)

    async def has(self, table: str, id: str) -> bool:
        """Whether a row is here."""
        async with self.sessions() as session:
            return bool(await RowCopies(session).present(Base.metadata.tables[table], [id]))

    async def replace_castings(self, column: str, entity_ids: Collection[str], sent: Sequence[Row]) -> None:
        """Make the castings of entities exactly these; `column` is the side on which they are."""
        each = BY_NAME["entity_link"]
        async with self.sessions() as session:
            kept = [str(row["id"]) for row in sent]
            await RowCopies(session).delete_others(each.table, column, entity_ids, kept)
            await session.commit()
        await self.write(each, sent)

    async def referring(self, each: Mirrored, ids: Collection[str]) -> dict[str, set[str]]:
        """Rows that refer to rows and could be without them, by their table."""
        async with self.sessions() as session:
            return await RowCopies(session).referring(each.table, ids)

    async def delete(self, each: Mirrored, ids: Collection[str]) -> None:
        """Delete rows and what can't be without them."""
        async with self.sessions() as session:
            self.tally(each.name).deleted += await RowCopies(session).delete(each.table, ids)
            await session.commit()


async def newest_event(source: Source) -> dict[str, Any]:
    """The place in the source's log of events after which everything is new."""
    events = await source.read("/data/events/last", {"limit": 1})
    if not isinstance(events, list):
        raise SyncError(f"{source.url} has no log of events.")
    newest = events[0] if events else {"id": None, "created_at": "1970-01-01T00:00:00"}
    return {"moment": newest["created_at"], "seen": [newest["id"]] if newest["id"] else []}
