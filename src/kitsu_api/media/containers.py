"""Opening movies: by a named demuxer, within limits, and with errors that say something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.sniffing import movie_format, read_head

# one frame of 16K by 8K and some more: no camera writes larger movies
MAX_FRAME_PIXELS: Final = 150_000_000
OPTIONS: Final = {"max_pixels": str(MAX_FRAME_PIXELS), "protocol_whitelist": "file"}


@contextmanager
def readable() -> Iterator[None]:
    """Turns what FFmpeg raises on a damaged file into BrokenMedia."""
    try:
        yield
    except (FFmpegError, ValueError, MemoryError, EOFError) as error:
        raise BrokenMedia("The movie is damaged or cut off.") from error


@contextmanager
def open_movie(source: Path) -> Iterator[InputContainer]:
    """The movie, for reading. Raises BrokenMedia when it is no movie of a format that is taken."""
    name = movie_format(read_head(source))
    if name is None:
        raise BrokenMedia("The file is no movie that can be read.")
    # an absolute path, since a name with a colon would be taken for a protocol
    with readable():
        container = av.open(str(source.absolute()), format=name, options=dict(OPTIONS))
    with container:
        yield container


def video_of(container: InputContainer) -> VideoStream:
    """The stream of pictures: the first that is no cover picture. Raises BrokenMedia when there is none."""
    streams = [stream for stream in container.streams.video if stream.width and stream.height]
    moving = [stream for stream in streams if not stream.disposition & av.stream.Disposition.attached_pic]
    if not moving:
        raise BrokenMedia("The file holds no moving pictures.")
    return moving[0]
