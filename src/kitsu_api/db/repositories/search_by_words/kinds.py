"""What can be searched, by name: what of it is looked through, and how a hit is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal_column, null, select

from kitsu_api.db import models as m
from kitsu_api.db.entity_names import full_name
from kitsu_api.db.repositories.entity_lists import assets, of_kind
from kitsu_api.db.repositories.search_by_words.words import Condition, alike, says

NEVER: ColumnElement[Any] = literal_column("false")


def _kind_of_task(task_type_id: Any) -> Any:
    return select(m.TaskType.name).where(m.TaskType.id == task_type_id).scalar_subquery()


def _task_name() -> ColumnElement[Any]:
    return func.concat_ws(" / ", full_name(m.Task.entity_id), _kind_of_task(m.Task.task_type_id))


def _of_task(column: Any) -> Any:
    """A column of the task that a comment is on."""
    return select(column).where(m.Task.id == m.Comment.object_id).correlate(m.Comment).scalar_subquery()


_FULL_NAME = m.Person.first_name + literal_column("' '") + m.Person.last_name


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What of a table is looked through, where its own words are all that there is to it."""

    says: Callable[[], Condition]
    alike: Callable[[bool], Condition]
    """What is taken when nothing says the words; whether parts of words count."""
    order_by: Any
    """The name by which hits are put in order."""
    last: Any = NEVER
    """A flag of rows that come after all others."""


@dataclass(frozen=True, kw_only=True)
class Searched:
    """A kind of hit, and how it is shown."""

    model: type[Any]
    name: Callable[[], Any]
    text: Any
    project_id: Any
    of_project: Callable[[UUID], Condition]
    picture_id: Any
    kind: Condition | None = None
    texts: Texts | None = None
    """None for entities, tasks and comments, which are looked for in ways of their own."""


def _entities(kind: Condition) -> Searched:
    return Searched(
        model=m.Entity,
        name=lambda: full_name(m.Entity.id),
        text=m.Entity.description,
        project_id=m.Entity.project_id,
        of_project=lambda id: m.Entity.project_id == id,
        picture_id=m.Entity.preview_file_id,
        kind=kind,
    )


def _team(project_id: UUID) -> Condition:
    link = m.ProjectPersonLink
    return m.Person.id.in_(select(link.person_id).where(link.project_id == project_id))


SEARCHED: Mapping[str, Searched] = {
    "assets": _entities(assets()),
    "shots": _entities(of_kind("Shot")),
    "sequences": _entities(of_kind("Sequence")),
    "episodes": _entities(of_kind("Episode")),
    "persons": Searched(
        model=m.Person,
        texts=Texts(
            says=lambda: says(m.Person.first_name, m.Person.last_name),
            alike=lambda parts: alike(_FULL_NAME, parts=parts),
            order_by=_FULL_NAME,
            last=m.Person.active.is_(False),
        ),
        name=lambda: func.btrim(_FULL_NAME),
        text=null(),
        project_id=null(),
        of_project=_team,
        picture_id=null(),
    ),
    "tasks": Searched(
        model=m.Task,
        name=_task_name,
        text=null(),
        project_id=m.Task.project_id,
        of_project=lambda id: m.Task.project_id == id,
        picture_id=m.Task.last_preview_file_id,
    ),
    "comments": Searched(
        model=m.Comment,
        name=lambda: _of_task(_task_name()),
        text=m.Comment.text,
        project_id=_of_task(m.Task.project_id),
        of_project=lambda id: m.Comment.object_id.in_(select(m.Task.id).where(m.Task.project_id == id)),
        picture_id=m.Comment.preview_file_id,
    ),
    "playlists": Searched(
        model=m.Playlist,
        texts=Texts(
            says=lambda: says(m.Playlist.name, null()),
            alike=lambda parts: alike(m.Playlist.name, parts=parts),
            order_by=m.Playlist.name,
        ),
        name=lambda: m.Playlist.name,
        text=null(),
        project_id=m.Playlist.project_id,
        of_project=lambda id: m.Playlist.project_id == id,
        picture_id=null(),
    ),
}
"""What can be searched, by name."""


def hit_columns(searched: Searched) -> dict[str, ColumnElement[Any]]:
    """What is shown of a hit of any kind."""
    project = m.Project
    project_name = select(project.name).where(project.id == searched.project_id).scalar_subquery()
    columns = {
        "id": searched.model.id,
        "name": searched.name(),
        "text": searched.text,
        "project_id": searched.project_id,
        "project_name": project_name,
        "preview_file_id": searched.picture_id,
    }
    return {name: cast(column, Text).label(name) for name, column in columns.items()}
