"""Publishes a movie with gazu: makes a task, comments on it, uploads a movie, waits, and downloads it again.

    pip install gazu av pillow
    python examples/publish_preview.py --email admin@example.com --password …

The account may come from KITSU_EMAIL and KITSU_PASSWORD, the address from KITSU_HOST_URL. The movie is made
by this script. Each run publishes another revision.
"""

from __future__ import annotations

import argparse
import getpass
import os
import tempfile
from pathlib import Path
from typing import Any

import av
import gazu
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw

Row = dict[str, Any]

WIDTH, HEIGHT, FRAMES, RATE = 320, 180, 50, 25


def make_movie(path: Path) -> None:
    """Two seconds of a ball that crosses the picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            picture = Image.new("RGB", (WIDTH, HEIGHT), "midnightblue")
            left = number * (WIDTH - 40) // (FRAMES - 1)
            ImageDraw.Draw(picture).ellipse((left, 70, left + 40, 110), fill="gold")
            container.mux(stream.encode(VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))


def make_task(production_name: str) -> Row:
    """A task of animation on a shot; what is there already is found again."""
    task_type = gazu.task.new_task_type("Animation", "#4CAF50", "Shot")
    production = gazu.project.new_project(production_name)
    gazu.project.add_task_type(production, task_type, 1)
    sequence = gazu.shot.new_sequence(production, "SQ010")
    shot = gazu.shot.new_shot(production, sequence, "SH0010", nb_frames=FRAMES)
    task: Row = gazu.task.new_task(shot, task_type)
    return task


def publish(task: Row, movie: Path) -> Row:
    """Comment on the task with the movie, and wait until the server has made its versions."""
    status = gazu.task.get_default_task_status()
    _, preview = gazu.task.publish_preview(
        task, status, comment="The ball crosses.", preview_file_path=str(movie)
    )
    ready: Row = gazu.files.wait_for_preview_file(preview, timeout=120, poll_interval=0.5)
    return ready


def download(preview: Row, folder: Path) -> None:
    """Both versions of the movie, each with its size in pixels."""
    high, low = folder / "high.mp4", folder / "low.mp4"
    gazu.files.download_preview_movie(preview, str(high))
    gazu.files.download_preview_lowdef_movie(preview, str(low))
    for path in (high, low):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            print(f"  {path.stem}: {stream.width} x {stream.height}, {stream.frames} frames")


def main() -> None:
    """Sign in, publish, download."""
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
        movie = Path(folder) / "ball.mp4"
        make_movie(movie)
        preview = publish(make_task(chosen.name), movie)
        print(f"Revision {preview['revision']} is {preview['status']}, {preview['duration']:g} s:")
        download(preview, Path(folder))


if __name__ == "__main__":
    main()
