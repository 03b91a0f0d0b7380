"""What can be asked for, and how its rows hang together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.projection import Children, Link, Projection

Condition = ColumnElement[bool]
NOTHING_MASKED: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ToOne:
    """A relation to one row: our column holds its id."""

    target: str
    own: str


@dataclass(frozen=True)
class ToMany:
    """A relation to many rows, by a table of pairs or by a column of theirs."""

    target: str
    via: Link | Children


Relation = ToOne | ToMany


@dataclass(frozen=True)
class Source:
    """A table, or the rows of one kind of it, under the name that paths give it."""

    path: str
    projection: Projection
    relations: Mapping[str, Relation] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """What of a source one caller sees.

    `condition` is about the source's own model and narrows its rows, `masked` names columns that are closed,
    `replaced` holds what stands in for a column that is shown in part.
    """

    source: Source
    condition: Condition
    masked: frozenset[str] = NOTHING_MASKED
    replaced: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)


Enter = Callable[[str], View]
"""What the caller sees of the source of a name; refuses where that is nothing at all."""

_OF_ENTITY: Mapping[str, Relation] = {
    "project": ToOne("projects", "project_id"),
    "entity_type": ToOne("entity-types", "entity_type_id"),
    "preview_file": ToOne("preview-files", "preview_file_id"),
    "creator": ToOne("persons", "created_by"),
    "tasks": ToMany("tasks", Children(m.Task, "entity_id")),
}
_CASTING: Mapping[str, Relation] = {"casting": ToMany("entity-links", Children(m.EntityLink, "entity_in_id"))}

RELATIONS: Mapping[str, Mapping[str, Relation]] = {
    "assets": {
        **_OF_ENTITY,
        **_CASTING,
        "episode": ToOne("episodes", "source_id"),
        "cast_in": ToMany("entity-links", Children(m.EntityLink, "entity_out_id")),
    },
    "comments": {
        "task": ToOne("tasks", "object_id"),
        "person": ToOne("persons", "person_id"),
        "editor": ToOne("persons", "editor_id"),
        "task_status": ToOne("task-status", "task_status_id"),
        "previews": ToMany("preview-files", p.COMMENT_LINKS["previews"]),
        "mentions": ToMany("persons", p.COMMENT_LINKS["mentions"]),
        "department_mentions": ToMany("departments", p.COMMENT_LINKS["department_mentions"]),
        "acknowledgements": ToMany("persons", p.COMMENT_LINKS["acknowledgements"]),
    },
    "concepts": _OF_ENTITY,
    "edits": {**_OF_ENTITY, "episode": ToOne("episodes", "parent_id")},
    "entities": {
        **_OF_ENTITY,
        **_CASTING,
        "parent": ToOne("entities", "parent_id"),
        "source": ToOne("entities", "source_id"),
        "cast_in": ToMany("entity-links", Children(m.EntityLink, "entity_out_id")),
    },
    "entity-links": {
        "entity_in": ToOne("entities", "entity_in_id"),
        "entity_out": ToOne("entities", "entity_out_id"),
    },
    "entity-types": {"task_types": ToMany("task-types", p.ENTITY_TYPE_LINKS["task_types"])},
    "episodes": {
        **_OF_ENTITY,
        **_CASTING,
        "sequences": ToMany("sequences", Children(m.Entity, "parent_id")),
    },
    "events": {"project": ToOne("projects", "project_id"), "user": ToOne("persons", "user_id")},
    "metadata-descriptors": {
        "project": ToOne("projects", "project_id"),
        "task_type": ToOne("task-types", "task_type_id"),
        "departments": ToMany("departments", p.DESCRIPTOR_LINKS["departments"]),
    },
    "milestones": {
        "project": ToOne("projects", "project_id"),
        "task_type": ToOne("task-types", "task_type_id"),
    },
    "news": {
        "author": ToOne("persons", "author_id"),
        "task": ToOne("tasks", "task_id"),
        "comment": ToOne("comments", "comment_id"),
        "preview_file": ToOne("preview-files", "preview_file_id"),
    },
    "notifications": {
        "author": ToOne("persons", "author_id"),
        "task": ToOne("tasks", "task_id"),
        "comment": ToOne("comments", "comment_id"),
        "playlist": ToOne("playlists", "playlist_id"),
    },
    "persons": {"departments": ToMany("departments", p.PERSON_LINKS["departments"])},
    "playlists": {
        "project": ToOne("projects", "project_id"),
        "episode": ToOne("episodes", "episode_id"),
        "task_type": ToOne("task-types", "task_type_id"),
    },
    "preview-files": {
        "task": ToOne("tasks", "task_id"),
        "person": ToOne("persons", "person_id"),
        "comments": ToMany("comments", Link(m.CommentPreviewLink, "preview_file", "comment")),
    },
    "projects": {
        "project_status": ToOne("project-status", "project_status_id"),
        "team": ToMany("persons", p.PROJECT_LINKS["team"]),
        "asset_types": ToMany("entity-types", p.PROJECT_LINKS["asset_types"]),
        "task_types": ToMany("task-types", p.PROJECT_LINKS["task_types"]),
        "task_statuses": ToMany("task-status", p.PROJECT_LINKS["task_statuses"]),
    },
    "scenes": {**_OF_ENTITY, **_CASTING, "sequence": ToOne("sequences", "parent_id")},
    "sequences": {
        **_OF_ENTITY,
        **_CASTING,
        "episode": ToOne("episodes", "parent_id"),
        "shots": ToMany("shots", Children(m.Entity, "parent_id")),
    },
    "shots": {**_OF_ENTITY, **_CASTING, "sequence": ToOne("sequences", "parent_id")},
    "task-types": {"department": ToOne("departments", "department_id")},
    "tasks": {
        "project": ToOne("projects", "project_id"),
        "entity": ToOne("entities", "entity_id"),
        "task_type": ToOne("task-types", "task_type_id"),
        "task_status": ToOne("task-status", "task_status_id"),
        "assigner": ToOne("persons", "assigner_id"),
        "assignees": ToMany("persons", p.TASK_LINKS["assignees"]),
        "comments": ToMany("comments", Children(m.Comment, "object_id")),
        "preview_files": ToMany("preview-files", Children(m.PreviewFile, "task_id")),
    },
    "time-spents": {"task": ToOne("tasks", "task_id"), "person": ToOne("persons", "person_id")},
}
"""Relations of each source by name. What they lead to is narrowed to what the caller sees of it."""
