"""Sheets of what a studio keeps: their columns, the rows of their cells, and the names of their files."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from kitsu_api.db.repositories.export_csv import ID_LENGTH, Row
from kitsu_api.db.repositories.export_csv_entities import Lookups, MetadataColumn
from kitsu_api.db.repositories.export_csv_playlists import PlaylistHead, Shown
from kitsu_api.services.csv_cells import Cell

PERSONS: tuple[str, ...] = (
    *("First Name", "Last Name", "Email", "Phone", "Role", "Departments", "Studio", "Country"),
    *("Contract Type", "Position", "Seniority", "Daily Salary", "Active"),
)
PROJECTS: tuple[str, ...] = ("Name", "Status")
TASK_TYPES: tuple[str, ...] = ("Department", "Name")
TASKS: tuple[str, ...] = (
    *("Project", "Task Type", "Episode", "Sequence", "Entity Type", "Entity", "Assigner", "Assignees"),
    *("Duration", "Estimation", "Start date", "Due date", "WIP date", "Validation date", "Task Status"),
)
TIME_SPENTS: tuple[str, ...] = (
    *("Project", "Person", "Entity Type Name", "Entity", "Task Type", "Date", "Time spent"),
)
CASTING: tuple[str, ...] = ("Parent", "Name", "Asset Type", "Asset", "Occurences", "Label")
PLAYLIST: tuple[str, ...] = (
    *("Entity name", "Nb Frames", "Task Type", "Retake count", "Revision", "Task Status"),
    *("Last comment author", "Last comment date", "Last comment"),
)
ENTITIES: dict[str, tuple[str, ...]] = {
    "Asset": ("Project", "Type", "Name", "Description", "Time Spent"),
    "Shot": (
        *("Project", "Episode", "Sequence", "Name", "Description", "Time Spent"),
        *("Frames", "Frame In", "Frame Out", "FPS"),
    ),
    "Edit": ("Project", "Episode", "Name", "Description", "Time Spent"),
}
"""The columns of entities that come before their metadata and their tasks."""

ASSIGNATIONS = "Assignations"
"""The column after each task type: who works on the tasks of this type."""

MAIN_PACK = "MP"
"""The episode of assets that were made for none."""


def slug(text: str) -> str:
    """A text as part of a file name: small letters, digits and underscores alone."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_text.lower()).strip("_")


def file_name(*parts: str) -> str:
    """The name of a sheet: `kitsu_caminandes_shots.csv`."""
    return "_".join(filter(None, ["kitsu", *map(slug, parts)])) + ".csv"


def person_rows(rows: Iterable[Row]) -> Iterator[Sequence[Cell]]:
    """People, whose last value says whether they are active."""
    for row in rows:
        yield [*row[:-1], "yes" if row[-1] else "no"]


def _ids(text: str | None) -> list[str]:
    """The ids that a text is made of."""
    return [text[start : start + ID_LENGTH] for start in range(0, len(text), ID_LENGTH)] if text else []


def task_rows(rows: Iterable[Row], people: dict[str, str]) -> Iterator[Sequence[Cell]]:
    """Tasks, with the names of who is on them; moments are shown as days."""
    assignees = TASKS.index("Assignees")
    for row in rows:
        cells: list[Cell] = [cell.date() if isinstance(cell, dt.datetime) else cell for cell in row]
        cells[assignees] = ",".join(sorted(people.get(id, "") for id in _ids(row[assignees])))
        yield cells


def casting_rows(rows: Iterable[Row], *, episodes: bool) -> Iterator[Sequence[Cell]]:
    """Castings; their first value is the episode, which some sheets don't have."""
    for row in rows:
        yield row if episodes else row[1:]


def _listed(values: list[Any]) -> str:
    """A list of tags as people write it, any other document as JSON."""
    if all(isinstance(value, str) for value in values):
        return ",".join(values)
    return orjson.dumps(values).decode()


