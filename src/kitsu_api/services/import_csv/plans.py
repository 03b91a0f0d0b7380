"""What an import is asked to do, and what it says of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Protocol
from uuid import UUID

from kitsu_api.services.import_csv.sheets import Line, SheetError

Kind = Literal["persons", "assets", "shots", "edits", "casting", "estimations"]


@dataclass(frozen=True)
class Wish:
    """Which sheet this is, and how it is taken."""

    kind: Kind
    project_id: UUID | None = None
    episode_id: UUID | None = None
    task_type_id: UUID | None = None
    update: bool = False
    """Rows of things that are there already change them; otherwise they are left alone."""
    dry_run: bool = False
    """Say what would happen, and do nothing."""
    create_columns: bool = False
    """Columns that nothing is known of become metadata columns of the production."""


@dataclass
class Counts:
    """How many rows do what."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    """Rows that say something else of what an earlier row is about; an import refuses them."""
    skipped: int = 0
    """Rows about what is not there, which some kinds of sheets pass over."""

    def add(self, other: Counts) -> None:
        """Count what another counted."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def as_json(self) -> dict[str, int]:
        """The figures by name."""
        return asdict(self)


@dataclass
class Outcome:
    """What an import did, or would do."""

    rows: int = 0
    counts: Counts = field(default_factory=Counts)
    ids: list[UUID] = field(default_factory=list)
    """What the rows are about, in the order of the sheet."""
    ignored_columns: list[str] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    """The first rows that are in conflict: their line, and the line that they are in conflict with."""


class Importer(Protocol):
    """Knows a kind of sheet."""

    known: Collection[str]
    """Names of columns, in small letters, that tell the delimiter."""
    ids: list[UUID]
    """What the rows that were written are about."""
    ignored: list[str]
    """Columns that are not read."""

    @property
    def conflicts(self) -> list[dict[str, Any]]:
        """Rows that are in conflict with others."""

    async def prepare(self, head: Sequence[str]) -> None:
        """Read what the rows refer to, and lock out whoever would write the same."""

    async def check(self, lines: Sequence[Line]) -> Counts:
        """Find out what rows would do."""

    async def conclude(self) -> None:
        """Find out what all rows do together, once each is checked."""

    async def begin(self) -> None:
        """Write what all rows rest on: every row is checked by now."""

    async def write(self, lines: Sequence[Line]) -> None:
        """Do what rows ask for; they were checked in the same order before."""


MOST_CONFLICTS = 100
"""Conflicts that a plan tells one by one."""


class Doubles:
    """Finds rows that are about the same thing."""

    def __init__(self, *, refuse: bool) -> None:
        self.refuse = refuse
        self.told: list[dict[str, Any]] = []
        self._seen: dict[int, tuple[int, int]] = {}

    def is_double(self, key: object, line: Line, what: str) -> Literal["no", "same", "conflict"]:
        """Whether an earlier row is about the same thing, and whether it says the same.

        Raises:
            SheetError: it says something else, and this is no dry run.
        """
        mark, content = hash(key), hash(tuple(line.cells))
        first = self._seen.setdefault(mark, (line.number, content))
        if first[0] == line.number:
            return "no"
        if first[1] == content:
            return "same"
        message = f"Lines {first[0]} and {line.number} are about the same {what}, and differ."
        if self.refuse:
            raise SheetError(message, line.number)
        if len(self.told) < MOST_CONFLICTS:
            self.told.append({"line_number": line.number, "message": message})
        return "conflict"
