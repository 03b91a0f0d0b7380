"""Movies for the web: one decode feeds a high and a low definition; what needs no encoding is copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from av.audio.frame import AudioFrame

from kitsu_api.media.containers import open_movie, video_of
from kitsu_api.media.encoding import (
    HIGH_QUALITY,
    LARGEST_SIDE,
    LOW_QUALITY,
    MBIT,
    MovieWriter,
    Quality,
    even,
    writing,
)
from kitsu_api.media.errors import MediaCancelled
from kitsu_api.media.frames import extract_frame, make_frame_thumbnail, read_frame
from kitsu_api.media.playing import Playable, Playback
from kitsu_api.media.probing import (
    DEFAULT_RATE,
    MovieFacts,
    exact_rate,
    first_frame,
    pixel_shape,
    probe,
    shown_size,
)
from kitsu_api.media.remuxing import Readiness, readiness, remux
from kitsu_api.media.sequences import PictureSequence, is_archive, open_sequence
from kitsu_api.media.sound import samples_at, sound_of

__all__ = [
    "LOW_WIDTH",
    "MovieFacts",
    "MovieWish",
    "extract_frame",
    "make_frame_thumbnail",
    "normalise",
    "probe",
    "read_frame",
]

LOW_WIDTH: Final = 1280
# a movie as narrow as a ribbon isn't blown up to that width
LOW_HEIGHT: Final = 4096
DEFAULT_PRESET: Final = "medium"
# frames between two reports of progress
PROGRESS_STEP: Final = 10
# seconds of the bit rate that a decoder is expected to buffer
DEFAULT_BUFFER: Final = 2.0


@dataclass(frozen=True)
class MovieWish:
    """What a production wants of its movies; `None` keeps what the source has.

    The high definition is made to fit into `width` x `height` without being enlarged or cut. `rate` is in
    frames a second. Bit rates are ceilings in Mbit/s. `preset` is one of x264; `vbv_factor` is the size of
    the buffer that evens out the rate, in seconds of the bit rate.
    """

    width: int | None = None
    height: int | None = None
    rate: Fraction | None = None
    high_bitrate: int = 28
    low_bitrate: int = 6
    preset: str = DEFAULT_PRESET
    vbv_factor: float = DEFAULT_BUFFER


@dataclass(frozen=True)
class _Version:
    target: Path
    width: int
    height: int
    quality: Quality


def normalise(
    source: Path,
    high: Path | None,
    low: Path | None,
    wish: MovieWish,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> MovieFacts:
    """Write the high definition, the low one (1280 wide), or both; the facts of the higher one.

    The source is a movie, or a zip of pictures. A version that the source is already is copied, not encoded.
    Sound is as long as the pictures, and a movie without stays without. `progress` is told frames done and in
    all, `cancelled` is asked at each frame. Raises BrokenMedia, MediaTooLarge, MediaCancelled; no half
    movie is left.
    """
    if is_archive(source):
        with open_sequence(source) as pictures:
            return _normalise_sequence(pictures, high, low, wish, progress, cancelled)
    with open_movie(source) as container:
        stream = video_of(container)
        size = shown_size(first_frame(container, stream), pixel_shape(stream))
        rate = wish.rate or exact_rate(stream)
        has_audio = sound_of(container) is not None
    versions = _versions(size, high, low, wish)
    ready = readiness(source)
    copies = [version for version in versions if ready and _is_met(version, ready, rate)]
    encoded = [version for version in versions if version not in copies]
    frames = ready.frames if ready else 0
    if encoded:
        with open_movie(source) as container:
            frames = _encode(Playback(container, rate), encoded, rate, progress, cancelled)
    for version in copies:
        assert ready is not None
        remux(source, version.target, ready, progress=progress, cancelled=cancelled)
    first = versions[0]
    return MovieFacts(first.width, first.height, float(frames / rate), frames, rate, has_audio)


def _normalise_sequence(
    pictures: PictureSequence,
    high: Path | None,
    low: Path | None,
    wish: MovieWish,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> MovieFacts:
    rate = wish.rate or DEFAULT_RATE
    versions = _versions(pictures.shown, high, low, wish)
    frames = _encode(pictures, versions, rate, progress, cancelled)
    first = versions[0]
    return MovieFacts(first.width, first.height, float(frames / rate), frames, rate, has_audio=False)


def _versions(size: tuple[int, int], high: Path | None, low: Path | None, wish: MovieWish) -> list[_Version]:
    versions = []
    if high is not None:
        width, height = _fitted(size, wish.width or LARGEST_SIDE, wish.height or LARGEST_SIDE)
        quality = Quality(wish.high_bitrate * MBIT, HIGH_QUALITY, wish.preset, wish.vbv_factor)
        versions.append(_Version(high, width, height, quality))
    if low is not None:
        scale = min(LOW_WIDTH / size[0], LOW_HEIGHT / size[1])
        width, height = even(size[0] * scale), even(size[1] * scale)
        quality = Quality(wish.low_bitrate * MBIT, LOW_QUALITY, wish.preset, wish.vbv_factor)
        versions.append(_Version(low, width, height, quality))
    if not versions:
        raise ValueError("Neither a high nor a low definition was asked for.")
    return versions


def _fitted(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """The size, made smaller to fit into a box, and even."""
    share = min(Fraction(1), Fraction(width, size[0]), Fraction(height, size[1]))
    return even(float(size[0] * share)), even(float(size[1] * share))


def _is_met(version: _Version, ready: Readiness, rate: Fraction) -> bool:
    return (ready.width, ready.height, ready.rate) == (
        version.width,
        version.height,
        rate,
    ) and ready.bits_a_second <= version.quality.bitrate


def _encode(
    played: Playable,
    versions: list[_Version],
    rate: Fraction,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> int:
    """Decode once and write all versions; the number of frames."""
    with ExitStack() as stack:
        writers = [stack.enter_context(_writing(version, rate, played)) for version in versions]
        done = 0
        for slot, frame in played.frames():
            if cancelled():
                raise MediaCancelled
            for writer in writers:
                writer.write(slot, frame)
            done = slot + 1
            if played.track is not None:
                _write_sound(writers, played.track.blocks(samples_at(done, rate)))
            if done % PROGRESS_STEP == 0:
                progress(done, max(done, played.total))
        if played.track is not None:
            _write_sound(writers, played.track.finish(samples_at(done, rate)))
    progress(done, done)
    return done


def _writing(version: _Version, rate: Fraction, played: Playable) -> AbstractContextManager[MovieWriter]:
    has_sound = played.track is not None
    return writing(version.target, version.width, version.height, rate, version.quality, has_sound=has_sound)


def _write_sound(writers: list[MovieWriter], blocks: Iterable[AudioFrame]) -> None:
    for block in blocks:
        for writer in writers:
            writer.write_sound(block)