def metadata_cell(column: MetadataColumn, value: Any, people: dict[str, str]) -> Cell:
    """A value of a metadata column: people by name, tags parted by commas, documents as JSON."""
    if isinstance(value, list):
        return _listed(value)
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if column.data_type == "person" and isinstance(value, str):
        return people.get(value, value)
    cell: Cell = value
    return cell


def entity_head(kind: str, lookups: Lookups) -> list[str]:
    """The columns of a sheet of entities: what they have in common, metadata, and two for a task type."""
    work = [name for type_name in lookups.task_types.values() for name in (type_name, ASSIGNATIONS)]
    return [*ENTITIES[kind], *(column.name for column in lookups.metadata), *work]


def _common_cells(kind: str, row: Any, data: dict[str, Any], lookups: Lookups) -> list[Cell]:
    """What all entities of a kind have."""
    end: list[Cell] = [row.name, row.description, f"{row.minutes / 60 / lookups.hours_by_day:.2f}"]
    if kind == "Asset":
        return [lookups.project_name, row.kind, *end]
    if kind == "Edit":
        return [lookups.project_name, row.parent, *end]
    frames = [data.get("frame_in"), data.get("frame_out"), data.get("fps")]
    shown = [cell if isinstance(cell, (str, int, float)) else None for cell in frames]
    return [lookups.project_name, row.above, row.parent, *end, row.nb_frames, *shown]


def _work_cells(work: str | None, lookups: Lookups) -> Iterator[Cell]:
    """For each task type the status of the oldest task, and who works on any of them."""
    statuses: dict[str, str] = {}
    people: dict[str, set[str]] = {}
    names, ids = lookups.people, iter(_ids(work))
    for type_id, status_id, person_id in zip(ids, ids, ids, strict=True):
        if type_id not in statuses:
            statuses[type_id] = lookups.statuses.get(status_id, "")
        name = names.get(person_id)
        if name is not None:
            if type_id in people:
                people[type_id].add(name)
            else:
                people[type_id] = {name}
    for type_id in lookups.task_types:
        yield statuses.get(type_id, "")
        yield ",".join(sorted(people[type_id])) if type_id in people else ""


def entity_rows(kind: str, rows: Iterable[Row], lookups: Lookups) -> Iterator[Sequence[Cell]]:
    """Entities with their metadata, and with the status and the people of their tasks by task type."""
    for row in rows:
        document = orjson.loads(row.data) if row.data else None
        data = document if isinstance(document, dict) else {}
        yield [
            *_common_cells(kind, row, data, lookups),
            *(metadata_cell(column, data.get(column.field), lookups.people) for column in lookups.metadata),
            *_work_cells(row.work, lookups),
        ]


def local(moment: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    """A moment of the database as the clock of a time zone shows it."""
    return None if moment is None else moment.replace(tzinfo=dt.UTC).astimezone(zone)


def zone_of(name: str | None) -> ZoneInfo:
    """A time zone; UTC for none, or for one that nobody knows."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _id(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        return None


def shown_in(shots: Any) -> list[Shown]:
    """What a playlist shows, in its order; what names no entity is left out."""
    items = [item for item in shots if isinstance(item, dict)] if isinstance(shots, list) else []
    pairs = [(_id(item.get("entity_id") or item.get("id")), item.get("preview_file_id")) for item in items]
    return [Shown(id, _id(preview)) for id, preview in pairs if id is not None]


def playlist_head(head: PlaylistHead, zone: ZoneInfo) -> list[Sequence[Cell]]:
    """The title of a playlist, an empty row, and its columns."""
    title = f"{head.project_name} | for {head.for_entity or 'shot'}s"
    first: list[Cell] = ["Playlist", title, head.name, local(head.created_at, zone), "", "", ""]
    return [first, [""] * len(first), PLAYLIST]


def playlist_rows(rows: Iterable[Row], zone: ZoneInfo) -> Iterator[Sequence[Cell]]:
    """What a playlist shows, in its order, with what was last said of each."""
    for row in rows:
        cells: list[Cell] = list(row)
        yield [local(cell, zone) if isinstance(cell, dt.datetime) else cell for cell in cells]
