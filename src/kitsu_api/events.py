"""Events: what the world is told once a change is committed.

An event is a row of `api_event` and a message on the socket of the same name. Its payload holds ids,
never content, so that a listener learns nothing that it may not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Event:
    """Something that happened.

    `name` is `<thing>:<action>`, `data` the payload, `project_id` the production whose people may hear
    of it (None: everybody). `persist` is false for messages that are no part of the log.
    """

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    project_id: UUID | None = None
    persist: bool = True
    audience: UUID | None = None
    """The production whose people hear of it, when the log names none; or the person who alone does."""
    by_server: bool = False
    """Nobody did it: it is the end of work that the server did by itself."""
    for_managers: bool = False
    """Of these people, those alone who run the production: the event is about money."""


def record_event(
    thing: str, action: str, record_id: UUID, project_id: UUID | None = None, **more: Any
) -> Event:
    """The usual event about a row: `thing` in kebab case, `action` one of `new`, `update`, `delete`."""
    data: dict[str, Any] = {f"{thing.replace('-', '_')}_id": str(record_id)}
    if project_id is not None:
        data["project_id"] = str(project_id)
    data.update({key: str(value) if isinstance(value, UUID) else value for key, value in more.items()})
    return Event(f"{thing}:{action}", data, project_id)
