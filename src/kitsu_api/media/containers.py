"""Opening movies: by a named demuxer, within limits, and with errors that say something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.frame import Frame
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.limits import check_size
from kitsu_api.media.sniffing import movie_format, read_head

# one frame of 16K by 8K and some more: no camera writes larger movies
MAX_FRAME_PIXELS: Final = 150_000_000


@contextmanager
def readable() -> Iterator[None]:
    """Turns what FFmpeg raises on a damaged file into BrokenMedia."""
    try:
        yield
    except (FFmpegError, ValueError, MemoryError, EOFError) as error:
        raise BrokenMedia("The movie is damaged or cut off.") from error


def base_of(timed: Frame | Stream | Packet[Any]) -> Fraction:
    """Seconds of one tick of the time stamps."""
    return Fraction(timed.time_base or 1)


@contextmanager
def open_movie(source: Path) -> Iterator[InputContainer]:
    """The movie, for reading. Raises BrokenMedia when it is no movie of a format that is taken."""
    name = movie_format(read_head(source))
    if name is None:
        raise BrokenMedia("The file is no movie that can be read.")
    # an absolute path, since a name with a colon would be taken for a protocol
    options = {"max_pixels": str(MAX_FRAME_PIXELS), "protocol_whitelist": "file"}
    with readable():
        container = av.open(str(source.absolute()), format=name, options=options)
    with container:
        yield container


def video_of(container: InputContainer) -> VideoStream:
    """The stream of pictures: the first that is no cover picture.

    Raises BrokenMedia when there is none, MediaTooLarge when its pictures are.
    """
    # a stream that no decoder knows has neither
    streams = [
        stream
        for stream in container.streams.video
        if getattr(stream, "width", 0) and getattr(stream, "height", 0)
    ]
    moving = [stream for stream in streams if not stream.disposition & Disposition.attached_pic]
    if not moving:
        raise BrokenMedia("The file holds no moving pictures.")
    stream = moving[0]
    if not stream.codec_context.is_open:
        check_size(stream.width, stream.height, max_pixels=MAX_FRAME_PIXELS)
        # what the stream itself says may be larger than what the container says
        stream.codec_context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
        stream.thread_type = "AUTO"
    return stream
