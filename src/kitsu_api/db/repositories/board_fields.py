"""What each board shows: its fields in the order of compact rows, and how PostgreSQL writes each as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, DateTime, Float, Integer, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from kitsu_api.db import models as m
from kitsu_api.db.repositories.entity_lists import assets, of_kind

Condition = ColumnElement[bool]

SUBSCRIBED = "subscribed.found::text"
ASSIGNEES = "'['||coalesce(assignees.ids,'')||']'"
CASTING = "'['||coalesce(casting.ids,'')||']'"
DATA = "data"
"""Stands for the metadata, which some callers see in part."""


def json_text(column: Any) -> str:
    """SQL that writes a column as JSON text."""
    name = f'{column.table.name}."{column.name}"'
    if isinstance(column.type, Uuid):
        text = f"'\"'||{name}||'\"'"
    elif isinstance(column.type, DateTime):
        text = f"to_json(date_trunc('second',{name}))::text"
    elif isinstance(column.type, (Boolean, Integer, Float, JSONB)):
        text = f"{name}::text"
    else:
        text = f"to_json({name})::text"
    return f"coalesce({text},'null')" if column.nullable else text


def _task(*names: str) -> tuple[tuple[str, str], ...]:
    """Fields of a task, in the order of compact rows."""
    special = {"assignees": ASSIGNEES, "is_subscribed": SUBSCRIBED}
    columns = m.Task.__table__.columns
    return tuple((name, special.get(name) or json_text(columns[name])) for name in names)


def _entity(*names: str, **special: str) -> tuple[tuple[str, str], ...]:
    """Fields of an entity, in the order of compact rows."""
    columns = m.Entity.__table__.columns
    return tuple((name, special[name] if name in special else json_text(columns[name])) for name in names)


def or_empty(column: str) -> str:
    """An id, or an empty text."""
    return f"'\"'||coalesce({column}::text,'')||'\"'"


def or_none(column: str) -> str:
    """A value as text, or the text `None`: what clients of these boards know."""
    return f"'\"'||coalesce({column}::text,'None')||'\"'"


def from_data(name: str) -> str:
    """A value of the metadata."""
    return f"coalesce((entity.data->'{name}')::text,'null')"


def named(table: str) -> str:
    """The name of a row of a joined table."""
    return f"coalesce(to_json({table}.name)::text,'null')"


@dataclass(frozen=True)
class Board:
    """What of a kind of entities a board shows, and of their tasks."""

    kind: str
    fields: tuple[tuple[str, str], ...]
    task_fields: tuple[tuple[str, str], ...]
    joins: frozenset[str]
    """Tables that the fields name beside `entity`: project, entity_type, parent, above, casting."""

    def condition(self) -> Condition:
        """The entities of this kind."""
        return assets() if self.kind == "Asset" else of_kind(self.kind)

    @property
    def field_names(self) -> list[str]:
        """Columns of a compact row."""
        return [*(name for name, _ in self.fields), "tasks"]

    @property
    def task_names(self) -> list[str]:
        """Columns of a task in a compact row."""
        return [name for name, _ in self.task_fields]


_TASK_OF_ASSET = (
    *("id", "due_date", "done_date", "duration", "entity_id", "estimation", "end_date", "is_subscribed"),
    *("last_comment_date", "last_preview_file_id", "priority", "real_start_date", "retake_count"),
    *("start_date", "difficulty", "task_status_id", "task_type_id", "assignees", "data"),
)
_TASK_OF_SHOT = (
    *("id", "duration", "due_date", "end_date", "done_date", "entity_id", "estimation", "is_subscribed"),
    *("last_comment_date", "last_preview_file_id", "nb_assets_ready", "priority", "real_start_date"),
    *("retake_count", "start_date", "difficulty", "nb_drawings", "task_status_id", "task_type_id"),
    *("assignees", "data"),
)
_TASK_OF_PARENT = (
    *("id", "estimation", "entity_id", "end_date", "due_date", "done_date", "duration"),
    *("last_comment_date", "last_preview_file_id", "priority", "real_start_date", "retake_count"),
    *("start_date", "difficulty", "task_status_id", "task_type_id", "data", "is_subscribed", "assignees"),
)
_TASK_OF_EDIT = (
    *("id", "duration", "due_date", "entity_id", "end_date", "estimation", "last_comment_date"),
    *("last_preview_file_id", "nb_assets_ready", "priority", "real_start_date", "retake_count"),
    *("start_date", "task_status_id", "task_type_id", "data", "is_subscribed", "assignees"),
)
_TASK_OF_LINKED = (
    *("id", "duration", "due_date", "end_date", "entity_id", "estimation", "last_comment_date"),
    *("nb_assets_ready", "priority", "real_start_date", "retake_count", "start_date"),
    *("task_status_id", "task_type_id", "assigner_id", "assignees"),
)


def _parent_board(kind: str) -> Board:
    """Episodes, sequences and scenes show the same."""
    fields = _entity(
        *("id", "name", "status", "episode_id", "description", "frame_in", "frame_out", "fps"),
        *("preview_file_id", "canceled", "data"),
        episode_id=or_none("entity.parent_id"),
        frame_in=from_data("frame_in"),
        frame_out=from_data("frame_out"),
        fps=from_data("fps"),
        preview_file_id=or_empty("entity.preview_file_id"),
        data=DATA,
    )
    return Board(kind, fields, _task(*_TASK_OF_PARENT), frozenset())


ASSETS = Board(
    "Asset",
    _entity(
        *("id", "name", "preview_file_id", "description", "asset_type_name", "asset_type_id", "canceled"),
        *("ready_for", "episode_id", "casting_episode_ids", "is_casting_standby", "is_shared", "data"),
        preview_file_id=or_empty("entity.preview_file_id"),
        asset_type_name=named("entity_type"),
        asset_type_id="'\"'||entity.entity_type_id||'\"'",
        ready_for=or_none("entity.ready_for"),
        episode_id=or_empty("entity.source_id"),
        casting_episode_ids=CASTING,
        data=DATA,
    ),
    _task(*_TASK_OF_ASSET),
    frozenset({"entity_type", "casting"}),
)
SHOTS = Board(
    "Shot",
    _entity(
        *("canceled", "data", "description", "entity_type_id", "episode_id", "episode_name", "fps"),
        *("frame_in", "frame_out", "id", "name", "nb_frames", "parent_id", "preview_file_id", "project_id"),
        *("project_name", "sequence_id", "sequence_name", "source_id", "nb_entities_out"),
        *("is_casting_standby", "type"),
        data=DATA,
        episode_id="coalesce('\"'||above.id||'\"','null')",
        episode_name=named("above"),
        fps=from_data("fps"),
        frame_in=from_data("frame_in"),
        frame_out=from_data("frame_out"),
        project_name=named("project"),
        sequence_id="coalesce('\"'||entity.parent_id||'\"','null')",
        sequence_name=named("parent"),
        type="'\"Shot\"'",
    ),
    _task(*_TASK_OF_SHOT),
    frozenset({"project", "parent", "above"}),
)
EDITS = Board(
    "Edit",
    _entity(
        *("canceled", "data", "description", "entity_type_id", "episode_id", "episode_name", "id", "name"),
        *("parent_id", "preview_file_id", "project_id", "project_name", "source_id", "nb_entities_out"),
        "type",
        data=DATA,
        episode_id="coalesce('\"'||entity.parent_id||'\"','null')",
        episode_name="coalesce(to_json(parent.name)::text,'\"\"')",
        project_name=named("project"),
        type="'\"Edit\"'",
    ),
    _task(*_TASK_OF_EDIT),
    frozenset({"project", "parent"}),
)
_LINKED_FIELDS = (
    *("canceled", "data", "description", "entity_type_id", "fps", "frame_in", "frame_out", "id", "name"),
    *("nb_frames", "parent_id", "preview_file_id", "project_id", "project_name", "source_id"),
    *("nb_entities_out", "is_casting_standby", "entity_concept_links", "type", "updated_at", "created_at"),
    "created_by",
)
_LINKED_SPECIAL = {
    "data": DATA,
    "fps": from_data("fps"),
    "frame_in": from_data("frame_in"),
    "frame_out": from_data("frame_out"),
    "project_name": named("project"),
    "entity_concept_links": "'['||coalesce(concepts.ids,'')||']'",
}
CONCEPTS = Board(
    "Concept",
    _entity(
        *_LINKED_FIELDS,
        "preview_file_status",
        **_LINKED_SPECIAL,
        type="'\"Concept\"'",
        preview_file_status="coalesce(to_json(preview.status::text)::text,'null')",
    ),
    _task(*_TASK_OF_LINKED),
    frozenset({"project", "concepts", "preview"}),
)
LINKED = Board(
    "",
    _entity(
        *_LINKED_FIELDS,
        **_LINKED_SPECIAL,
        type=(
            "CASE WHEN entity_type.name IN ('Shot','Sequence','Episode','Scene','Edit','Concept')"
            " THEN to_json(entity_type.name)::text ELSE '\"Asset\"' END"
        ),
    ),
    _task(*_TASK_OF_LINKED),
    frozenset({"project", "entity_type", "concepts"}),
)
EPISODES, SEQUENCES, SCENES = _parent_board("Episode"), _parent_board("Sequence"), _parent_board("Scene")
