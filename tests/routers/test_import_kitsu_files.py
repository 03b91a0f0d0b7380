"""Files of another instance: what is told of them, what is taken over, and how a broken upload goes on."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kitsu_api.services.sync.source import Credentials, Source, SyncError
from kitsu_api.services.sync.state import SyncState
from kitsu_api.services.sync.uploading import PIECE, Outgoing, Uploads
from kitsu_api.storage.files import FileStorage
from tests import factories

TUS = {"tus-resumable": "1.0.0"}
PATH = "/import/kitsu/files"


@pytest.fixture
async def preview(make):
    film = await make(*factories.production())
    return await make(factories.preview_file(film[-2], film[-3], extension="png"))


@pytest.fixture
async def admin(as_role):
    return await as_role("admin")


async def sent(client, who, content: bytes) -> str:
    """The id of a finished upload."""
    headers = {
        **who,
        **TUS,
        "upload-length": str(len(content)),
        "content-type": "application/offset+octet-stream",
        "upload-metadata": f"filename {base64.b64encode(b'a.png').decode()}",
    }
    answer = await client.post("/uploads", headers=headers, content=content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def place(preview, **changes: Any) -> dict[str, Any]:
    values = {"table": "preview_file", "id": str(preview.id), "bucket": "pictures", "prefix": "original"}
    return values | changes


async def states(client, who, *files: dict[str, Any], checksums: bool = False) -> Any:
    answer = await client.post(f"{PATH}/states", json={"files": files, "checksums": checksums}, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_file_is_taken_over_as_it_is_and_told_of(client, admin, preview, settings):
    content = b"whatever was made elsewhere"
    digest = hashlib.sha256(content).hexdigest()
    nothing = {"known": True, "size": None, "sha256": None}
    assert await states(client, admin, place(preview)) == [nothing]
    body = {**place(preview), "upload_id": await sent(client, admin, content), "sha256": digest}
    taken = await client.post(PATH, json=body, headers=admin)
    assert taken.status_code == 201, taken.text
    assert taken.json() == {"known": True, "size": len(content), "sha256": digest}
    stored = await FileStorage(settings).open("pictures", "original", preview.id)
    assert b"".join([chunk async for chunk in stored.chunks]) == content
    elsewhere = place(preview, id=str(uuid4()))
    assert await states(client, admin, elsewhere, place(preview), checksums=False) == [
        {"known": False, "size": None, "sha256": None},
        {"known": True, "size": len(content), "sha256": None},
    ]
    assert (await states(client, admin, place(preview), checksums=True))[0]["sha256"] == digest
    read = await client.get(f"/pictures/originals/preview-files/{preview.id}.png", headers=admin)
    assert read.content == content
    again = await client.post(PATH, json=body, headers=admin)
    assert again.status_code == 404


async def test_a_damaged_upload_is_refused_and_stays_and_so_is_one_for_nothing(client, admin, preview):
    upload = await sent(client, admin, b"damaged")
    wrong = {"upload_id": upload, "sha256": "0" * 64}
    damaged = await client.post(PATH, json={**place(preview), **wrong}, headers=admin)
    assert damaged.status_code == 400
    assert "checksum" in damaged.json()["message"]
    assert (await states(client, admin, place(preview)))[0]["size"] is None
    right = {"upload_id": upload, "sha256": hashlib.sha256(b"damaged").hexdigest()}
    lost = await client.post(PATH, json={**place(preview, id=str(uuid4())), **right}, headers=admin)
    assert lost.status_code == 404
    for wrong_place in ({"bucket": "files", "prefix": "uploads"}, {"table": "person"}, {"prefix": "../x"}):
        refused = await client.post(PATH, json={**place(preview, **wrong_place), **right}, headers=admin)
        assert refused.status_code == 400, wrong_place
        asked = {"files": [place(preview, **wrong_place)]}
        assert (await client.post(f"{PATH}/states", json=asked, headers=admin)).status_code == 400
    taken = await client.post(PATH, json={**place(preview), **right}, headers=admin)
    assert taken.status_code == 201


async def test_only_admins_ask_and_send(client, as_role, preview):
    manager = await as_role("manager")
    body = {**place(preview), "upload_id": str(uuid4()), "sha256": "0" * 64}
    assert (await client.post(PATH, json=body, headers=manager)).status_code == 403
    asked = {"files": [place(preview)]}
    assert (await client.post(f"{PATH}/states", json=asked, headers=manager)).status_code == 403


async def test_asking_costs_the_same_for_many_files(client, admin, preview, count_statements):
    with count_statements() as few:
        await states(client, admin, place(preview))
    many = [
        place(preview, prefix=prefix) for prefix in ("original", "previews", "thumbnails") for _ in range(40)
    ]
    with count_statements() as more:
        await states(client, admin, *many)
    assert more.count == few.count
    too_many = {"files": [place(preview)] * 501}
    assert (await client.post(f"{PATH}/states", json=too_many, headers=admin)).status_code == 400


async def test_a_large_file_goes_on_where_it_was_broken_off(tmp_path, app, client, admin):
    content = tmp_path / "movie"
    content.write_bytes(b"0123456789" * 1_900_000)
    digest = hashlib.sha256(content.read_bytes()).hexdigest()
    sent: list[int] = []
    broken = True

    class Line(httpx.AsyncBaseTransport):
        """Breaks off at the second piece, for good."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                sent.append(int(request.headers["upload-offset"]))
                if broken and len(sent) > 1:
                    raise httpx.ConnectError("gone")
            return await httpx.ASGITransport(app).handle_async_request(request)

    file = Outgoing("movies/previews-1", content, content.stat().st_size, digest)
    where = Credentials(token=admin.token)
    state = SyncState(tmp_path / "state.json", "http://test")
    async with Source("http://test", where, transport=Line(), first_pause=0.001) as target:
        with pytest.raises(SyncError, match="can't be reached"):
            await Uploads(target, state).send(file)
    broken = False
    sent.clear()
    later = SyncState(tmp_path / "state.json", "http://test")
    async with Source("http://test", where, transport=Line()) as target:
        uploads = Uploads(target, later)
        id = await uploads.send(file)
        uploads.forget(file)
    assert sent == [PIECE, 2 * PIECE]
    assert "uploads" not in SyncState(tmp_path / "state.json", "http://test").values
    found = await client.head(f"/uploads/{id}", headers={**admin, "tus-resumable": "1.0.0"})
    assert found.headers["upload-offset"] == str(file.size)
