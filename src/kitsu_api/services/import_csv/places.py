"""What entities of sheets lie in: asset types, episodes and sequences, which sheets may add."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID, uuid4

from kitsu_api.db.repositories.entity_lists import OTHER_KINDS
from kitsu_api.db.repositories.import_csv import ImportLookups
from kitsu_api.db.repositories.import_csv_entities import ImportedEntities
from kitsu_api.events import record_event
from kitsu_api.services import standing_rows
from kitsu_api.services.export_csv import MAIN_PACK
from kitsu_api.services.import_csv.cells import CellReader
from kitsu_api.unit_of_work import UnitOfWork

LONGEST_NAME = 160
LONGEST_TYPE = 30
NO_EPISODES = "An episode column is present for a production that isn't a TV Show"

Level = Literal["Episode", "Sequence"]


class Places:
    """Finds what rows lie in; what is missing gets an id at once, and its row when `add_missing` says so."""

    def __init__(self, uow: UnitOfWork, author_id: UUID, project_id: UUID, *, has_episodes: bool) -> None:
        self.uow = uow
        self.author_id = author_id
        self.project_id = project_id
        self.has_episodes = has_episodes
        self.kinds: dict[str, UUID] = {}
        """Entity types by name."""
        self._lower: dict[str, UUID] = {}
        self._found: dict[Level, dict[tuple[UUID | None, str], UUID]] = {"Episode": {}, "Sequence": {}}
        self._new_types: list[dict[str, Any]] = []
        self._new: dict[Level, list[dict[str, Any]]] = {"Episode": [], "Sequence": []}

    async def prepare(self) -> None:
        """Read what is there."""
        session = self.uow.session
        await standing_rows.entity_types(session)
        self.kinds = await ImportLookups(session, self.project_id).entity_types()
        self._lower = {name.lower(): id for name, id in self.kinds.items()}
        entities = ImportedEntities(session, self.project_id)
        for level in self._found:
            self._found[level] = await entities.places(self.kinds[level])

    def asset_type(self, reader: CellReader, cell: str, column: str) -> UUID:
        """The asset type of a name, in any case.

        Raises:
            SheetError: there is no name, or one that is taken for entities that are no assets.
        """
        message = f"An asset type is required in the {column} column"
        name = reader.required(cell, column, LONGEST_TYPE, message)
        if name.lower() in {kind.lower() for kind in OTHER_KINDS}:
            raise reader.refuse(f"{column}: {name} is not an asset type.", column, cell)
        found = self.kinds.get(name) or self._lower.get(name.lower())
        if found is None:
            found = self.kinds[name] = self._lower[name.lower()] = uuid4()
            self._new_types.append({"id": found, "name": name})
        return found

    def episode(self, reader: CellReader, cell: str, column: str) -> UUID | None:
        """The episode of a name; None for an empty cell, and for the main pack.

        Raises:
            SheetError: the production has no episodes.
        """
        if not cell.strip() or cell.strip() == MAIN_PACK:
            return None
        if not self.has_episodes:
            raise reader.refuse(NO_EPISODES, column, cell)
        return self._place("Episode", reader, cell, column, None)

    def sequence(self, reader: CellReader, cell: str, column: str, episode_id: UUID | None) -> UUID | None:
        """The sequence of a name in an episode; None for an empty cell."""
        if not cell.strip():
            return None
        return self._place("Sequence", reader, cell, column, episode_id)

    def _place(
        self, level: Level, reader: CellReader, cell: str, column: str, parent_id: UUID | None
    ) -> UUID:
        found = self._found[level]
        known = found.get((parent_id, cell)) or found.get((parent_id, cell.strip()))
        if known is not None:
            return known
        name = reader.text(cell.strip(), column, LONGEST_NAME)
        id = found[parent_id, name] = uuid4()
        self._new[level].append({"id": id, "name": name, "parent_id": parent_id})
        return id

    async def add_missing(self) -> None:
        """Make what rows lie in and what is not there yet."""
        entities = ImportedEntities(self.uow.session, self.project_id)
        await entities.add_types(self._new_types)
        for row in self._new_types:
            self.uow.emit(record_event("asset-type", "new", row["id"]))
        for level, rows in self._new.items():
            values = [{**row, "description": "", "data": {}} for row in rows]
            await entities.add_places(values, self.kinds[level], self.author_id)
            for row in rows:
                self.uow.emit(record_event(level.lower(), "new", row["id"], self.project_id))
        self._new_types, self._new = [], {"Episode": [], "Sequence": []}
