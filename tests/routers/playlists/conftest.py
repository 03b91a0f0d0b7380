"""A production with something to watch, and what stores it, for the tests of playlists."""

from __future__ import annotations

import io
from typing import Any

import pytest

from kitsu_api.storage.files import FileStorage
from tests.media.clips import make_movie, numbered
from tests.routers.playlists.stage import RATE, make_stage, take


@pytest.fixture
async def stage(make):
    return await make_stage(make)


@pytest.fixture
async def manager(as_role, stage):
    return await as_role("manager", on=stage.film)


@pytest.fixture
def storage(settings):
    return FileStorage(settings)


@pytest.fixture
def keep(make, stage, storage, tmp_path):
    """`await keep(task, revision, frames=6)`: a revision that is a movie, in both definitions."""

    async def store(
        task: Any, revision: int, *, prefixes: tuple[str, ...] = ("previews", "lowdef"), **recipe: Any
    ):
        preview = await make(take(stage, task, revision, extension="mp4"))
        path = make_movie(tmp_path / f"{preview.id}.mp4", **{"rate": RATE, "frames": 6, **recipe})
        for prefix in prefixes:
            await storage.put("movies", prefix, preview.id, path)
        return preview

    return store


@pytest.fixture
def keep_picture(make, stage, storage):
    """`await keep_picture(task, revision, number)`: a revision that is a picture which says a number."""

    async def store(task: Any, revision: int, number: int, extension: str = "png"):
        preview = await make(take(stage, task, revision, extension=extension))
        content = io.BytesIO()
        numbered(number).save(content, "PNG")
        content.seek(0)
        await storage.put("pictures", "original", preview.id, content)
        return preview

    return store
