"""Tiny movies whose frames say their number, in blocks that survive scaling and compression."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image, ImageDraw

BITS = 8
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60)]
BACKGROUND = (90, 90, 90)


def numbered(number: int, width: int = 96, height: int = 54) -> Image.Image:
    """A picture that says a number below 256: eight blocks in the middle band, white for 1."""
    picture = Image.new("RGB", (width, height), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    for bit in range(BITS):
        left, right = round(bit * width / BITS), round((bit + 1) * width / BITS) - 1
        shade = 235 if number >> bit & 1 else 20
        draw.rectangle((left, height // 3, right, height * 2 // 3), fill=(shade, shade, shade))
    return picture


def number_of(picture: Image.Image) -> int:
    """The number that such a picture says, however it was scaled."""
    grey = picture.convert("L")
    total = 0
    for bit in range(BITS):
        shade = grey.getpixel((round((bit + 0.5) * grey.width / BITS), grey.height // 2))
        assert isinstance(shade, int)
        assert shade < 100 or shade > 150, f"block {bit} is neither black nor white: {shade}"
        total |= (shade > 128) << bit
    return total


@dataclass
class Recipe:
    """How a test movie is made; `times` are the frames' time stamps in milliseconds, for a variable rate."""

    frames: int = 12
    rate: Fraction = Fraction(25)
    width: int = 96
    height: int = 54
    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "crf": "12"})
    container: dict[str, str] = field(default_factory=dict)
    first: int = 0
    sound: float | None = None
    sound_codec: str = "aac"
    tracks: int = 1
    default_track: int | None = None
    layout: str = "stereo"
    channel: int | None = None
    times: list[int] | None = None
    matrix: Colorspace = Colorspace.ITU709
    full_range: bool = False
    tags: tuple[int, int, int] | None = None
    shape: Fraction | None = None
    rotation: float | None = None
    interlaced: bool = False
    picture: Callable[[int, int, int], Image.Image] = numbered


def make_movie(path: Path, recipe: Recipe | None = None, **changes: object) -> Path:
    """Write a movie; `changes` are fields of the recipe."""
    recipe = recipe or Recipe(**changes)  # type: ignore[arg-type]
    with av.open(str(path), "w", options=recipe.container) as container:
        video = container.add_stream(recipe.codec, rate=recipe.rate, options=recipe.options)
        video.width, video.height, video.pix_fmt = recipe.width, recipe.height, recipe.pixels
        if recipe.times is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        if recipe.tags is not None:
            context = video.codec_context
            context.color_primaries, context.color_trc, context.colorspace = recipe.tags
            context.color_range = 2 if recipe.full_range else 1
        if recipe.shape is not None:
            video.codec_context.sample_aspect_ratio = recipe.shape
        if recipe.rotation is not None:
            video.set_display_rotation(recipe.rotation)
        tracks = []
        if recipe.sound is not None:
            for position in range(recipe.tracks):
                track = container.add_stream(recipe.sound_codec, rate=48000)
                track.codec_context.layout = recipe.layout
                if recipe.default_track is not None:
                    is_default = position == recipe.default_track
                    track.disposition = Disposition.default if is_default else Disposition(0)
                tracks.append(track)
        for number in range(recipe.frames):
            frame = _frame(recipe, number)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for position, track in enumerate(tracks):
            tone = beep(recipe.sound or 0, 440 * (position + 1), layout=recipe.layout, channel=recipe.channel)
            for sound in tone:
                container.mux(track.encode(sound))
            container.mux(track.encode(None))
    return path


def _frame(recipe: Recipe, number: int) -> VideoFrame:
    picture = recipe.picture(recipe.first + number, recipe.width, recipe.height)
    frame = VideoFrame.from_image(picture).reformat(
        format="yuv444p" if recipe.full_range else recipe.pixels,
        dst_colorspace=recipe.matrix,
        dst_color_range=ColorRange.JPEG if recipe.full_range else ColorRange.MPEG,
    )
    if recipe.full_range:
        # at once, the scaler gives grey a tinge
        frame = frame.reformat(format=recipe.pixels)
    frame.pts = number if recipe.times is None else recipe.times[number]
    frame.time_base = 1 / recipe.rate if recipe.times is None else Fraction(1, 1000)
    return frame


def beep(
    seconds: float,
    frequency: float = 440,
    level: float = 0.5,
    *,
    layout: str = "stereo",
    channel: int | None = None,
) -> Iterable[AudioFrame]:
    """A tone of exactly so many seconds at 48 kHz, as planar floats, on all channels or on one."""
    total = round(seconds * 48000)
    for start in range(0, total, 1024):
        count = min(1024, total - start)
        frame = AudioFrame(format="fltp", layout=layout, samples=count)
        wave = [level * math.sin(2 * math.pi * frequency * (start + n) / 48000) for n in range(count)]
        data = struct.pack(f"{count}f", *wave)
        for number, plane in enumerate(frame.planes):
            heard = data if channel in (None, number) else b""
            plane.update(heard + bytes(plane.buffer_size - len(heard)))
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        yield frame


def numbers_in(movie: Path) -> list[int]:
    """The numbers that the frames of a movie say, in the order in which they are shown."""
    with av.open(str(movie)) as container:
        return [number_of(frame.to_image()) for frame in container.decode(video=0)]


def times_in(movie: Path) -> list[Fraction]:
    """When the frames of a movie are shown, in seconds."""
    with av.open(str(movie)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def sound_in(movie: Path, channel: int = 0) -> list[float]:
    """The samples of a channel, the left one by default, placed by their time stamps."""
    samples: list[float] = []
    with av.open(str(movie)) as container:
        for frame in container.decode(audio=0):
            position = round(frame.pts * frame.time_base * frame.sample_rate)
            plane = memoryview(bytes(frame.planes[channel])).cast("f")[: frame.samples]
            samples[position:] = plane
    return samples
