"""What the columns of a sheet of entities stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kitsu_api.db.repositories.export_csv_entities import MetadataColumn
from kitsu_api.db.repositories.import_csv import WorkType
from kitsu_api.services.export_csv import ASSIGNATIONS
from kitsu_api.services.import_csv.sheets import SheetError

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Asset": {"type": "type", "name": "name", "description": "description", "episode": "episode"},
    "Shot": {
        "episode": "episode",
        "sequence": "sequence",
        "name": "name",
        "description": "description",
        "frames": "nb_frames",
        "nb frames": "nb_frames",
        "frame in": "frame_in",
        "in": "frame_in",
        "frame out": "frame_out",
        "out": "frame_out",
        "fps": "fps",
    },
    "Edit": {"episode": "episode", "name": "name", "description": "description"},
}
"""What entities of a kind have in common: the names of columns in small letters, and what they hold."""

REQUIRED: Mapping[str, Mapping[str, str]] = {
    "Asset": {"type": "Type", "name": "Name"},
    "Shot": {"sequence": "Sequence", "name": "Name"},
    "Edit": {"name": "Name"},
}
"""What a sheet can't go without, and how the column is called."""

EXPORTED = ("project", "time spent")
"""Columns that exports alone have. They are not read: that they are there tells where the sheet is from."""


@dataclass
class WorkColumn:
    """The columns of a task type: where its statuses stand, and where its people."""

    type: WorkType
    status: int | None = None
    people: int | None = None


@dataclass
class EntityColumns:
    """Where in a row everything stands."""

    head: Sequence[str]
    fields: dict[str, int] = field(default_factory=dict)
    metadata: list[tuple[int, MetadataColumn]] = field(default_factory=list)
    work: list[WorkColumn] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    """Columns that nothing is known of."""
    exported: bool = False
    """The sheet was exported, and then edited: what differs from what is stored was meant to change, and
    nothing else. In other sheets an empty cell on tasks says nothing, and each row is written anew."""

    def name(self, index: int) -> str:
        """How a column is called."""
        return self.head[index]


class _Reader:
    """Takes the columns one after the other: what some mean depends on those before them."""

    def __init__(
        self, kind: str, head: Sequence[str], metadata: Sequence[MetadataColumn], types: Sequence[WorkType]
    ) -> None:
        self.kind = kind
        self.found = EntityColumns(head)
        self.metadata = {name: column for column in metadata for name in (column.field, column.name.lower())}
        self.taken: set[str] = set()
        # a studio may have two types of one name: that of the production counts
        self.types = {type.name.lower(): type for type in sorted(types, key=lambda type: type.in_project)}
        self.work: dict[str, WorkColumn] = {}
        self.last: WorkColumn | None = None

    def read(self) -> EntityColumns:
        names = [name.lower() for name in self.found.head]
        self.found.exported = all(name in names for name in EXPORTED)
        for index, name in enumerate(names):
            if name == ASSIGNATIONS.lower() and self.last is not None:
                self._set(self.last, "people", index)
            elif name and name not in EXPORTED:
                self.last = self._take(index, name)
        self.found.work = list(self.work.values())
        return self.found

    def _set(self, work: WorkColumn, what: str, index: int) -> None:
        if getattr(work, what) is not None:
            raise SheetError(f"The column {self.found.name(index)} of {work.type.name} is there twice.", 1)
        setattr(work, what, index)

    def _take(self, index: int, name: str) -> WorkColumn | None:
        """Note what a column is; the columns of the task type that it belongs to, if any."""
        own = FIELDS[self.kind].get(name)
        column = self.metadata.get(name)
        if own is not None:
            if own in self.found.fields:
                raise SheetError(f"The column {self.found.name(index)} is there twice.", 1)
            self.found.fields[own] = index
        elif column is not None and column.field not in self.taken:
            self.taken.add(column.field)
            self.found.metadata.append((index, column))
        elif name in self.types:
            work = self._work(name)
            self._set(work, "status", index)
            return work
        elif name.removesuffix(f" {ASSIGNATIONS.lower()}") in self.types:
            self._set(self._work(name.removesuffix(f" {ASSIGNATIONS.lower()}")), "people", index)
        elif column is not None:
            raise SheetError(f"The column {self.found.name(index)} is there twice.", 1)
        else:
            self.found.unknown.append(index)
        return None

    def _work(self, name: str) -> WorkColumn:
        return self.work.setdefault(name, WorkColumn(self.types[name]))


def entity_columns(
    kind: str, head: Sequence[str], metadata: Sequence[MetadataColumn], types: Sequence[WorkType]
) -> EntityColumns:
    """What the columns of a sheet of assets, shots or edits stand for; names match in any case.

    Raises:
        SheetError: one is missing, or there twice.
    """
    found = _Reader(kind, head, metadata, types).read()
    for name, shown in REQUIRED[kind].items():
        if name not in found.fields:
            raise SheetError(f"A columns is missing: '{shown}'", 2, shown)
    return found
