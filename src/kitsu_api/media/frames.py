"""Frames of a movie as they are to be seen, at a constant rate, and single ones of them as pictures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from av.container import InputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from PIL import Image

from kitsu_api.media.colours import declare, filters_to_bt709
from kitsu_api.media.containers import base_of, open_movie, readable, video_of
from kitsu_api.media.errors import BrokenMedia, MediaTooLarge
from kitsu_api.media.pictures import THUMBNAIL, cover, save_png
from kitsu_api.media.probing import exact_rate, first_frame, pixel_shape, shown_size, turns_of

Numbered = tuple[int, VideoFrame]

# seconds by which time stamps in milliseconds may be off
ROUNDING: Final = Fraction(6, 10_000)
# longer movies are refused: a file of two frames may claim to last for years
LONGEST: Final = 12 * 3600
# share of packets that may be damaged before a movie counts as broken
TOLERATED: Final = Fraction(1, 20)
SHARP: Final = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


class Upright:
    """Makes decoded frames progressive, upright and BT.709. The filters follow changes in mid-stream."""

    def __init__(self, *, keep_wide: bool = True) -> None:
        self._keep_wide = keep_wide
        self._interlaced = False
        self._key: tuple[object, ...] = ()
        self._graph: Graph | None = None

    def feed(self, frame: VideoFrame) -> list[VideoFrame]:
        """Frames that are ready after this one came; deinterlacing holds one back."""
        declare(frame)
        self._interlaced = self._interlaced or frame.interlaced_frame
        filters = (
            *(("bwdif=mode=send_frame:deint=interlaced",) if self._interlaced else ()),
            *turns_of(frame),
            *filters_to_bt709(frame, keep_wide=self._keep_wide),
        )
        key = (filters, frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        ready = []
        if key != self._key:
            ready = self.flush()
            self._key = key
            self._graph = _graph(frame, filters) if filters else None
        if self._graph is None:
            return [*ready, frame]
        self._graph.vpush(frame)
        return [*ready, *_pulled(self._graph)]

    def flush(self) -> list[VideoFrame]:
        """Frames that were held back."""
        if self._graph is None:
            return []
        self._graph.vpush(None)
        rest = _pulled(self._graph)
        self._graph, self._key = None, ()
        return rest


def _graph(frame: VideoFrame, filters: tuple[str, ...]) -> Graph:
    graph = Graph()
    base = base_of(frame)
    last = graph.add(
        "buffer",
        f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:pixel_aspect=1/1"
        f":time_base={base.numerator}/{base.denominator}:colorspace={frame.colorspace}:range={frame.color_range}",
    )
    for description in ",".join(filters).split(","):
        name, _, arguments = description.partition("=")
        step = graph.add(name, arguments or None)
        last.link_to(step)
        last = step
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph


def _pulled(graph: Graph) -> list[VideoFrame]:
    frames = []
    while True:
        try:
            frames.append(graph.vpull())
        except (BlockingIOError, EOFError):
            return frames


def decoded(
    container: InputContainer, stream: VideoStream, *, from_start: bool = True
) -> Iterator[VideoFrame]:
    """The frames of a stream. Single damaged packets are skipped; raises BrokenMedia when there are many.

    From the start on, a movie that ends before its index says is broken as well.
    """
    decoder = Decoder(stream)
    with readable():
        for packet in container.demux(stream):
            yield from decoder.decode(packet)
    if from_start:
        decoder.check()


class Decoder:
    """Decodes the packets of one stream of pictures and keeps account of damage."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._seen = 0
        self._damaged = 0

    def decode(self, packet: Packet[Any]) -> list[VideoFrame]:
        """Frames that this packet completes."""
        self._seen += bool(packet.size)
        try:
            return packet.decode()
        except FFmpegError:
            self._damaged += 1
            if self._damaged > 3 + self._seen * TOLERATED:
                raise
            return []

    def check(self) -> None:
        """To be called at the end: raises BrokenMedia when the index promised more than there was."""
        if self._seen < self._stream.frames * (1 - TOLERATED) or self._damaged * 2 > self._seen:
            raise BrokenMedia("The movie is damaged or cut off.")


def upright(frames: Iterable[VideoFrame], *, keep_wide: bool = True) -> Iterator[VideoFrame]:
    """The frames through `Upright`."""
    chain = Upright(keep_wide=keep_wide)
    for frame in frames:
        with readable():
            ready = chain.feed(frame)
        yield from ready
    with readable():
        ready = chain.flush()
    yield from ready


