"""What a movie is: its size as shown, its exact rate, its frames, its sound."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, cast

from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kitsu_api.media.containers import base_of, open_movie, readable, video_of
from kitsu_api.media.errors import BrokenMedia

Turn = Literal[
    "transpose=cclock_flip", "transpose=clock", "transpose=cclock", "transpose=clock_flip", "hflip", "vflip"
]

# rates that cameras and editors use; one that is nearer than RATE_TOLERANCE was meant to be it
RATES: Final = (
    *(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)),
    *(Fraction(n) for n in (8, 10, 12, 12.5, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 72, 90, 96, 100, 120)),
)
RATE_TOLERANCE: Final = Fraction(1, 5000)
# difference in frames between an index and a duration that was rounded
MOST_ROUNDED: Final = 2
FASTEST: Final = Fraction(120)
SLOWEST: Final = Fraction(1)
DEFAULT_RATE: Final = Fraction(25)
# how a display matrix (ISO/IEC 14496-12) maps the axes, and the filters that do the same to pixels
TURNS: Final[dict[tuple[int, int, int, int], tuple[Turn, ...]]] = {
    (1, 0, 0, 1): (),
    (-1, 0, 0, -1): ("hflip", "vflip"),
    (-1, 0, 0, 1): ("hflip",),
    (1, 0, 0, -1): ("vflip",),
    (0, 1, -1, 0): ("transpose=clock",),
    (0, -1, 1, 0): ("transpose=cclock",),
    (0, 1, 1, 0): ("transpose=cclock_flip",),
    (0, -1, -1, 0): ("transpose=clock_flip",),
}


@dataclass(frozen=True)
class MovieFacts:
    """A movie as it is shown: upright, with square pixels. The duration of the pictures is in seconds."""

    width: int
    height: int
    duration: float
    frames: int
    rate: Fraction
    has_audio: bool


def probe(source: Path) -> MovieFacts:
    """Facts of a movie, by its first frame and its index; a file without index is read once, not decoded.

    Of a variable rate, the frames are those that a constant one needs for the same time.

    Raises BrokenMedia.
    """
    with open_movie(source) as container:
        stream = video_of(container)
        first = first_frame(container, stream)
        width, height = shown_size(first, pixel_shape(stream))
        has_audio = bool(container.streams.audio)
        rate = exact_rate(stream)
        lasts = (stream.duration or 0) * base_of(stream)
    frames = count_frames(source)
    if lasts and abs(lasts * rate - frames) > MOST_ROUNDED:
        frames = max(1, round(lasts * rate))
    return MovieFacts(width, height, float(frames / rate), frames, rate, has_audio)


def count_frames(source: Path) -> int:
    """The number of coded pictures. Raises BrokenMedia."""
    with open_movie(source) as container:
        stream = video_of(container)
        if stream.frames > 0:
            return stream.frames
        with readable():
            frames = sum(1 for packet in container.demux(stream) if packet.size)
    if not frames:
        raise BrokenMedia("The movie has no frames.")
    return frames


def first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    """The first picture of a movie that was just opened. Raises BrokenMedia."""
    with readable():
        for frame in container.decode(stream):
            return frame
    raise BrokenMedia("The movie has no frames.")


def exact_rate(stream: VideoStream) -> Fraction:
    """Frames a second as a fraction, e.g. 24000/1001; of a variable rate the one of its time stamps."""
    for rate in (stream.average_rate, stream.base_rate, stream.guessed_rate):
        if rate and SLOWEST <= rate <= FASTEST and (known := known_rate(Fraction(rate))):
            return known
    for rate in (stream.base_rate, stream.guessed_rate, stream.average_rate):
        if rate and SLOWEST <= rate <= FASTEST:
            return Fraction(rate).limit_denominator(1001)
    return DEFAULT_RATE


def known_rate(rate: Fraction) -> Fraction | None:
    """The usual rate that was meant by one that was rounded or measured; None when it is none of them."""
    nearest = min(RATES, key=lambda known: abs(known - rate))
    return nearest if abs(nearest - rate) <= nearest * RATE_TOLERANCE else None


def pixel_shape(stream: VideoStream) -> Fraction:
    """Width of a pixel by its height; 1 where nothing sensible is declared."""
    shape = stream.sample_aspect_ratio
    if not shape or not Fraction(1, 10) <= shape <= 10:
        return Fraction(1)
    return Fraction(shape)


def turns_of(frame: VideoFrame) -> tuple[Turn, ...]:
    """The filters that do to the pixels what the movie asks of its player; none for angles between."""
    # declared as a dictionary of arrays, it is a sequence of typed blocks
    held = cast("Sequence[SideData]", frame.side_data)
    blocks = (held[position] for position in range(len(held)))
    matrix = next((block for block in blocks if block.type == SideDataType.DISPLAYMATRIX), None)
    if matrix is None:
        return ()
    a, b, _, c, d, *_ = struct.unpack("9i", bytes(matrix)[:36])

    def sign(value: int) -> int:
        return 0 if abs(value) < 1 << 12 else 1 if value > 0 else -1

    return TURNS.get((sign(a), sign(b), sign(c), sign(d)), ())


def shown_size(frame: VideoFrame, shape: Fraction) -> tuple[int, int]:
    """Width and height after making the pixels square and turning the picture upright.

    Pixels are stretched, never dropped: wide ones make the picture wider, high ones higher.
    """
    width, height = frame.width, frame.height
    if shape >= 1:
        width = round(width * shape)
    else:
        height = round(height / shape)
    return (
        (height, width) if any(turn.startswith("transpose") for turn in turns_of(frame)) else (width, height)
    )
