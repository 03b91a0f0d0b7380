"""Sheets of assets, shots and edits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

from kitsu_api.db.repositories.export_csv_entities import MetadataColumn
from kitsu_api.db.repositories.import_csv import ImportLookups
from kitsu_api.db.repositories.import_csv_entities import ImportedEntities, StoredEntity, StoredTask
from kitsu_api.events import Event, record_event
from kitsu_api.schemas.metadata import NewDescriptor
from kitsu_api.services import metadata
from kitsu_api.services.export_csv import ENTITIES
from kitsu_api.services.import_csv.cells import CellReader, People, Statuses
from kitsu_api.services.import_csv.columns import FIELDS, EntityColumns, entity_columns
from kitsu_api.services.import_csv.entity_rows import EntityRow, EntityValues, RowReader, differs, names_of
from kitsu_api.services.import_csv.places import LONGEST_NAME, Places
from kitsu_api.services.import_csv.plans import Counts, Doubles, Wish
from kitsu_api.services.import_csv.sheets import Line, SheetError
from kitsu_api.services.import_csv.work import WorkPlan, WorkRow, WorkRules, plan_work
from kitsu_api.services.import_csv.work_writing import WorkWriter
from kitsu_api.unit_of_work import UnitOfWork

EntityKind = Literal["Asset", "Shot", "Edit"]
NO_DESCRIPTION: dict[EntityKind, str | None] = {"Asset": None, "Shot": None, "Edit": ""}
"""The description of a new entity when the sheet has none: as clients of long standing know it."""

NO_FRAMES: dict[EntityKind, int | None] = {"Asset": None, "Shot": 0, "Edit": None}
"""The number of frames of a new entity when the sheet has none."""


@dataclass
class _Batch:
    """What some rows ask for."""

    counts: Counts = field(default_factory=Counts)
    ids: list[UUID] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    work: WorkPlan = field(default_factory=WorkPlan)


class EntityImporter:
    """Takes in a sheet of assets, shots or edits of a production."""

    def __init__(self, uow: UnitOfWork, author_id: UUID, kind: EntityKind, wish: Wish) -> None:
        assert wish.project_id is not None
        self.uow = uow
        self.author_id = author_id
        self.kind: EntityKind = kind
        self.wish = wish
        self.project_id: UUID = wish.project_id
        self.known: Collection[str] = {*FIELDS[kind], *(name.lower() for name in ENTITIES[kind])}
        self.ids: list[UUID] = []
        self.ignored: list[str] = []
        self.entities = ImportedEntities(uow.session, self.project_id)
        self.doubles = Doubles(refuse=not wish.dry_run)
        self.places: Places
        self.rules: WorkRules
        self.rows: RowReader
        self.writer: WorkWriter
        self._wanted_columns: list[str] = []

    @property
    def conflicts(self) -> list[dict[str, Any]]:
        """Rows that are in conflict with others."""
        return self.doubles.told

    async def prepare(self, head: Sequence[str]) -> None:
        """Read what rows refer to; nobody else adds entities or tasks to the production from now on."""
        session = self.uow.session
        lookups = ImportLookups(session, self.project_id)
        project = await lookups.project()
        await self.entities.reserve()
        self.places = Places(self.uow, self.author_id, self.project_id, has_episodes=project.has_episodes)
        await self.places.prepare()
        types = await lookups.work_types(self.kind)
        columns = entity_columns(self.kind, head, await lookups.columns(self.kind), types)
        self._note_unknown(columns)
        statuses = Statuses(await lookups.statuses())
        people = People(await lookups.people(bots=project.open_to_bots))
        self.rows = RowReader(columns, people)
        self.writer = WorkWriter(self.uow, self.author_id, self.project_id, statuses)
        most = await self.writer.work.most_retakes()
        workflows = await lookups.workflows() if self.kind == "Asset" else {}
        self.rules = WorkRules(columns, types, workflows, statuses, people, most)
        named = {work.type.id for work in columns.work}
        await self.writer.reserve(named | {type.id for type in types if type.in_project})

    def _note_unknown(self, columns: EntityColumns) -> None:
        names = [columns.name(index) for index in columns.unknown]
        if not self.wish.create_columns:
            self.ignored = names
            return
        for index in columns.unknown:
            name = columns.name(index)
            if len(name) > 120:
                raise SheetError(f"The name of the column {name[:40]}… is too long for metadata.", 1, name)
            columns.metadata.append((index, MetadataColumn(name, metadata.field_of(name), "string")))
        self._wanted_columns = names

    async def begin(self) -> None:
        """Make the columns, asset types, episodes and sequences that are missing."""
        self.doubles = Doubles(refuse=True)
        for name in self._wanted_columns:
            descriptor = NewDescriptor(name=name, entity_type=self.kind, data_type="string")
            await metadata.add(self.uow, [self.project_id], descriptor)
        await self.places.add_missing()

    async def conclude(self) -> None:
        """Rows of such a sheet ask for nothing together that none asks for alone."""

    async def check(self, lines: Sequence[Line]) -> Counts:
        """Find out what rows would do."""
        return (await self._plan(lines)).counts

    async def write(self, lines: Sequence[Line]) -> None:
        """Do what rows ask for."""
        batch = await self._plan(lines)
        await self.entities.add(batch.new, self.author_id)
        await self.entities.change(batch.changed)
        for event in batch.events:
            self.uow.emit(event)
        await self.writer.write(batch.work)
        self.ids += batch.ids

    async def _plan(self, lines: Sequence[Line]) -> _Batch:
        batch, rows = _Batch(), [self._row(line) for line in lines]
        stored = await self._stored(rows)
        tasks: dict[UUID, list[StoredTask]] = {}
        for task in await self.entities.tasks({each.id for found in stored.values() for each in found}):
            tasks.setdefault(task.entity_id, []).append(task)
        written: dict[object, UUID] = {}
        for row in rows:
            key = self._key(row)
            entity = self._match(row, stored)
            double = self.doubles.is_double(key, row.line, self.kind.lower())
            if double != "no":
                batch.counts.add(Counts(unchanged=double == "same", conflicts=double == "conflict"))
                batch.ids.append(entity.id if entity else written.get(key, UUID(int=0)))
            elif entity is None:
                batch.ids.append(written.setdefault(key, self._add(batch, row)))
            else:
                batch.ids.append(entity.id)
                self._change(batch, row, entity, tasks.get(entity.id, []))
        return batch

    def _row(self, line: Line) -> EntityRow:
        """A row, and where its entity lies."""
        reader, rows = CellReader(line.number), self.rows
        raw = rows.cell(line, "name") or ""
        kind = self.places.kinds[self.kind] if self.kind != "Asset" else None
        if kind is None:
            kind = self.places.asset_type(reader, rows.cell(line, "type") or "", rows.column("type"))
        name = reader.required(
            raw, rows.column("name"), LONGEST_NAME, "A name is required in the Name column"
        )
        episode_id, cell = None, rows.cell(line, "episode")
        if cell is not None:
            episode_id = self.places.episode(reader, cell, rows.column("episode"))
        if self.kind == "Asset":
            return EntityRow(line, reader, name, raw, kind, source_id=episode_id)
        if self.kind == "Edit":
            return EntityRow(line, reader, name, raw, kind, parent_id=episode_id)
        cell = rows.cell(line, "sequence") or ""
        sequence_id = self.places.sequence(reader, cell, rows.column("sequence"), episode_id)
        return EntityRow(line, reader, name, raw, kind, parent_id=sequence_id, episode_id=episode_id)

    def _key(self, row: EntityRow) -> object:
        return (row.entity_type_id, row.parent_id, row.source_id, row.name)

    async def _stored(self, rows: Sequence[EntityRow]) -> dict[object, list[StoredEntity]]:
        """The entities that rows may be about, by type, parent and name."""
        types = {row.entity_type_id for row in rows}
        anywhere = self.kind == "Asset"
        parents = None if anywhere else {row.parent_id for row in rows}
        found: dict[object, list[StoredEntity]] = {}
        for entity in await self.entities.named(names_of(rows), types, parents):
            place = (entity.entity_type_id, None if anywhere else entity.parent_id, entity.name)
            found.setdefault(place, []).append(entity)
        return found

    def _match(self, row: EntityRow, stored: dict[object, list[StoredEntity]]) -> StoredEntity | None:
        """The entity that a row is about. Assets of one name are told apart by their episode."""
        place = (row.entity_type_id, row.parent_id)
        candidates = stored.get((*place, row.raw_name)) or stored.get((*place, row.name)) or []
        same = [each for each in candidates if each.source_id == row.source_id]
        if not same and row.source_id is None:
            same = candidates
        return same[0] if same else None

    def _add(self, batch: _Batch, row: EntityRow) -> UUID:
        if self.kind == "Shot" and row.parent_id is None:
            column = self.rows.column("sequence")
            raise row.reader.refuse("A sequence is required in the Sequence column", column, "")
        values, id = self.rows.new(row, NO_DESCRIPTION[self.kind], NO_FRAMES[self.kind]), uuid4()
        batch.counts.created += 1
        batch.new.append(
            {
                "id": id,
                "name": row.name,
                "entity_type_id": row.entity_type_id,
                "parent_id": row.parent_id,
                "source_id": row.source_id,
                "description": values.description,
                "nb_frames": values.nb_frames,
                "data": values.data,
            }
        )
        batch.events.append(self._event("new", row, id, None))
        batch.work.add(plan_work(self.rules, self._work(row, id, [], values, is_new=True)))
        return id

    def _change(
        self, batch: _Batch, row: EntityRow, entity: StoredEntity, tasks: Sequence[StoredTask]
    ) -> None:
        update, changes = self.wish.update, {}
        values = EntityValues(entity.description, entity.nb_frames, entity.data or {})
        if update:
            values = self.rows.changed(row, entity)
            changes = differs(values, entity)
        work = plan_work(self.rules, self._work(row, entity.id, tasks, values, is_new=False))
        if changes or work:
            batch.counts.updated += 1
        else:
            batch.counts.unchanged += 1
        if update and (changes or not self.rules.columns.exported):
            batch.changed.append({"id": entity.id, **changes})
            batch.events.append(self._event("update", row, entity.id, (entity, values)))
        batch.work.add(work)

    def _work(
        self,
        row: EntityRow,
        id: UUID,
        tasks: Sequence[StoredTask],
        values: EntityValues,
        *,
        is_new: bool,
    ) -> WorkRow:
        retakes = values.data.get("max_retakes") if isinstance(values.data, dict) else None
        return WorkRow(
            reader=row.reader,
            cells=row.line.cells,
            entity_id=id,
            entity_type_id=row.entity_type_id,
            stored=tasks,
            is_new=is_new,
            update=self.wish.update,
            retakes=retakes,
        )

    def _event(
        self, action: str, row: EntityRow, id: UUID, change: tuple[StoredEntity, EntityValues] | None
    ) -> Event:
        """What the world hears of an entity: what clients of long standing expect."""
        more: dict[str, Any] = {}
        if change is None:
            by_kind: dict[EntityKind, dict[str, Any]] = {
                "Asset": {"asset_type": row.entity_type_id},
                "Shot": {"episode_id": row.episode_id},
                "Edit": {"parent_id": row.parent_id},
            }
            more = by_kind[self.kind]
        elif self.kind == "Asset":
            entity, values = change
            more["data"] = {
                "name": entity.name,
                "project_id": str(self.project_id),
                "entity_type_id": str(entity.entity_type_id),
                "source_id": str(entity.source_id) if entity.source_id else None,
                "description": values.description,
                "data": values.data,
            }
        return record_event(self.kind.lower(), action, id, self.project_id, **more)
