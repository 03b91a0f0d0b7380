"""A review session: publishes three shots, puts them in a playlist, shares it, comments on it as a guest
who has no account, and has the whole playlist made into one movie.

    pip install gazu httpx av pillow
    python examples/review_session.py --email admin@example.com --password …

The account may come from KITSU_EMAIL and KITSU_PASSWORD, the address from KITSU_HOST_URL. The movies are made
by this script. Each run publishes another revision of each shot, in a playlist of its own.
"""

from __future__ import annotations

import argparse
import getpass
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import gazu
import httpx
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw

Row = dict[str, Any]

WIDTH, HEIGHT, RATE = 320, 180, 25
SHOTS = {"SH0010": (24, "midnightblue"), "SH0020": (36, "darkgreen"), "SH0030": (50, "maroon")}
"""Frames of each shot, and the colour of its movie."""

PATIENCE = 120
"""Seconds that a movie may take."""


def make_movie(path: Path, frames: int, color: str) -> None:
    """A ball that crosses the picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            picture = Image.new("RGB", (WIDTH, HEIGHT), color)
            left = number * (WIDTH - 40) // (frames - 1)
            ImageDraw.Draw(picture).ellipse((left, 70, left + 40, 110), fill="gold")
            container.mux(stream.encode(VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))


def make_production(name: str) -> Row:
    """The production, with a task type for its shots and the statuses that clients may set."""
    production: Row = gazu.project.new_project(name)
    task_type = gazu.task.new_task_type("Animation", "#4CAF50", "Shot")
    gazu.project.add_task_type(production, task_type, 1)
    for status in gazu.task.all_task_statuses():
        if status["is_client_allowed"]:
            gazu.project.add_task_status(production, status)
    return production


def publish_shots(production: Row, folder: Path) -> list[Row]:
    """The shots of the production, each with a new revision of its animation."""
    task_type = gazu.task.get_task_type_by_name("Animation")
    sequence = gazu.shot.new_sequence(production, "SQ010")
    status = gazu.task.get_default_task_status()
    shots = []
    for name, (frames, color) in SHOTS.items():
        shot = gazu.shot.new_shot(production, sequence, name, nb_frames=frames)
        task = gazu.task.new_task(shot, task_type)
        movie = folder / f"{name}.mp4"
        make_movie(movie, frames, color)
        _, preview = gazu.task.publish_preview(
            task, status, comment="For the review.", preview_file_path=str(movie)
        )
        gazu.files.wait_for_preview_file(preview, timeout=PATIENCE, poll_interval=0.5)
        shots.append(shot)
    return shots


def make_playlist(production: Row, shots: list[Row]) -> Row:
    """A playlist of the newest revisions."""
    count = len(gazu.playlist.all_playlists_for_project(production))
    playlist: Row = gazu.playlist.new_playlist(production, f"Review {count + 1}", for_client=True)
    for shot in shots:
        playlist = gazu.playlist.add_entity_to_playlist(playlist, shot)
    return playlist


def comment_as_guest(host: str, token: str) -> Row:
    """What somebody does who has the link and no account: look, give a name, ask for a retake."""
    with httpx.Client(base_url=f"{host}/shared/playlists/{token}", timeout=PATIENCE) as guest:
        shared = guest.get("").raise_for_status().json()
        statuses = guest.get("/context").raise_for_status().json()["task_statuses"]
        wanted = next(status for status in statuses if status["is_client_allowed"])
        name = {"first_name": "Gina", "last_name": "Guest"}
        person = guest.post("/guest", json=name).raise_for_status().json()
        comment = {
            "guest_id": person["id"],
            "task_id": shared["shots"][0]["preview_file_task_id"],
            "task_status_id": wanted["id"],
            "text": "The ball is too fast.",
        }
        said: Row = guest.post("/comments", json=comment).raise_for_status().json()
        return said


def build_movie(playlist: Row, target: Path) -> None:
    """Have the playlist made into one movie, wait for it, and fetch it."""
    build = gazu.playlist.build_playlist_movie(playlist)
    end = time.monotonic() + PATIENCE
    while build["status"] == "running" and time.monotonic() < end:
        time.sleep(0.5)
        build = gazu.playlist.get_build_job(playlist, build)
    if build["status"] != "succeeded":
        raise SystemExit(f"The movie was not made: {build['message'] or build['status']}")
    gazu.playlist.download_playlist_build(playlist, build, str(target))


def count_frames(movie: Path) -> int:
    """The frames of a movie, each decoded."""
    with av.open(str(movie)) as container:
        return sum(1 for _ in container.decode(video=0))


def main() -> None:
    """Sign in, publish, share, comment, build."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--host", default=os.environ.get("KITSU_HOST_URL", "http://127.0.0.1:8000/api"))
    options.add_argument("--email", default=os.environ.get("KITSU_EMAIL", "admin@example.com"))
    options.add_argument("--password", default=os.environ.get("KITSU_PASSWORD"))
    options.add_argument("--name", default="The Stargazer", help="name of the production")
    chosen = options.parse_args()
    gazu.set_host(chosen.host)
    gazu.log_in(chosen.email, chosen.password or getpass.getpass(f"Password of {chosen.email}: "))
    with tempfile.TemporaryDirectory() as folder:
        production = make_production(chosen.name)
        playlist = make_playlist(production, publish_shots(production, Path(folder)))
        print(f"{playlist['name']} shows {len(playlist['shots'])} shots.")
        link = gazu.playlist.new_share_link(playlist)
        said = comment_as_guest(chosen.host, link["token"])
        print(f"{said['person']['full_name']} says: {said['text']}")
        movie = Path(folder) / "review.mp4"
        build_movie(playlist, movie)
        frames, expected = count_frames(movie), sum(frames for frames, _ in SHOTS.values())
        print(f"The movie has {frames} frames.")
        if frames != expected:
            raise SystemExit(f"It should have {expected}.")


if __name__ == "__main__":
    main()
