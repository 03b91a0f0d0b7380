"""Archives of what playlists show: what they hold, under which names, and how they are sent."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import uuid4

from kitsu_api.db.models import Organisation
from kitsu_api.services.playlist_files import CHUNK, ArchivedFile, archive
from tests.routers.playlists.stage import entry, make_stage, playlist_of, take


async def archive_of(client, who, playlist: Any) -> tuple[zipfile.ZipFile, str]:
    answer = await client.get(f"/data/playlists/{playlist.id}/download/zip", headers=who)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive, answer.headers["content-disposition"]


async def test_an_archive_holds_what_a_playlist_shows_once_each(
    client, make, stage, manager, keep, keep_picture, storage
):
    movie, picture = await keep(stage.tasks.first, 2), await keep_picture(stage.tasks.first, 3, 9, "jpg")
    document = await make(take(stage, stage.tasks.tree, 1, extension="pdf"))
    await storage.put("files", "previews", document.id, io.BytesIO(b"%PDF"))
    shots = [entry(stage.first, one) for one in (movie, picture, movie)] + [entry(stage.tree, document)]
    playlist = await playlist_of(make, stage, shots=shots)
    archive, name = await archive_of(client, manager, playlist)
    assert 'filename="big_film_reel.zip"' in name
    assert archive.namelist() == [
        "big_film_e01_sq01_sh010_animation_v2.mp4",
        "big_film_e01_sq01_sh010_animation_v3.png",
        "big_film_props_tree_animation_v1.pdf",
    ]
    assert archive.read("big_film_props_tree_animation_v1.pdf") == b"%PDF"
    assert (
        len(archive.read(archive.namelist()[0])) == (await storage.stat("movies", "previews", movie.id)).size
    )


async def test_an_archive_of_nothing_is_empty(client, make, stage, manager):
    for number, shots in enumerate(([], None, [entry(stage.first)])):
        playlist = await playlist_of(make, stage, shots=shots, name=f"Reel {number}")
        archive, _ = await archive_of(client, manager, playlist)
        assert archive.namelist() == []


async def test_an_archive_tells_what_was_not_in_storage(client, make, stage, manager, keep):
    gone, kept = await keep(stage.tasks.first, 1, prefixes=()), await keep(stage.tasks.first, 2)
    playlist = await playlist_of(make, stage, gone, kept)
    archive, _ = await archive_of(client, manager, playlist)
    assert archive.namelist() == ["big_film_e01_sq01_sh010_animation_v2.mp4", "missing.txt"]
    assert b"big_film_e01_sq01_sh010_animation_v1" in archive.read("missing.txt")


async def test_names_in_archives_are_safe_and_differ(client, make, stage, manager, storage):
    await make(Organisation(id=uuid4(), name="Studio", use_original_file_name=True))
    hostile = ["../../etc/passwd", "..", "C:\\Windows\\x", "a\x01b", "same", "SAME", "missing", "é" * 200]
    previews = []
    for number, name in enumerate(hostile, 1):
        row = take(
            stage, stage.tasks.first, number, original_name=name, extension="../x" if number == 1 else "txt"
        )
        previews.append(await make(row))
        await storage.put("files", "previews", row.id, io.BytesIO(name.encode()))
    playlist = await playlist_of(make, stage, *previews)
    archive, _ = await archive_of(client, manager, playlist)
    found = archive.namelist()
    assert len({name.lower() for name in found}) == len(hostile)
    for name in found:
        assert "/" not in name
        assert "\\" not in name
        assert ".." not in name
        assert name.isprintable()
        assert len(name) < 250
    assert found[:4] == ["passwd.bin", "file.txt", "x.txt", "ab.txt"]
    assert found[6] == "missing-2.txt"


async def test_an_archive_never_holds_files_of_other_productions(client, as_role, make, stage, storage):
    other = await make_stage(make, name="Other")
    foreign = await make(take(other, other.tasks.first, 1))
    await storage.put("pictures", "original", foreign.id, io.BytesIO(b"secret"))
    playlist = await playlist_of(make, stage, foreign)
    archive, _ = await archive_of(client, await as_role("admin"), playlist)
    assert archive.namelist() == []


async def test_an_archive_takes_a_constant_number_of_statements(
    client, make, stage, manager, keep_picture, count_statements
):
    pictures = [await keep_picture(stage.tasks.first, number, number) for number in range(1, 13)]
    counts = []
    for shown in (pictures[:1], pictures):
        playlist = await playlist_of(make, stage, *shown, name=f"Reel {len(shown)}")
        with count_statements() as statements:
            await archive_of(client, manager, playlist)
        counts.append(statements.count)
    assert counts[0] == counts[1] <= 8


async def test_an_archive_is_made_while_it_is_sent(make, stage, settings, storage, tmp_path):
    """A large file is passed on in pieces, and the next one is opened when its turn comes."""
    previews = [take(stage, stage.tasks.first, number, extension="bin") for number in (1, 2)]
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(24 * CHUNK)
    for preview in previews:
        await storage.put("files", "previews", preview.id, path)
    files = [ArchivedFile(preview, f"f{preview.revision}", [("files", "previews")]) for preview in previews]
    pieces = archive(storage, files).__aiter__()
    sizes = [len(await pieces.__anext__()) for _ in range(8)]
    assert max(sizes) <= CHUNK
    await storage.delete("files", "previews", previews[1].id)
    whole = sum(sizes)
    async for piece in pieces:
        assert len(piece) <= CHUNK
        whole += len(piece)
    assert 24 * CHUNK < whole < 25 * CHUNK
