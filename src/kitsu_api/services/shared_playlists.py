"""A playlist as guests of a share link see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.models import PreviewFile, TaskType
from kitsu_api.db.repositories.playlist_sharing import id_in
from kitsu_api.db.repositories.shared_playlists import SharedPlaylists

Values = dict[str, Any]
Task = tuple[TaskType | None, str | None]


def _preview_card(preview: PreviewFile) -> Values:
    names = ("id", "revision", "position", "extension", "original_name", "width", "height", "duration")
    return {name: getattr(preview, name) for name in (*names, "status", "task_id", "annotations")}


def _shown_preview(preview: PreviewFile, beside: Sequence[PreviewFile]) -> Values:
    """What an entry tells of the preview that it shows."""
    return {
        "preview_file_extension": preview.extension,
        "preview_file_revision": preview.revision,
        "preview_file_width": preview.width,
        "preview_file_height": preview.height,
        "preview_file_duration": preview.duration,
        "preview_file_status": (preview.status or "").capitalize(),
        "preview_file_task_id": preview.task_id,
        "preview_file_previews": [_preview_card(other) for other in beside if other.id != preview.id],
        "preview_file_annotations": preview.annotations,
    }


def _shown_task(task: Task) -> Values:
    """What an entry tells of its task."""
    kind, color = task
    if kind is None:
        return {"task_status_color": color}
    card = {"id": kind.id, "name": kind.name, "color": kind.color, "for_entity": kind.for_entity}
    return {
        "preview_file_task_type": card,
        "preview_file_task_type_name": kind.name,
        "task_status_color": color,
    }


STORED = ("id", "entity_id", "preview_file_id", "preview_file_task_id")
"""What guests see of the entries as they are stored: the rest is read anew, or not for them."""


class _Entries:
    """The entries of one playlist, and the rows that they are made of."""

    def __init__(
        self,
        entities: dict[UUID, tuple[str, str]],
        previews: Sequence[PreviewFile],
        tasks: dict[UUID, Task],
    ) -> None:
        self.entities = entities
        self.previews = {preview.id: preview for preview in previews}
        self.tasks = tasks
        self.revisions: dict[tuple[UUID | None, int | None], list[PreviewFile]] = defaultdict(list)
        for preview in previews:
            self.revisions[preview.task_id, preview.revision].append(preview)

    def entry(self, stored: Values) -> Values:
        """An entry with what it shows."""
        shown: Values = {name: stored[name] for name in STORED if name in stored}
        entity_id = id_in(stored.get("entity_id") or stored.get("id"))
        shown |= {"id": entity_id, "preview_files": {}}
        preview = self.previews.get(id_in(stored.get("preview_file_id")) or UUID(int=0))
        if preview is not None:
            shown |= _shown_preview(preview, self.revisions[preview.task_id, preview.revision])
        else:
            shown.pop("preview_file_id", None)
        if entity_id in self.entities:
            shown["name"], shown["parent_name"] = self.entities[entity_id]
        task = self.tasks.get(id_in(shown.get("preview_file_task_id")) or UUID(int=0))
        return shown | (_shown_task(task) if task is not None else {})


async def entries(shown: SharedPlaylists) -> list[Values]:
    """The entries of a playlist in their order. What a client stored in them beside ids is left out."""
    found = _Entries(await shown.entities(), await shown.previews(), await shown.tasks())
    return [found.entry(stored) for stored in shown.things.entries.rows]
