"""One movie of many clips of any size, rate and sound, and of stills; exact to the frame and the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from kitsu_api.media.containers import open_movie, readable
from kitsu_api.media.encoding import HIGH_QUALITY, MBIT, MovieWriter, Quality, even, scaled, writing
from kitsu_api.media.errors import BrokenMedia, MediaCancelled, MediaTooLarge
from kitsu_api.media.frames import LONGEST, Numbered
from kitsu_api.media.movies import DEFAULT_BUFFER, DEFAULT_PRESET, PROGRESS_STEP
from kitsu_api.media.playing import Playable, Playback
from kitsu_api.media.probing import MovieFacts, probe
from kitsu_api.media.sequences import MOST_PIXELS
from kitsu_api.media.sound import SoundTrack, Tape, samples_at
from kitsu_api.media.stills import frame_of, read_still


@dataclass(frozen=True)
class Clip:
    """A movie, or a picture that is shown for a number of frames of the joined movie.

    `name` is what an error calls it; without one, its place in the row.
    """

    path: Path
    is_picture: bool = False
    frames_if_picture: int = 0
    name: str | None = None


def join(
    clips: Sequence[Clip],
    target: Path,
    *,
    width: int,
    height: int,
    rate: Fraction,
    bitrate: int = 28,
    preset: str = DEFAULT_PRESET,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> MovieFacts:
    """Write the clips one after the other; each is fitted into `width` x `height` with black around it.

    Where at least one clip has sound the movie has; the others are silent for exactly their length. `bitrate`
    is a ceiling in Mbit/s. `progress` is told frames done and in all, `cancelled` is asked at each frame.
    Raises BrokenMedia, whose message tells the clip, MediaTooLarge, MediaCancelled; no half movie is left.
    """
    if not clips:
        raise BrokenMedia("There are no clips to join.")
    width, height = even(width), even(height)
    total, has_sound = _survey(clips, rate)
    quality = Quality(bitrate * MBIT, HIGH_QUALITY, preset, DEFAULT_BUFFER)
    done = 0
    tape = Tape()
    with writing(target, width, height, rate, quality, has_sound=has_sound) as writer:
        for number, clip in enumerate(clips, start=1):
            with _naming(clip, number), _opened(clip, rate) as played:
                begin = done
                for done in _written(played, writer, begin, (width, height)):
                    if cancelled():
                        raise MediaCancelled
                    if played.track is not None:
                        for block in played.track.blocks(samples_at(done, rate) - samples_at(begin, rate)):
                            tape.add(block)
                        _write_sound(writer, tape)
                    if done % PROGRESS_STEP == 0:
                        progress(done, max(done, total))
                length = samples_at(done, rate) - samples_at(begin, rate)
                if played.track is not None:
                    for block in played.track.finish(length):
                        tape.add(block)
                elif has_sound:
                    tape.add(length)
                _write_sound(writer, tape)
        for block in tape.rest(samples_at(done, rate) if has_sound else 0):
            writer.write_sound(block)
    progress(done, done)
    return MovieFacts(width, height, float(done / rate), done, rate, has_sound)


class Letterbox:
    """Scales frames to fit into a size and puts black around them."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._scaler = VideoReformatter()
        self._inner = (0, 0)
        self._graph: Graph | None = None

    def fitted(self, frame: VideoFrame, shown: tuple[int, int]) -> VideoFrame:
        """The frame, which is to be shown in the proportions of `shown`, as yuv420p of the whole size."""
        share = min(Fraction(self._size[0], shown[0]), Fraction(self._size[1], shown[1]))
        inner = (
            min(even(float(shown[0] * share)), self._size[0]),
            min(even(float(shown[1] * share)), self._size[1]),
        )
        small = scaled(frame, *inner, self._scaler)
        if inner == self._size:
            return small
        if inner != self._inner or self._graph is None:
            self._graph, self._inner = self._padding(small), inner
        small.time_base = Fraction(1, 1000)
        small.pts = None
        self._graph.vpush(small)
        return self._graph.vpull()

    def _padding(self, small: VideoFrame) -> Graph:
        width, height = self._size
        # chroma is shared by two pixels and two lines
        left, top = (width - small.width) // 4 * 2, (height - small.height) // 4 * 2
        graph = Graph()
        source = graph.add(
            "buffer",
            f"video_size={small.width}x{small.height}:pix_fmt={small.format.name}:pixel_aspect=1/1"
            f":time_base=1/1000:colorspace={small.colorspace}:range={small.color_range}",
        )
        pad = graph.add("pad", f"{width}:{height}:{left}:{top}:black")
        source.link_to(pad)
        pad.link_to(graph.add("buffersink"))
        graph.configure()
        return graph


class Still:
    """A picture that is played for a number of frames."""

    def __init__(self, path: Path, frames: int) -> None:
        self.total = frames
        self.track: SoundTrack | None = None
        self._picture = read_still(path.read_bytes(), max_pixels=MOST_PIXELS)
        self.shown = self._picture.size

    def frames(self) -> Iterator[Numbered]:
        """The same frame again and again."""
        frame = frame_of(self._picture)
        for number in range(self.total):
            yield number, frame


def _survey(clips: Sequence[Clip], rate: Fraction) -> tuple[int, bool]:
    """About how many frames there will be, and whether there is sound; finds what is broken beforehand."""
    total, has_sound = Fraction(0), False
    for number, clip in enumerate(clips, start=1):
        with _naming(clip, number):
            if clip.is_picture:
                if clip.frames_if_picture < 1:
                    raise BrokenMedia("A picture needs at least one frame.")
                total += clip.frames_if_picture
                continue
            facts = probe(clip.path)
            total += facts.frames * rate / facts.rate
            has_sound = has_sound or facts.has_audio
    if total > LONGEST * rate:
        raise MediaTooLarge(f"The clips last longer than {LONGEST // 3600} hours.")
    return max(1, round(total)), has_sound


@contextmanager
def _naming(clip: Clip, number: int) -> Iterator[None]:
    """Says in the message which clip was broken."""
    try:
        yield
    except BrokenMedia as error:
        raise type(error)(f"{clip.name or f'Clip {number}'}: {error}") from error


@contextmanager
def _opened(clip: Clip, rate: Fraction) -> Iterator[Playable]:
    if clip.is_picture:
        yield Still(clip.path, clip.frames_if_picture)
        return
    with open_movie(clip.path) as container:
        yield Playback(container, rate, keep_wide=False)


def _written(played: Playable, writer: MovieWriter, begin: int, size: tuple[int, int]) -> Iterator[int]:
    """Write the frames of a clip; after each the number of frames of the joined movie so far."""
    box = Letterbox(*size)
    last: tuple[VideoFrame, VideoFrame] | None = None
    for slot, frame in played.frames():
        # frames that are repeated are scaled once
        if last is None or last[0] is not frame:
            with readable():
                last = (frame, box.fitted(frame, played.shown))
        writer.write(begin + slot, last[1], is_cut=slot == 0)
        yield begin + slot + 1


def _write_sound(writer: MovieWriter, tape: Tape) -> None:
    for block in tape.blocks(tape.written):
        writer.write_sound(block)
