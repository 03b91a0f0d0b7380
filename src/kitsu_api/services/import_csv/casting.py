"""Sheets of castings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from kitsu_api.db.repositories.casting_changes import CastingChanges
from kitsu_api.db.repositories.import_csv_casting import ImportedCasting, Named, StoredLink
from kitsu_api.db.repositories.locks import lock
from kitsu_api.events import record_event
from kitsu_api.services import standing_rows
from kitsu_api.services.entities import THINGS
from kitsu_api.services.export_csv import CASTING, MAIN_PACK
from kitsu_api.services.import_csv.cells import CellReader
from kitsu_api.services.import_csv.plans import Counts, Doubles, Wish
from kitsu_api.services.import_csv.sheets import Line, SheetError
from kitsu_api.unit_of_work import UnitOfWork

COLUMNS = {name.lower(): name for name in ("Episode", *CASTING)}
OTHER_SPELLINGS = {"occurrences": "occurences", "nb occurences": "occurences"}
OPTIONAL = frozenset({"episode", "label", "occurences"})
LONGEST_LABEL = 80


@dataclass(frozen=True)
class CastingRow:
    """A row: what casts, what is cast, and how."""

    line: Line
    reader: CellReader
    episode: str | None
    """None: the sheet has no such column."""
    parent: str
    name: str
    asset_type: str
    asset: str
    occurences: int
    label: str


@dataclass
class _Batch:
    """What some rows ask for."""

    counts: Counts = field(default_factory=Counts)
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[Named, Named, dict[str, Any] | None]] = field(default_factory=list)
    """What casts, what is cast, and the link when that is new, in the order of the sheet."""


class _Names:
    """The entities that rows name."""

    def __init__(self, entities: Sequence[Named]) -> None:
        self._by_name: dict[str, list[Named]] = {}
        for entity in entities:
            self._by_name.setdefault(entity.name, []).append(entity)

    def asset(self, kind: str, name: str) -> Named | None:
        """The asset of a type and a name; of several, one that was made for no episode."""
        found = [
            each
            for each in self._by_name.get(name, [])
            if each.is_asset and each.kind.lower() == kind.lower()
        ]
        return min(found, key=lambda each: each.above is not None) if found else None

    def caster(self, row: CastingRow) -> Named | None:
        """What a row is about: an asset by its type, a shot by its sequence, or an episode."""
        named = self._by_name.get(row.name, [])
        episode = row.episode if row.episode not in ("", MAIN_PACK) else None
        if row.parent == "Episode" and episode is None:
            return next((each for each in named if each.kind == "Episode"), None)
        assets = [each for each in named if each.is_asset and each.kind.lower() == row.parent.lower()]
        same = [each for each in assets if each.above == episode]
        if same or (assets and row.episode in (None, "")):
            return (same or assets)[0]
        shots = [each for each in named if each.kind == "Shot" and (each.parent or "") == row.parent]
        return next((each for each in shots if row.episode is None or each.above == episode), None)


class CastingImporter:
    """Takes in a sheet of castings of a production."""

    known: Collection[str] = frozenset(COLUMNS)

    def __init__(self, uow: UnitOfWork, wish: Wish) -> None:
        assert wish.project_id is not None
        self.uow = uow
        self.project_id: UUID = wish.project_id
        self.casting = ImportedCasting(uow.session, self.project_id)
        self.doubles = Doubles(refuse=not wish.dry_run)
        self.ids: list[UUID] = []
        self.ignored: list[str] = []
        self.columns: dict[str, int] = {}
        self.head: Sequence[str] = ()

    @property
    def conflicts(self) -> list[dict[str, Any]]:
        """Rows that are in conflict with others."""
        return self.doubles.told

    async def prepare(self, head: Sequence[str]) -> None:
        """Find the columns; nobody else casts in the production from now on."""
        self.head = head
        await standing_rows.entity_types(self.uow.session)
        for index, name in enumerate(head):
            known = OTHER_SPELLINGS.get(name.lower(), name.lower())
            if known in COLUMNS and known not in self.columns:
                self.columns[known] = index
            elif name:
                self.ignored.append(name)
        for name, shown in COLUMNS.items():
            if name not in self.columns and name not in OPTIONAL:
                raise SheetError(f"A columns is missing: '{shown}'", 2, shown)
        await lock(self.uow.session, "casting", self.project_id)

    async def begin(self) -> None:
        """Nothing has to be there before the rows."""
        self.doubles = Doubles(refuse=True)

    async def conclude(self) -> None:
        """Rows of such a sheet ask for nothing together that none asks for alone."""

    async def check(self, lines: Sequence[Line]) -> Counts:
        """Find out what rows would do."""
        return (await self._plan(lines)).counts

    def _row(self, line: Line) -> CastingRow:
        reader = CellReader(line.number)

        def cell(name: str) -> str | None:
            index = self.columns.get(name)
            return None if index is None else line.cells[index].strip()

        def shown(name: str) -> str:
            return self.head[self.columns[name]] if name in self.columns else COLUMNS[name]

        for name in ("name", "asset"):
            reader.required(cell(name) or "", shown(name), 160, f"{shown(name)}: a name is required.")
        occurences = reader.integer(cell("occurences") or "1", shown("occurences"))
        if occurences is None or occurences < 0:
            message = f"{shown('occurences')}: a number from 0 on is expected."
            raise reader.refuse(message, shown("occurences"), cell("occurences") or "")
        label = self.columns.get("label")
        return CastingRow(
            line=line,
            reader=reader,
            episode=cell("episode"),
            parent=cell("parent") or "",
            name=cell("name") or "",
            asset_type=cell("asset type") or "",
            asset=cell("asset") or "",
            occurences=occurences,
            label="" if label is None else reader.text(line.cells[label], shown("label"), LONGEST_LABEL),
        )

    async def _plan(self, lines: Sequence[Line]) -> _Batch:
        batch, rows = _Batch(), [self._row(line) for line in lines]
        wanted = {name for row in rows for name in (row.name, row.asset)}
        places = {place for row in rows for place in (row.parent, row.asset_type)}
        names = _Names(await self.casting.named(wanted, places))
        pairs = [(row, names.caster(row), names.asset(row.asset_type, row.asset)) for row in rows]
        casters = {caster.id for _, caster, _ in pairs if caster is not None}
        links = {(link.entity_in_id, link.entity_out_id): link for link in await self.casting.links(casters)}
        for row, caster, asset in pairs:
            if caster is None or asset is None:
                batch.counts.skipped += 1
                continue
            if caster.id == asset.id:
                raise row.reader.refuse(
                    "An asset can't cast itself.", self.head[self.columns["asset"]], row.asset
                )
            key = (caster.id, asset.id)
            double = self.doubles.is_double(key, row.line, "casting")
            if double != "no":
                batch.counts.add(Counts(unchanged=double == "same", conflicts=double == "conflict"))
            else:
                self._compare(batch, row, caster, asset, links.get(key))
        return batch

    def _compare(
        self, batch: _Batch, row: CastingRow, caster: Named, asset: Named, link: StoredLink | None
    ) -> None:
        values: dict[str, Any] = {"nb_occurences": row.occurences, "label": row.label}
        if link is None:
            new = {
                "id": uuid4(),
                "entity_in_id": caster.id,
                "entity_out_id": asset.id,
                **values,
                "data": None,
            }
            batch.new.append(new)
            batch.told.append((caster, asset, new))
            batch.counts.created += 1
            return
        if "occurences" not in self.columns:
            values["nb_occurences"] = link.nb_occurences
        if "label" not in self.columns:
            values["label"] = link.label
        if (link.nb_occurences, link.label or "") == (values["nb_occurences"], values["label"] or ""):
            batch.counts.unchanged += 1
            return
        batch.changed.append({"id": link.id, **values})
        batch.told.append((caster, asset, None))
        batch.counts.updated += 1

    async def write(self, lines: Sequence[Line]) -> None:
        """Do what rows ask for. What shots cast is cast by their episodes as well."""
        batch = await self._plan(lines)
        implied = await self._implied(batch)
        await self.casting.add([*implied, *batch.new])
        await self.casting.change(batch.changed)
        casters = {caster.id for caster, _, link in batch.told if link is not None}
        changes = CastingChanges(self.uow.session)
        touched = casters | {link["entity_in_id"] for link in implied}
        if touched:
            await changes.recount(touched)
            await changes.recount_ready(casters)
        self._tell(batch, [link["entity_out_id"] for link in implied])

    async def _implied(self, batch: _Batch) -> list[dict[str, Any]]:
        """What episodes have to cast because their shots do from now on."""
        wanted: dict[tuple[UUID, UUID], dict[str, Any]] = {}
        for caster, asset, link in batch.told:
            if link is not None and caster.kind == "Shot" and caster.above_id is not None:
                key = (caster.above_id, asset.id)
                row = {"id": uuid4(), "entity_in_id": key[0], "entity_out_id": key[1], "nb_occurences": 1}
                wanted.setdefault(key, {**row, "label": link["label"], "data": {"auto": True}})
        # what a row of the same sheet casts in the episode itself is not implied
        own = {(link["entity_in_id"], link["entity_out_id"]) for link in batch.new}
        episodes = {episode_id for episode_id, _ in wanted}
        present = {(each.entity_in_id, each.entity_out_id) for each in await self.casting.links(episodes)}
        return [row for key, row in wanted.items() if key not in present | own]

    def _tell(self, batch: _Batch, implied: Collection[UUID]) -> None:
        numbers: dict[UUID, int] = {}
        for asset_id in implied:
            self.uow.emit(record_event("asset", "update", asset_id, self.project_id))
        for caster, asset, link in batch.told:
            number = numbers.setdefault(caster.id, caster.number)
            if link is not None:
                numbers[caster.id] = number = number + 1
                self._tell_link(link)
                if caster.kind == "Episode":
                    self.uow.emit(record_event("asset", "update", asset.id, self.project_id))
            thing = THINGS.get(caster.kind, "asset")
            more = {} if caster.is_asset else {"nb_entities_out": number}
            self.uow.emit(record_event(thing, "casting-update", caster.id, self.project_id, **more))

    def _tell_link(self, link: dict[str, Any]) -> None:
        ends = {name: link[name] for name in ("entity_in_id", "entity_out_id", "nb_occurences")}
        self.uow.emit(record_event("entity-link", "new", link["id"], self.project_id, **ends))
