"""Rows of another instance, taken over under their own ids: a row that is here already is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from kitsu_api.db.base import Record, now
from kitsu_api.db.projection import Link, Projection
from kitsu_api.db.repositories.instance_rows import InstanceRows
from kitsu_api.errors import BadRequest
from kitsu_api.events import Event
from kitsu_api.unit_of_work import UnitOfWork

M = TypeVar("M", bound=Record)
Values = dict[str, Any]

TEMPORAL = ("Shot", "Sequence", "Scene", "Episode", "Edit", "Concept")
"""Kinds of entities that events call by their own name; the others are assets."""


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[M]):
    """A table that rows are taken over into.

    `links` are the relations that rows bring along as ids; `renamed` says what a column is called on the
    wire; `added` is put into the row's `data`; `names_row` tells whether events name the row.
    """

    path: str
    model: type[M]
    projection: Projection
    thing: str
    links: Mapping[str, Link] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    names_row: bool = True
    typed: bool = False
    """Rows are entities: `type` says of which kind, and that counts before the id of a type."""

    @property
    def label(self) -> str:
        """The key under which an event holds the row's id."""
        return f"{self.thing.replace('-', '_')}_id"


async def import_rows(
    uow: UnitOfWork, kind: Kind[M], rows: Sequence[Values], *, silent: bool = False
) -> bytes:
    """Make or change the rows, all or none, and answer them as they are then; `silent`: without events.

    Raises:
        BadRequest: a new row lacks a column that it needs.
    """
    store = InstanceRows(uow.session, kind.model)
    for row in rows:
        row["id"] = row.get("id") or uuid4()
    ids = list(dict.fromkeys(row["id"] for row in rows))
    here = await store.present(ids)
    known = set(here)
    names = await store.kinds_of_entities() if kind.typed else {}
    wanted: dict[str, dict[UUID, list[UUID]]] = {name: {} for name in kind.links}
    for place, row in enumerate(rows):
        for name in kind.links:
            if (others := row.pop(name, None)) is not None:
                wanted[name][row["id"]] = others
        if kind.typed:
            _set_type(row, names)
        values = _values(kind, row)
        record = here.get(row["id"])
        if record is None:
            here[row["id"]] = _made(uow, kind, values, place)
        else:
            _changed(record, values)
    await uow.session.flush()
    for name, by_row in wanted.items():
        if by_row:
            await store.set_links(kind.links[name], by_row)
    if not silent:
        await _tell(uow, store, kind, [here[id] for id in ids], known, names)
    return await store.in_order_json(kind.projection, [row["id"] for row in rows])


def _set_type(row: Values, names: Mapping[UUID, str]) -> None:
    """Shots, sequences and their like are of this instance's own type of that name; assets of the type named.

    A row that doesn't say what it is counts as a shot, as it does for the scripts that send such rows.
    """
    name = row.pop("type", None) or "Shot"
    if name in TEMPORAL:
        row["entity_type_id"] = next((id for id, known in names.items() if known == name), None)
        if row["entity_type_id"] is None:
            raise BadRequest(f"There is no entity type {name} here: create it first.")


def _values(kind: Kind[M], row: Values) -> Values:
    """The columns that a row sets; null for what can't be null means its default."""
    columns = kind.model.__table__.columns
    values: Values = {}
    for column in columns:
        name = kind.renamed.get(column.name, column.name)
        if name in row and not (row[name] is None and not column.nullable):
            values[column.name] = row[name]
    if kind.added:
        data = values.get("data")
        values["data"] = {**(data if isinstance(data, dict) else {}), **kind.added}
    return values


def _made(uow: UnitOfWork, kind: Kind[M], values: Values, place: int) -> M:
    for column in kind.model.__table__.columns:
        bare = column.default is None and column.server_default is None
        if bare and not column.nullable and values.get(column.name) is None:
            raise BadRequest(
                f"Row {place + 1}: the '{kind.renamed.get(column.name, column.name)}' field is required."
            )
    if values.get("created_at") is not None:
        values["updated_at"] = values.get("updated_at") or values["created_at"]
    record = kind.model(**{**kind.defaults, **values})
    uow.session.add(record)
    return record


def _changed(record: Record, values: Values) -> None:
    values["updated_at"] = values.get("updated_at") or values.get("created_at") or now()
    for name, value in values.items():
        if getattr(record, name) != value:
            setattr(record, name, value)


async def _tell(
    uow: UnitOfWork,
    store: InstanceRows[M],
    kind: Kind[M],
    records: Sequence[M],
    known: set[UUID],
    names: Mapping[UUID, str],
) -> None:
    projects = await store.projects(records)
    for record in records:
        action = "update" if record.id in known else "new"
        project_id = projects.get(record.id)
        thing, data = kind.thing, dict[str, Any]()
        if kind.typed:
            name = names.get(getattr(record, "entity_type_id"))  # noqa: B009  (a column of entities alone)
            name = name if name in TEMPORAL else "Asset"
            thing, data = name.lower(), {f"{name}_id": str(record.id)}
        elif kind.names_row:
            data[kind.label] = str(record.id)
        if kind.thing == "comment":
            data |= _of_comment(record)
        if kind.thing != "project" and project_id is not None:
            data["project_id"] = str(project_id)
        own = record.id if kind.thing == "project" else project_id
        uow.emit(Event(f"{thing}:{action}", data, own))


def _of_comment(comment: Any) -> Values:
    return {
        "task_id": str(comment.object_id),
        "person_id": str(comment.person_id),
        "for_client": comment.for_client,
    }
