"""What players show: the entities of a playlist, or of tasks, with all revisions that there are of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import scopes
from kitsu_api.db.models import Playlist, Task
from kitsu_api.db.repositories import playlist_previews as previews
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS
from kitsu_api.db.repositories.playlist_previews import Revision, Watched
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.scopes import visible

Values = dict[str, Any]
Revisions = dict[str, list[Values]]
"""The revisions of an entity by the id of their task type, newest first."""

SHOWN = ("extension", "revision", "width", "height", "duration", "task_id", "previews", "annotations")
"""What an entry of a playlist says of the preview that it shows, each after `preview_file_`."""


def entries_of(playlist: Playlist) -> list[Values]:
    """The entries of a playlist; what is no entry is left out."""
    shots = playlist.shots
    return [item for item in shots if isinstance(item, dict)] if isinstance(shots, list) else []


def read_id(value: Any) -> UUID | None:
    """An id out of a JSON document, or None."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def entity_of(entry: Values) -> UUID | None:
    """The entity that an entry shows; older clients call it `id`."""
    return read_id(entry.get("entity_id")) or read_id(entry.get("id"))


def preview_of(entry: Values) -> UUID | None:
    """The preview that an entry shows."""
    return read_id(entry.get("preview_file_id"))


def _with_siblings(files: Iterable[Revision]) -> list[Values]:
    """One item a revision: its first file, the others in its `previews`."""
    found = []
    for _, group in groupby(files, key=lambda file: (file.values["task_id"], file.values["revision"])):
        first, *others = [file.values for file in group]
        found.append({**first, "previews": others})
    return found


def by_task_type(revisions: Iterable[Revision]) -> Revisions:
    """The revisions of one entity by task type, newest first."""
    by_type = groupby(revisions, key=attrgetter("task_type_id"))
    return {str(id): _with_siblings(group) for id, group in by_type}


def by_entity(revisions: Iterable[Revision]) -> dict[UUID, Revisions]:
    """The revisions of several entities, by entity and task type."""
    grouped = groupby(revisions, key=attrgetter("entity_id"))
    return {id: by_task_type(list(group)) for id, group in grouped}


def shown_preview(revision: Values) -> Values:
    """What an entry says of the preview that it shows."""
    shown = {f"preview_file_{name}": revision.get(name) for name in SHOWN}
    return {**shown, "preview_file_status": str(revision["status"]).capitalize()}


def _chosen(revisions: Revisions, id: UUID | None) -> Values | None:
    """The preview of this id among the revisions of an entity, siblings included."""
    if id is None:
        return None
    for revision in (one for many in revisions.values() for one in many):
        if revision["id"] == id:
            return revision
        for sibling in revision["previews"]:
            if sibling["id"] == id:
                return {**sibling, "previews": []}
    return None


def filled_entries(entries: Iterable[Values], revisions: dict[UUID, Revisions]) -> list[Values]:
    """The entries of a playlist with what there is to watch of each."""
    filled = []
    for entry in entries:
        entity_id = entity_of(entry)
        if entity_id is None:
            continue
        known = revisions.get(entity_id, {})
        # an entity without any preview has an empty list, as clients know it
        shown: Values = {**entry, "id": str(entity_id), "preview_files": known or []}
        chosen = _chosen(known, preview_of(entry))
        filled.append(shown if chosen is None else {**shown, **shown_preview(chosen)})
    return filled


async def load_entries(session: AsyncSession, actor: Actor, playlist: Playlist) -> list[Values]:
    """The entries of a playlist, with those of their revisions that the caller may see."""
    entries = entries_of(playlist)
    ids = {id for id in map(entity_of, entries) if id is not None}
    in_project = Task.project_id == playlist.project_id
    seen = visible(scopes.preview_files)(actor)
    found = await previews.revisions(session, seen, previews.of_entities(ids), in_project) if ids else []
    return filled_entries(entries, by_entity(found))


