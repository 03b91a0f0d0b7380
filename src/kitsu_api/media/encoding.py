"""Writing MP4 that any browser plays: H.264 High with yuv420p, AAC, the index in front, a constant rate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from kitsu_api.media.colours import BT709, LIMITED_RANGE, UNSPECIFIED
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.sound import LAYOUT, SAMPLE_FORMAT, SAMPLE_RATE
from kitsu_api.media.writing import replacing

PIXELS: Final = "yuv420p"
MBIT: Final = 1_000_000
SOUND_BITRATE: Final = 192_000
# quality at which the bit rate is not the limit, so that simple pictures take little room:
# to the eye without loss for the high definition, good for the low one
HIGH_QUALITY: Final = 15
LOW_QUALITY: Final = 20
# the largest side that the encoder takes
LARGEST_SIDE: Final = 16_384


@dataclass(frozen=True)
class Quality:
    """How pictures are encoded.

    `bitrate` is a ceiling in bits a second, kept over a buffer of `buffer` seconds; `factor` is the constant
    rate factor of x264, `preset` its preset.
    """

    bitrate: int
    factor: int
    preset: str
    buffer: float

    def options(self, rate: Fraction) -> dict[str, str]:
        """Options of libx264: a key frame each second, since reviewers jump to and fro."""
        return {
            "preset": self.preset,
            "profile": "high",
            # what makes it that profile even with the fastest presets, which would do without
            "8x8dct": "1",
            "crf": str(self.factor),
            "maxrate": str(self.bitrate),
            "bufsize": str(round(self.bitrate * self.buffer)),
            "forced-idr": "1",
            "g": str(max(1, round(rate))),
        }


def even(length: float) -> int:
    """The nearest even number from 2 on, since chroma has half the resolution."""
    return max(2, round(length / 2) * 2)


class MovieWriter:
    """One MP4 that is being written: pictures by their slot, sound by blocks, both from 0 on."""

    def __init__(
        self, path: Path, width: int, height: int, rate: Fraction, quality: Quality, *, has_sound: bool
    ) -> None:
        self._container = open_mp4(path, rate)
        self._rate = rate
        self._video: VideoStream = self._container.add_stream("libx264", rate=rate)
        context = self._video.codec_context
        context.width, context.height, context.pix_fmt = width, height, PIXELS
        context.time_base = 1 / rate
        context.options = quality.options(rate)
        context.thread_count = 0
        context.thread_type = "FRAME"
        self._audio: AudioStream | None = None
        if has_sound:
            self._audio = self._container.add_stream("aac", rate=SAMPLE_RATE)
            self._audio.codec_context.layout = LAYOUT
            self._audio.codec_context.format = SAMPLE_FORMAT
            self._audio.codec_context.bit_rate = SOUND_BITRATE
        self._scaler = VideoReformatter()
        self._tagged = False
        self.frames = 0

    def write(self, slot: int, frame: VideoFrame, *, is_cut: bool = False) -> None:
        """Encode an upright frame, scaled to the size of the movie; a cut begins with a key frame."""
        context = self._video.codec_context
        picture = scaled(frame, context.width, context.height, self._scaler)
        if not self._tagged:
            self._tag(picture)
        picture.pts, picture.time_base = slot, 1 / self._rate
        picture.pict_type = PictureType.I if is_cut else PictureType.NONE
        for packet in self._video.encode(picture):
            self._container.mux(packet)
        self.frames += 1

    def write_sound(self, block: AudioFrame) -> None:
        """Encode a block of 1024 samples; only the very last may be shorter."""
        if self._audio is not None:
            self._container.mux(self._audio.encode(block))

    def finish(self) -> None:
        """Write what the encoders hold, and the index."""
        self._container.mux(self._video.encode(None))
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))
        self._container.close()

    def abandon(self) -> None:
        """Let go of the file after an error."""
        try:
            self._container.close()
        except (FFmpegError, ValueError):
            return

    def _tag(self, frame: VideoFrame) -> None:
        """The tags of the first frame are those of the movie; a player guesses what isn't tagged."""
        context = self._video.codec_context
        context.colorspace = BT709
        context.color_range = LIMITED_RANGE
        context.color_primaries = BT709 if frame.color_primaries in UNSPECIFIED else frame.color_primaries
        context.color_trc = BT709 if frame.color_trc in UNSPECIFIED else frame.color_trc
        self._tagged = True


def open_mp4(path: Path, rate: Fraction) -> OutputContainer:
    """An MP4 for writing whose times are exact multiples of a frame, in its edit list too."""
    scale = rate.numerator
    while scale < 10_000:
        scale *= 2
    return av.open(
        str(path.absolute()),
        "w",
        format="mp4",
        options={
            "movflags": "+faststart+write_colr",
            "movie_timescale": str(scale),
            "video_track_timescale": str(scale),
        },
    )


def scaled(frame: VideoFrame, width: int, height: int, scaler: VideoReformatter) -> VideoFrame:
    """The frame in that size, as yuv420p of limited range by BT.709; itself if it is that."""
    return scaler.reformat(
        frame,
        width,
        height,
        format=PIXELS,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.BICUBIC,
    )


@contextmanager
def writing(
    target: Path, width: int, height: int, rate: Fraction, quality: Quality, *, has_sound: bool
) -> Iterator[MovieWriter]:
    """A movie that takes the place of the target when all went well. Raises BrokenMedia for no frames."""
    with replacing(target) as part:
        writer = MovieWriter(part, width, height, rate, quality, has_sound=has_sound)
        try:
            yield writer
            if not writer.frames:
                raise BrokenMedia("The movie has no frames.")
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
