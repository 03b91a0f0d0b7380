"""Copies of a source whose rows move from page to page while they are read, and what a copy leaves behind."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from kitsu_api.db.models import Department
from kitsu_api.services.sync.catalogue import BY_NAME
from kitsu_api.services.sync.files import FileCopies
from kitsu_api.services.sync.mirror import Mirror
from kitsu_api.services.sync.pushing import Push
from kitsu_api.services.sync.state import SyncState
from kitsu_api.storage.files import FileStorage
from kitsu_api.storage.temporary import PREFIX
from tests import factories
from tests.services.test_sync_source import Server


def shifting(*rows: dict[str, Any]) -> Server:
    """A server whose pages miss all rows, and that has these all the same when they are asked for by id."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        if "page" in asked:
            return httpx.Response(200, json={"data": [], "nb_pages": 1, "total": 0, "page": 1})
        return httpx.Response(200, json=[row for row in rows if row["id"] in asked.get_list("id")])

    return Server(answer)


@pytest.fixture
def state(tmp_path):
    return SyncState(tmp_path / "state.json", "https://source.example/api")


async def test_a_row_that_pages_missed_is_not_taken_for_gone(sessions, make, state, session):
    missed, gone = await make(factories.department()), await make(factories.department())
    async with shifting({"id": str(missed.id)}).source() as source:
        mirror = Mirror(source, sessions, state)
        await mirror._clear([BY_NAME["department"]])
    left = set(await session.scalars(select(Department.id)))
    assert missed.id in left
    assert gone.id not in left
    assert mirror.tally("department").deleted >= 1


async def test_a_row_that_pages_missed_stays_where_it_is_newer(sessions, make):
    project, unknown = await make(factories.project()), await make(factories.project())
    there = {"id": str(project.id), "name": "Newer there", "updated_at": "2999-01-01T00:00:00"}
    server = shifting(there)
    async with server.source() as source:
        (tally,) = await Push(source, sessions).push_all(["project"])
    pushed = b"".join(request.content for request in server.asked if "/import/" in request.url.path)
    assert tally.kept == 1
    assert str(unknown.id).encode() in pushed
    assert str(project.id).encode() not in pushed


async def test_files_are_fetched_into_a_folder_that_is_tidied(sessions, settings, tmp_path):
    folder, seen = tmp_path / "work" / "here", []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.extend(path.name for path in folder.iterdir())
        return httpx.Response(200, content=b"words")

    known = settings.model_copy(update={"temporary_folder": folder})
    async with Server(answer).source() as source:
        copies = FileCopies(source, sessions, FileStorage(known))
        await copies.copy_rows("attachment_file", [{"id": str(uuid4()), "name": "words.txt"}])
    assert copies.tally.copied == 1
    assert seen
    assert all(name.startswith(PREFIX) for name in seen)
    assert list(folder.iterdir()) == []