async def revisions_of_entity(session: AsyncSession, actor: Actor, entity_id: UUID) -> Revisions:
    """The revisions of an entity that the caller may see, by task type."""
    seen = visible(scopes.preview_files)(actor)
    return by_task_type(await previews.revisions(session, seen, previews.of_entities([entity_id])))


async def watch(
    session: AsyncSession,
    actor: Actor,
    project_id: UUID,
    task_ids: Sequence[UUID],
    entity_ids: Sequence[UUID],
    *,
    sort: bool,
) -> list[Values]:
    """Entries for tasks and entities of a production, in the order given, or by name with `sort`.

    An entry of a task shows its newest preview, one of an entity the highest revision of all its tasks.
    Nothing is stored.

    Raises:
        BadRequest: there is nothing to watch.
        Forbidden: a vendor is not assigned to one of the tasks, or has none on one of the entities.
        NotFound: one of them is not of this production.
    """
    if not task_ids and not entity_ids:
        raise BadRequest("Name what to watch: send task_ids or entity_ids.")
    await _check_assigned(session, actor, project_id, task_ids, entity_ids)
    tasks = {one.task_id: one for one in await previews.watched_tasks(session, project_id, task_ids)}
    entities = {
        one.entity_id: one for one in await previews.watched_entities(session, project_id, entity_ids)
    }
    if not tasks.keys() >= set(task_ids) or not entities.keys() >= set(entity_ids):
        raise NotFound("Not all of these tasks and entities are of this production.")
    chosen = [*(tasks[id] for id in task_ids), *(entities[id] for id in entity_ids)]
    seen = visible(scopes.preview_files)(actor)
    reachable = previews.of_entities({one.entity_id for one in chosen})
    revisions = by_entity(await previews.revisions(session, seen, reachable))
    if sort:
        chosen.sort(key=_place)
    return [_entry(one, revisions.get(one.entity_id, {})) for one in chosen]


async def _check_assigned(
    session: AsyncSession,
    actor: Actor,
    project_id: UUID,
    task_ids: Sequence[UUID],
    entity_ids: Sequence[UUID],
) -> None:
    if actor.role_on(project_id) is not Role.VENDOR:
        return
    tasks = Records(session, Task)
    own = Task.id.in_(scopes.tasks_of(actor.id))
    if await tasks.count([own, previews.among(Task.id, set(task_ids))]) < len(set(task_ids)):
        raise Forbidden
    found = await previews.entities_with_tasks(session, entity_ids, own)
    if not found >= set(entity_ids):
        raise Forbidden


def _place(one: Watched) -> tuple[str, ...]:
    holders = (one.episode, one.sequence)
    is_asset = one.kind not in OTHER_KINDS
    names = ["" if holder is None else holder[1] for holder in holders]
    return (*names, one.kind if is_asset else "", one.name)


def _entry(one: Watched, revisions: Revisions) -> Values:
    """What players ask of an entity that is in no playlist; what there is not is an empty text."""
    is_asset = one.kind not in OTHER_KINDS
    kind = (one.kind_id, one.kind) if is_asset else None
    holder = kind or one.sequence or one.episode
    entry: Values = {
        "id": one.entity_id,
        "name": one.name,
        "preview_file_task_id": one.task_id,
        "parent_name": "" if holder is None else holder[1],
    }
    for name, found in (("episode", one.episode), ("sequence", one.sequence), ("asset_type", kind)):
        entry[f"{name}_id"], entry[f"{name}_name"] = ("", "") if found is None else found
    entry["preview_files"] = revisions
    newest = _newest(one, revisions)
    if newest is not None:
        entry |= {"preview_file_id": newest["id"], **shown_preview(newest)}
    return entry


def _newest(one: Watched, revisions: Revisions) -> Values | None:
    """The newest preview of the task; without one, the highest revision of all tasks of the entity."""
    all_of_them = [revision for many in revisions.values() for revision in many]
    fitting = [each for each in all_of_them if one.task_id in (None, each["task_id"])]
    if one.task_id is not None:
        return fitting[0] if fitting else None
    return max(fitting, key=lambda each: (each["revision"] or 0, each["created_at"] or ""), default=None)
