"""Tasks that were just made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import RootModel

from kitsu_api.schemas.tasks import TaskRead


class EntitySelection(RootModel[list[UUID] | dict[str, Any] | None]):
    """Ids of entities; nothing, an empty list or an object stands for all of the production."""

    @property
    def ids(self) -> list[UUID] | None:
        """The entities named; None for all."""
        return self.root if isinstance(self.root, list) and self.root else None


class NewTaskRead(TaskRead):
    """A new task, with how its type and status look."""

    task_status_name: str | None = None
    task_status_short_name: str | None = None
    task_status_color: str | None = None
    task_type_name: str | None = None
    task_type_color: str | None = None
    task_type_priority: int | None = None
