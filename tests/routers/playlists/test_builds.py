"""Movies of playlists: what they show, how they end, and who has them made."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, BuildJob, StoredFile, TrackedJob
from kitsu_api.media.movies import probe
from kitsu_api.services import jobs as job_service
from kitsu_api.services.playlist_movies import rate_of, size_of
from kitsu_api.workers.jobs.playlists import settle_builds
from tests import factories
from tests.media.clips import make_movie, number_of, numbers_in, sound_in
from tests.routers.playlists.stage import RATE, entry, playlist_of, take


@pytest.fixture
def build(client, manager):
    """`await build(playlist, "full=true")`: what is answered to whoever has a playlist built."""

    async def ask(playlist: Any, query: str = "", expected: int = 200) -> Any:
        answer = await client.get(f"/data/playlists/{playlist.id}/build/mp4?{query}", headers=manager)
        assert answer.status_code == expected, answer.text
        return answer.json()

    return ask


@pytest.fixture
def download(client, manager, tmp_path):
    """`await download(playlist, build)`: the movie of a build, and the name that it is saved under."""

    async def fetch(playlist: Any, job: Any) -> tuple[Path, str]:
        path = f"/data/playlists/{playlist.id}/jobs/{job['id']}/build/mp4"
        answer = await client.get(path, headers=manager)
        assert answer.status_code == 200, answer.text
        movie = tmp_path / f"{job['id']}.mp4"
        movie.write_bytes(answer.content)
        return movie, answer.headers["content-disposition"]

    return fetch


# --- what is in the movie -----------------------------------------------------------------------------


async def test_clips_follow_each_other_frame_by_frame(make, stage, keep, build, download, session):
    takes = [
        await keep(stage.tasks.first, 1, first=0),
        await keep(stage.tasks.first, 2, first=100, frames=12, rate=Fraction(48), width=48, height=96),
        await keep(stage.tasks.first, 3, first=50, frames=3, rate=Fraction(12), sound=0.25),
    ]
    playlist = await playlist_of(make, stage, *takes, takes[0])
    job = await build(playlist)
    assert (job["status"], job["message"], job["job_type"]) == ("succeeded", None, "movie")
    assert job["ended_at"]
    movie, name = await download(playlist, job)
    assert 'attachment; filename="big_film_reel.mp4"' in name
    facts = probe(movie)
    assert (facts.width, facts.height, facts.rate, facts.frames) == (192, 108, RATE, 24)
    assert facts.has_audio
    numbers = numbers_in_boxes(movie)
    assert numbers[:6] == numbers[18:] == [0, 1, 2, 3, 4, 5]
    assert numbers[6:12] == [100, 102, 104, 106, 108, 110]
    assert numbers[12:18] == [50, 50, 51, 51, 52, 52]
    samples = sound_in(movie)
    assert max(map(abs, samples[: 48000 // 4])) < 0.01
    assert max(map(abs, samples[48000 // 2 : 48000 * 5 // 8])) > 0.1
    tracked = (await session.scalars(select(TrackedJob))).one()
    assert (tracked.status, tracked.key, tracked.project_id) == ("succeeded", job["id"], stage.film.id)
    assert tracked.result == {"build_job_id": job["id"], "frames": 24, "left_out": 0}
    assert (tracked.done, tracked.total) == (24, 24)


def numbers_in_boxes(movie: Path) -> list[int]:
    """The numbers of frames of 192 x 108, of which the middle ones have black at their sides."""
    found = []
    with av.open(str(movie)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            picture = frame.to_image()
            if 6 <= number < 12:
                assert picture.getpixel((20, 54)) == (0, 0, 0)
                picture = picture.crop((68, 0, 122, 108))
            found.append(number_of(picture))
    return found


async def test_pictures_are_shown_for_two_seconds(make, stage, keep, keep_picture, build, download):
    shown = [
        await keep_picture(stage.tasks.first, 1, 9),
        await keep(stage.tasks.first, 2, first=20, frames=2),
    ]
    playlist = await playlist_of(make, stage, *shown)
    movie, _ = await download(playlist, await build(playlist))
    assert numbers_in(movie) == [9] * 48 + [20, 21]


async def test_a_hundred_clips_are_exact_to_the_frame(make, stage, keep, build, download):
    takes = [
        await keep(stage.tasks.first, number, first=number * 10, frames=number) for number in (1, 2, 3, 4)
    ]
    playlist = await playlist_of(make, stage, *(takes * 25))
    job = await build(playlist)
    movie, _ = await download(playlist, job)
    once = [number * 10 + step for number in (1, 2, 3, 4) for step in range(number)]
    assert numbers_in(movie) == once * 25


@pytest.mark.parametrize(("query", "width"), [("", 1280), ("full=true", 1600), ("full=false", 1280)])
async def test_a_movie_is_1280_wide_unless_it_is_wanted_in_full(
    make, keep, build, download, stage, session, query, width
):
    film = await session.get(type(stage.film), stage.film.id)
    film.resolution = "1600x160"
    await session.commit()
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, frames=2))
    movie, _ = await download(playlist, await build(playlist, query))
    facts = probe(movie)
    assert (facts.width, facts.height) == (width, width // 10)


async def test_movies_that_have_one_definition_are_built_of_that(make, stage, keep, build):
    for prefix in ("previews", "source"):
        playlist = await playlist_of(
            make, stage, await keep(stage.tasks.first, 1, prefixes=(prefix,)), name=prefix
        )
        for query in ("", "full=true"):
            assert (await build(playlist, query))["status"] == "succeeded"


@pytest.mark.parametrize(
    ("resolution", "full", "size"),
    [
        ("2048x858", True, (2048, 858)),
        ("2048x858", False, (1280, 536)),
        ("1080", True, (1920, 1080)),
        ("640 x 480", False, (640, 480)),
        ("", True, (1920, 1080)),
        (None, False, (1280, 720)),
        ("99999x2", True, (1920, 1080)),
        ("ax-1", True, (1920, 1080)),
    ],
)
def test_sizes_are_read_from_what_people_write(resolution, full, size):
    assert size_of(resolution, full=full) == size


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        ("24", Fraction(24)),
        ("23.976", Fraction(24000, 1001)),
        ("23,98", Fraction(24000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        ("12.5", Fraction(25, 2)),
        *((text, Fraction(25)) for text in ("", None, "x", "0", "1/0", "-3", "nan", "1e9")),
    ],
)
def test_rates_are_read_from_what_people_write(fps, rate):
    assert rate_of(fps) == rate


# --- how builds end -----------------------------------------------------------------------------------


async def test_listeners_and_the_register_hear_of_a_build(make, stage, keep, build, manager, session):
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1))
    job = await build(playlist)
    where = ApiEvent.name.like("build-job:%")
    new, update = (await session.scalars(select(ApiEvent).where(where).order_by(ApiEvent.name))).all()
    ids = {"build_job_id": job["id"], "playlist_id": str(playlist.id), "project_id": str(stage.film.id)}
    assert new.data == ids | {"created_at": job["created_at"]}
    assert new.user_id == manager.person.id
    assert update.data == ids | {"status": "succeeded", "message": None}
    assert update.user_id is None
    stored = (await session.scalars(select(StoredFile))).one()
    assert (stored.bucket, stored.key) == ("movies", f"playlists-{job['id']}")
    assert stored.size
    assert stored.deleted_at is None


async def test_what_can_not_be_shown_is_left_out_and_named(
    make, stage, keep, keep_picture, build, download, storage
):
    whole = await keep(stage.tasks.first, 1, first=7, frames=2)
    missing = await keep(stage.tasks.first, 2, prefixes=())
    broken = await make(take(stage, stage.tasks.first, 3, extension="mp4"))
    await storage.put("movies", "lowdef", broken.id, io.BytesIO(b"no movie at all"))
    torn = await make(take(stage, stage.tasks.first, 4))
    await storage.put("pictures", "original", torn.id, io.BytesIO(b"no picture"))
    rows = [
        await make(take(stage, stage.tasks.first, 5, status="processing", extension="mp4")),
        await make(take(stage, stage.tasks.first, 6, extension="pdf")),
    ]
    shots = [entry(stage.first, one) for one in (missing, broken, whole, torn, *rows)]
    playlist = await playlist_of(make, stage, shots=[*shots, entry(stage.second)])
    job = await build(playlist)
    assert job["status"] == "succeeded"
    assert job["message"].startswith("6 of 7 entries were left out")
    assert "E01 / SQ01 / SH010" in job["message"]
    movie, _ = await download(playlist, job)
    assert numbers_in(movie) == [7, 8]


async def test_a_movie_that_breaks_on_the_way_fails_its_build_which_names_it(
    make, stage, keep, build, storage, tmp_path, session
):
    missing = await keep(stage.tasks.first, 1, prefixes=())
    whole = await keep(stage.tasks.first, 2, frames=2)
    cut = await make(take(stage, stage.tasks.second, 1, extension="mp4"))
    # its index and its first pictures are there, so that nothing seems wrong until it is played
    path = make_movie(
        tmp_path / "cut.mp4", frames=40, width=320, height=180, container={"movflags": "faststart"}
    )
    content = path.read_bytes()
    await storage.put("movies", "lowdef", cut.id, io.BytesIO(content[: len(content) // 2]))
    shots = [entry(stage.first, missing), entry(stage.first, whole), entry(stage.second, cut)]
    job = await build(await playlist_of(make, stage, shots=shots))
    assert job["status"] == "failed"
    assert job["message"] == "E01 / SQ01 / SH020 (entry 3 of 3): The movie is damaged or cut off."
    assert not (await session.scalars(select(StoredFile).where(StoredFile.size > 0))).all()


async def test_a_build_of_which_nothing_is_whole_has_failed_and_says_why(
    client, make, stage, keep, build, manager, session
):
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, prefixes=()))
    job = await build(playlist)
    assert (job["status"], bool(job["ended_at"])) == ("failed", True)
    assert "None of the movies" in job["message"]
    path = f"/data/playlists/{playlist.id}/jobs/{job['id']}/build/mp4"
    assert (await client.get(path, headers=manager)).status_code == 400
    tracked = (await session.scalars(select(TrackedJob))).one()
    assert (tracked.status, tracked.error) == ("failed", job["message"])


async def test_a_playlist_that_shows_nothing_is_not_built(make, stage, build, session):
    document = await make(take(stage, stage.tasks.first, 1, extension="pdf"))
    unready = await make(take(stage, stage.tasks.first, 2, status="broken"))
    for shots in (
        [],
        None,
        [entry(stage.second)],
        [entry(stage.first, document), entry(stage.first, unready)],
    ):
        playlist = await make(factories.playlist(stage.film, shots=shots))
        answer = await build(playlist, expected=400)
        assert "nothing to build" in answer["message"]
    assert (await session.scalars(select(BuildJob))).all() == []


async def test_a_playlist_has_several_builds(client, make, stage, keep, build, manager, download):
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, frames=2))
    made = [await build(playlist) for _ in range(2)]
    answer = await client.get(f"/data/projects/{stage.film.id}/build-jobs", headers=manager)
    assert {row["id"] for row in answer.json()} == {job["id"] for job in made}
    for job in made:
        await download(playlist, job)
        path = f"/data/playlists/{playlist.id}/jobs/{job['id']}"
        assert (await client.get(path, headers=manager)).json() == job


async def test_a_build_is_deleted_with_its_movie(client, make, stage, keep, build, manager, session):
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, frames=2))
    job = await build(playlist)
    path = f"/data/playlists/{playlist.id}/jobs/{job['id']}"
    assert (await client.delete(path, headers=manager)).status_code == 204
    assert (await client.get(path, headers=manager)).status_code == 404
    assert (await client.get(f"{path}/build/mp4", headers=manager)).status_code == 404
    stored = (await session.scalars(select(StoredFile))).one()
    assert stored.deleted_at
    event = (await session.scalars(select(ApiEvent).where(ApiEvent.name == "build-job:delete"))).one()
    assert event.data == {
        "build_job_id": job["id"],
        "playlist_id": str(playlist.id),
        "project_id": str(stage.film.id),
    }


async def test_a_build_is_found_under_its_own_playlist_alone(client, make, stage, manager):
    one, other = await playlist_of(make, stage), await playlist_of(make, stage, name="Other")
    job = await make(BuildJob(id=uuid4(), playlist_id=one.id, status="succeeded"))
    path = f"/data/playlists/{other.id}/jobs/{job.id}"
    assert (await client.get(path, headers=manager)).status_code == 404
    assert (await client.get(f"{path}/build/mp4", headers=manager)).status_code == 404
    assert (await client.delete(path, headers=manager)).status_code == 404


async def test_a_build_that_is_not_finished_gives_no_movie(client, make, stage, manager):
    playlist = await playlist_of(make, stage)
    job = await make(BuildJob(id=uuid4(), playlist_id=playlist.id))
    answer = await client.get(f"/data/playlists/{playlist.id}/jobs/{job.id}/build/mp4", headers=manager)
    assert (answer.status_code, answer.json()["message"]) == (400, "Build is not finished")


# --- builds that are cancelled, or begun again --------------------------------------------------------


@pytest.fixture
def hold(app):
    """`hold()`: from now on jobs stay queued; what is returned does them."""

    def change():
        queued: list[tuple[str, dict[str, Any], str | None]] = []
        enqueue = app.state.queue.enqueue

        async def later(*job: Any) -> None:
            queued.append(job)

        async def work() -> None:
            while queued:
                await enqueue(*queued.pop(0))

        app.state.queue.enqueue = later
        return work

    return change


async def test_a_build_is_answered_before_it_is_made(client, make, stage, keep, build, manager, hold):
    work = hold()
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, frames=2))
    job = await build(playlist)
    assert (job["status"], job["ended_at"]) == ("running", None)
    await work()
    answer = await client.get(f"/data/playlists/{playlist.id}/jobs/{job['id']}", headers=manager)
    assert answer.json()["status"] == "succeeded"


async def cancel_all(app, actor) -> None:
    async with app.state.jobs.unit_of_work() as uow:
        for row in (await uow.session.scalars(select(TrackedJob))).all():
            await job_service.cancel(uow, actor, row)


async def test_a_build_whose_job_was_cancelled_while_it_waited_has_failed(
    client, app, make, stage, keep, build, manager, hold
):
    work = hold()
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, frames=2))
    job, kept = await build(playlist), await make(BuildJob(id=uuid4(), playlist_id=playlist.id))
    await cancel_all(app, manager.person)
    await work()
    assert await settle_builds({"job": app.state.jobs}) == 1
    assert await settle_builds({"job": app.state.jobs}) == 0
    answer = await client.get(f"/data/projects/{stage.film.id}/build-jobs", headers=manager)
    found = {row["id"]: (row["status"], row["message"]) for row in answer.json()}
    assert found[job["id"]][0] == "failed"
    assert "cancelled" in found[job["id"]][1]
    assert found[str(kept.id)] == ("running", None)


async def test_a_build_that_is_deleted_while_it_waits_is_not_made(
    client, make, stage, keep, build, manager, hold, session
):
    work = hold()
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, frames=2))
    job = await build(playlist)
    path = f"/data/playlists/{playlist.id}/jobs/{job['id']}"
    assert (await client.delete(path, headers=manager)).status_code == 204
    await work()
    assert (await session.scalars(select(TrackedJob))).one().status == "cancelled"
    assert all(file.deleted_at for file in (await session.scalars(select(StoredFile))).all())


async def test_a_build_that_is_begun_again_is_made_once(
    client, app, make, stage, keep, build, manager, session, storage
):
    """As by a worker that was killed half-way, or when a failed job is tried again."""
    playlist = await playlist_of(make, stage, await keep(stage.tasks.first, 1, prefixes=()))
    preview_id = UUID(playlist.shots[0]["preview_file_id"])
    job = await build(playlist)
    assert job["status"] == "failed"
    path = make_movie(Path(app.state.settings.data_dir) / "late.mp4", frames=2, rate=RATE)
    await storage.put("movies", "lowdef", preview_id, path)
    async with app.state.jobs.unit_of_work() as uow:
        row = (await uow.session.scalars(select(TrackedJob))).one()
        await job_service.retry(uow, manager.person, row)
    answer = await client.get(f"/data/playlists/{playlist.id}/jobs/{job['id']}", headers=manager)
    assert (answer.json()["status"], answer.json()["message"]) == ("succeeded", None)
    assert len((await session.scalars(select(StoredFile))).all()) == 1


# --- who has builds made ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "orders", "reads"),
    [
        ("manager", 200, 200),
        ("supervisor", 200, 200),
        ("user", 403, 200),
        ("client", 403, 200),
        ("vendor", 403, 403),
    ],
)
async def test_builds_are_for_those_who_direct_and_seen_by_who_sees_the_playlist(
    client, as_role, make, stage, keep, storage, tmp_path, role, orders, reads
):
    who = await as_role(role, on=stage.film)
    preview = await keep(stage.tasks.first, 1, frames=2)
    playlist = await playlist_of(make, stage, preview, for_client=True)
    job = await make(BuildJob(id=uuid4(), playlist_id=playlist.id, status="succeeded"))
    await storage.put("movies", "playlists", job.id, io.BytesIO(b"movie"))
    path = f"/data/playlists/{playlist.id}"
    assert (await client.get(f"{path}/build/mp4", headers=who)).status_code == orders
    assert (await client.get(f"{path}/jobs/{job.id}", headers=who)).status_code == reads
    assert (await client.get(f"{path}/jobs/{job.id}/build/mp4", headers=who)).status_code == reads
    project = f"/data/projects/{stage.film.id}/build-jobs"
    assert (await client.get(project, headers=who)).status_code == reads
    deletes = 204 if orders == 200 else 403
    assert (await client.delete(f"{path}/jobs/{job.id}", headers=who)).status_code == deletes


async def test_clients_see_no_builds_of_playlists_that_are_not_for_them(client, as_role, make, stage):
    reader = await as_role("client", on=stage.film)
    inner, outer = await playlist_of(make, stage), await playlist_of(make, stage, name="O", for_client=True)
    rows = [BuildJob(id=uuid4(), playlist_id=one.id, status="succeeded") for one in (inner, outer)]
    await make(*rows)
    answer = await client.get(f"/data/projects/{stage.film.id}/build-jobs", headers=reader)
    assert [row["id"] for row in answer.json()] == [str(rows[1].id)]
    path = f"/data/playlists/{inner.id}/jobs/{rows[0].id}"
    assert (await client.get(path, headers=reader)).status_code == 403
    assert (await client.get(f"{path}/build/mp4", headers=reader)).status_code == 403


async def test_many_builds_take_as_many_statements_as_one(client, make, stage, manager, count_statements):
    playlist = await playlist_of(make, stage)
    counts = []
    for number in (1, 50):
        await make(*(BuildJob(id=uuid4(), playlist_id=playlist.id) for _ in range(number)))
        with count_statements() as statements:
            await client.get(f"/data/projects/{stage.film.id}/build-jobs", headers=manager)
        counts.append(statements.count)
    assert counts[0] == counts[1] <= 3
