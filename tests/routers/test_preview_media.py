"""Files of previews as browsers read them: who may, what is noted of the storage, names and parts."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from kitsu_api.db.base import now
from kitsu_api.db.models import PreviewFile, PreviewFileStorageState
from kitsu_api.db.repositories.preview_media import PreviewMedia
from tests import factories, previews
from tests.previews import upload, waiting

PICTURES = ("thumbnails", "thumbnails-square", "previews", "originals")


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


@pytest.fixture
async def picture(client, make, desk):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "frame.png", previews.png())
    return preview


@pytest.fixture
async def movie(client, make, desk):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "take.mp4", previews.movie())
    return preview


async def get(client, who, path, **headers):
    return await client.get(path, headers={**who, **headers})


@pytest.mark.parametrize("kind", PICTURES)
async def test_pictures_are_shown_in_place_and_kept_by_clients(client, desk, picture, kind):
    path = f"/pictures/{kind}/preview-files/{picture.id}.png"
    first = await get(client, desk.artist, path)
    assert (first.status_code, first.headers["content-type"]) == (200, "image/png")
    assert first.headers["cache-control"].startswith("private")
    assert first.headers["content-disposition"].startswith('inline; filename="frame.png"')
    again = await get(client, desk.artist, path, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("kind", ["originals", "low"])
async def test_movies_are_read_in_parts(client, desk, movie, kind):
    path = f"/movies/{kind}/preview-files/{movie.id}.mp4"
    whole = await get(client, desk.artist, path)
    part = await get(client, desk.artist, path, range="bytes=4-11")
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    assert part.headers["content-type"] == "video/mp4"
    beyond = await get(client, desk.artist, path, range="bytes=99999999-")
    assert beyond.status_code == 416


async def test_the_contact_sheet_of_a_movie_is_shown(client, desk, movie):
    sheet = await get(client, desk.artist, f"/movies/tiles/preview-files/{movie.id}.png")
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "image/png")


async def test_a_movie_without_a_lower_one_is_shown_in_high_definition(client, make, desk):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "take.mp4", previews.movie(), "?normalize=false")
    low = await get(client, desk.artist, f"/movies/low/preview-files/{preview.id}.mp4")
    assert low.content == previews.movie()
    source = await get(client, desk.artist, f"/movies/source/preview-files/{preview.id}.mp4")
    assert source.status_code == 404


@pytest.mark.parametrize("kind", ["originals", "low"])
async def test_movies_of_before_are_looked_for_and_what_is_found_is_noted(
    client, make, desk, movie, session, kind
):
    movie.data = {"original_width": 64}
    movie.status = "ready"
    await make(movie)
    await session.execute(PreviewFileStorageState.__table__.delete())
    await session.commit()
    path = f"/movies/{kind}/preview-files/{movie.id}.mp4"
    assert (await get(client, desk.artist, path)).status_code == 200
    row = await session.get(PreviewFile, movie.id, populate_existing=True)
    assert row.data == {"original_width": 64, "movie_prefixes": ["previews", "lowdef"]}


async def test_a_file_that_is_not_there_is_not_looked_for_again_for_a_while(
    client, make, desk, picture, session, configure
):
    configure(preview_recheck_delay=60)
    path = f"/movies/tiles/preview-files/{picture.id}.png"
    assert (await get(client, desk.artist, path)).status_code == 404
    states = await PreviewMedia(session).states(picture.id)
    assert states["pictures", "tiles"][0] == "missing"
    storage = client._transport.app.state.storage
    with (previews_file := storage.settings.data_dir / "tiles.png").open("wb") as file:
        file.write(previews.png())
    await storage.put("pictures", "tiles", picture.id, previews_file)
    assert (await get(client, desk.artist, path)).status_code == 404
    state = await session.scalar(
        select(PreviewFileStorageState).where(PreviewFileStorageState.prefix == "tiles")
    )
    state.updated_at = now() - timedelta(seconds=61)
    await session.commit()
    assert (await get(client, desk.artist, path)).status_code == 200


async def test_nothing_is_noted_of_a_preview_that_is_being_made(client, make, desk, session):
    preview = await waiting(make, desk)
    path = f"/pictures/thumbnails/preview-files/{preview.id}.png"
    assert (await get(client, desk.artist, path)).status_code == 404
    assert await PreviewMedia(session).states(preview.id) == {}


async def test_what_was_only_seen_does_not_undo_what_was_written_meanwhile(make, desk, session):
    preview = await waiting(make, desk)
    media, place = PreviewMedia(session), ("pictures", "tiles")
    await media.note_states(preview.id, {place: "ok"})
    await media.note_states(preview.id, {place: "missing"}, seen=True)
    assert (await media.states(preview.id))[place][0] == "ok"


@pytest.mark.parametrize(
    ("role", "inside", "assigned", "expected"),
    [
        ("admin", False, False, 200),
        ("manager", True, False, 200),
        ("manager", False, False, 403),
        ("user", True, False, 200),
        ("user", False, False, 403),
        ("vendor", True, True, 200),
        ("vendor", True, False, 403),
        ("client", True, False, 200),
    ],
)
@pytest.mark.parametrize("path", ["pictures/thumbnails", "movies/low"])
async def test_previews_are_for_the_team_and_for_vendors_those_of_their_tasks(
    client, make, desk, movie, as_role, role, inside, assigned, expected, path
):
    who = await as_role(role, on=desk.project if inside else None)
    if assigned:
        await make(factories.assignation(desk.task, who.person))
    extension = "png" if path.startswith("pictures") else "mp4"
    answer = await get(client, who, f"/{path}/preview-files/{movie.id}.{extension}")
    assert answer.status_code == expected


async def test_guests_and_strangers_see_nothing(client, make, sign_in, picture):
    path = f"/pictures/thumbnails/preview-files/{picture.id}.png"
    assert (await client.get(path)).status_code == 401
    guest = sign_in(await make(factories.guest()))
    assert (await get(client, guest, path)).status_code == 403


async def test_clients_download_where_their_production_lets_them(client, make, desk, movie, as_role):
    who = await as_role("client", on=desk.project)
    paths = [f"/{kind}/originals/preview-files/{movie.id}/download" for kind in ("pictures", "movies")]
    assert [(await get(client, who, path)).status_code for path in paths] == [403, 403]
    desk.project.is_preview_download_allowed = True
    await make(desk.project)
    assert [(await get(client, who, path)).status_code for path in paths] == [200, 200]


@pytest.mark.parametrize(
    ("position", "padding", "named"),
    [(1, 0, "orchard_props_ladder_modeling_v2.png"), (3, 3, "orchard_props_ladder_modeling_v002-3.png")],
)
async def test_downloads_are_named_by_what_they_show(client, make, desk, position, padding, named):
    desk.project.revision_padding = padding
    await make(desk.project)
    preview = await waiting(make, desk, revision=2, position=position)
    await upload(client, desk.artist, preview, "frame.png", previews.png())
    answer = await get(client, desk.artist, f"/pictures/originals/preview-files/{preview.id}/download")
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{named}"')
    assert answer.headers["content-type"] == "image/png"


async def test_downloads_keep_their_names_where_the_studio_wants_that(client, make, desk):
    await make(factories.organisation(use_original_file_name=True))
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "Entwürfe von Zoë.png", previews.png())
    answer = await get(client, desk.artist, f"/pictures/originals/preview-files/{preview.id}/download")
    shown = answer.headers["content-disposition"]
    assert shown.startswith('attachment; filename="Entw_rfe von Zo_.png"')
    assert "filename*=UTF-8''Entw%C3%BCrfe%20von%20Zo%C3%AB.png" in shown


@pytest.mark.parametrize(
    ("name", "type_", "way"),
    [
        ("notes.pdf", "application/pdf", "inline"),
        ("logo.svg", "application/octet-stream", "attachment"),
        ("page.html", "application/octet-stream", "attachment"),
        ("table.hdr", "image/vnd.radiance", "inline"),
    ],
)
async def test_what_could_run_is_never_shown_in_place(client, make, desk, name, type_, way):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, name, b"<svg onload='alert(1)'/>")
    extension = name.partition(".")[2]
    answer = await get(client, desk.artist, f"/pictures/originals/preview-files/{preview.id}.{extension}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == type_
    assert answer.headers["content-disposition"].startswith(way)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("extension", "expected"), [("exe", 400), ("pdf", 404), ("png", 200)])
async def test_a_file_is_read_by_its_own_extension(client, desk, picture, extension, expected):
    path = f"/pictures/originals/preview-files/{picture.id}.{extension}"
    assert (await get(client, desk.artist, path)).status_code == expected


async def test_a_thumbnail_takes_three_questions(client, desk, picture, count_statements):
    with count_statements() as statements:
        await get(client, desk.artist, f"/pictures/thumbnails/preview-files/{picture.id}.png")
    assert statements.count <= 3, statements.sql


async def test_an_object_store_gives_files_itself_where_the_operator_wants_that(
    client, desk, movie, configure
):
    configure(
        fs_backend="s3",
        fs_s3_region="eu-west-3",
        fs_s3_access_key="key",
        fs_s3_secret_key=SecretStr("secret"),
        fs_s3_signed_seconds=60,
    )
    answer = await get(client, desk.artist, f"/movies/low/preview-files/{movie.id}.mp4")
    assert answer.status_code == 302
    address = urlsplit(answer.headers["location"])
    assert address.path.endswith(f"lowdef-{movie.id}")
    assert "X-Amz-Signature" in address.query
    assert answer.headers["cache-control"] == "private, max-age=30"