class Slots:
    """Assigns frames to the slots of a constant rate: slot n shows what is seen at n / rate.

    Time begins with the first frame. Frames that come too fast are dropped, those that stay are repeated;
    where the source has the same rate, each gets one slot even if its time stamps are rounded.
    """

    def __init__(self, rate: Fraction, source_rate: Fraction) -> None:
        self.start: Fraction | None = None
        self._rate = rate
        self._step = 1 / source_rate
        self._same = rate == source_rate
        # where the slots are the source's own, its time stamps may be as rough as they like
        self._tolerance = Fraction(1, 2) if self._same else rate * ROUNDING
        self._held: VideoFrame | None = None
        self._next = 0
        self._end = Fraction(0)

    def feed(self, frame: VideoFrame) -> Iterator[Numbered]:
        """Slots that are settled now that this frame came: of a gap of hours, millions."""
        time = frame.pts * base_of(frame) if frame.pts is not None else self._end
        if self.start is None:
            self.start = self._end = time
        slot = math.ceil((time - self.start) * self._rate - self._tolerance)
        if slot > LONGEST * self._rate:
            raise MediaTooLarge(f"The movie lasts longer than {LONGEST // 3600} hours.")
        ready = self._until(slot)
        self._held = frame
        duration = frame.duration * base_of(frame) if frame.duration else self._step
        if self._same or duration > LONGEST:
            duration = self._step
        self._end = time + duration
        return ready

    def flush(self) -> Iterator[Numbered]:
        """The slots of the last frame."""
        if self._held is None or self.start is None:
            return iter(())
        end = math.floor((self._end - self.start) * self._rate + Fraction(1, 2))
        return self._until(max(end, self._next + (self._next == 0)))

    def _until(self, slot: int) -> Iterator[Numbered]:
        held = self._held
        if held is None:
            return iter(())
        numbers = range(self._next, slot)
        self._next = max(self._next, slot)
        return ((number, held) for number in numbers)


def constant_rate(frames: Iterable[VideoFrame], rate: Fraction, source_rate: Fraction) -> Iterator[Numbered]:
    """The frames through `Slots`."""
    slots = Slots(rate, source_rate)
    for frame in frames:
        yield from slots.feed(frame)
    yield from slots.flush()


def read_frame(movie: Path, number: int) -> Image.Image:
    """The frame that is shown at `number` divided by the rate, as RGB in sRGB, as large as it is shown.

    Counting begins with 0. Raises BrokenMedia, also when the movie is shorter.
    """
    # a seek may land behind its aim where the index is rough: then further back, at last from the beginning
    for back in (Fraction(0), Fraction(10), None) if number > 0 else (None,):
        with open_movie(movie) as container:
            stream = video_of(container)
            start = None if back is None else _seek(container, stream, number, back)
            if back is not None and start is None:
                continue
            frame = _search(decoded(container, stream, from_start=False), number, exact_rate(stream), start)
            if frame is not None:
                return _as_seen(frame, shown_size(frame, pixel_shape(stream)))
    raise BrokenMedia(f"The movie has no frame {number}.")


def extract_frame(movie: Path, number: int, target: Path) -> None:
    """Write the frame of that number, counted from 0, as PNG. Raises BrokenMedia, also when there is none."""
    save_png(read_frame(movie, number), target)


def make_frame_thumbnail(movie: Path, number: int, target: Path, size: tuple[int, int] = THUMBNAIL) -> None:
    """Write a thumbnail of the frame of that number. Raises BrokenMedia as `extract_frame`."""
    save_png(cover(read_frame(movie, number), size), target)


def to_picture(
    frame: VideoFrame, size: tuple[int, int], scaler: VideoReformatter | None = None
) -> Image.Image:
    """An upright frame as RGB of that size. Pass a scaler along when there are many frames."""
    scaler = scaler or VideoReformatter()
    rgb = scaler.reformat(
        frame,
        *size,
        format="rgb24",
        dst_color_range=ColorRange.JPEG,
        interpolation=SHARP,
    )
    picture: Image.Image = rgb.to_image()  # type: ignore[no-untyped-call]  # for Pillow it has no types
    return picture


def _as_seen(frame: VideoFrame, size: tuple[int, int]) -> Image.Image:
    chain = Upright(keep_wide=False)
    with readable():
        seen = [*chain.feed(frame), *chain.flush()]
    if not seen:
        raise BrokenMedia("The frame can't be shown.")
    return to_picture(seen[0], size)


def _seek(container: InputContainer, stream: VideoStream, number: int, back: Fraction) -> Fraction | None:
    """Go to so many seconds before a frame; the time of the first one. None when there is nothing to skip."""
    first = first_frame(container, stream)
    if first.pts is None:
        return None
    start = first.pts * base_of(first)
    aim = start + number / exact_rate(stream) - back
    if aim <= start:
        return None
    with readable():
        container.seek(math.floor(aim / base_of(stream)), stream=stream)
    return start


def _search(
    frames: Iterable[VideoFrame], number: int, rate: Fraction, start: Fraction | None
) -> VideoFrame | None:
    """The last frame whose slot is not past the number; None when all are past it.

    Without `start` the first frame is that of the movie. Raises BrokenMedia when the movie ends before.
    """
    held: tuple[int, VideoFrame] | None = None
    for count, frame in enumerate(frames):
        time = None if frame.pts is None else frame.pts * base_of(frame)
        if start is None and time is not None:
            start = time - count / rate
        slot = count if time is None or start is None else math.floor((time - start) * rate + Fraction(1, 2))
        if slot > number:
            return held[1] if held else None
        held = (slot, frame)
    if held is None:
        return None
    duration = held[1].duration * base_of(held[1]) * rate if held[1].duration else Fraction(1)
    if number < held[0] + max(1, math.floor(duration + Fraction(1, 2))):
        return held[1]
    raise BrokenMedia(f"The movie has no frame {number}.")
