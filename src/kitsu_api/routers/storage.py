"""Storage for routes that read and write files."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from kitsu_api.storage.files import FileStorage


async def open_storage(request: Request) -> FileStorage:
    """Where the files of this server lie."""
    state = request.app.state
    found: FileStorage | None = getattr(state, "storage", None)
    if found is None or found.settings is not state.settings:
        found = state.storage = FileStorage(state.settings)
    return found


Storage = Annotated[FileStorage, Depends(open_storage, scope="function")]
