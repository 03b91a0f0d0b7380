"""Sound of exactly the length of the pictures."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

SAMPLE_RATE: Final = 48_000
SAMPLE_FORMAT: Final = "fltp"
LAYOUT: Final = "stereo"
CHANNELS: Final = 2
BYTES_PER_SAMPLE: Final = 4
# samples in a frame of AAC
BLOCK: Final = 1024
# shorter gaps between packets are rounded time stamps
GAP: Final = Fraction(1, 10)


def sound_of(container: InputContainer) -> AudioStream | None:
    """The track to be heard: the default one, else the first; None when there is none that can be decoded."""
    tracks = [stream for stream in container.streams.audio if stream.codec_context and stream.rate]
    marked = [track for track in tracks if track.disposition & Disposition.default]
    return next(iter(marked or tracks), None)


def samples_at(frames: int, rate: Fraction) -> int:
    """The sample that begins with a frame; rounding never adds up, since it is always counted from 0."""
    return math.floor(frames * SAMPLE_RATE / rate + Fraction(1, 2))


def silence(samples: int) -> AudioFrame:
    """Samples of nothing."""
    frame = AudioFrame(format=SAMPLE_FORMAT, layout=LAYOUT, samples=samples)
    frame.sample_rate = SAMPLE_RATE
    frame.time_base = Fraction(1, SAMPLE_RATE)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame


class Tape:
    """Sound that is collected in pieces of any length and given back in blocks.

    Silence is kept as a number until it is asked for: a file may claim a gap of years.
    """

    def __init__(self) -> None:
        self._pieces: deque[AudioFrame | int] = deque()
        self._staged = AudioFifo()
        self._is_staged = False
        self._drop = 0
        # samples that came, and samples that were given back
        self.written = 0
        self._given = 0

    def add(self, piece: AudioFrame | int) -> None:
        """Sound at 48 kHz, stereo, as planar floats; or a number of samples of silence."""
        samples = piece if isinstance(piece, int) else piece.samples
        if samples > 0:
            self._pieces.append(piece)
            self.written += samples

    def drop(self, samples: int) -> None:
        """Leave out the first samples of what comes."""
        self._drop = samples
        self.written = -samples

    def blocks(self, until: int) -> Iterator[AudioFrame]:
        """Whole blocks of 1024 samples that lie before sample `until` and are there."""
        while self._given + BLOCK <= min(until, self.written):
            yield self._read(BLOCK)

    def rest(self, total: int) -> Iterator[AudioFrame]:
        """What is left up to sample `total`, filled up with silence; the last block may be shorter."""
        self.add(total - self.written)
        while self._given < total:
            yield self._read(min(BLOCK, total - self._given))

    def _read(self, samples: int) -> AudioFrame:
        while self._staged_samples() < samples:
            piece = self._pieces.popleft()
            if isinstance(piece, int):
                part = silence(min(piece, SAMPLE_RATE))
                if piece > part.samples:
                    self._pieces.appendleft(piece - part.samples)
            else:
                part = piece
            part.pts = None
            self._staged.write(part)
            self._is_staged = True
            if self._drop:
                self._drop -= self._taken(min(self._drop, part.samples)).samples
        block = self._taken(samples)
        block.pts, block.time_base = self._given, Fraction(1, SAMPLE_RATE)
        self._given += samples
        return block

    def _staged_samples(self) -> int:
        # the queue can't tell before it has held something
        return self._staged.samples if self._is_staged else 0

    def _taken(self, samples: int) -> AudioFrame:
        block = self._staged.read(samples)
        assert block is not None
        return block


class SoundTrack:
    """Decoded sound of a movie, from the time at which its pictures begin.

    What comes before that is cut off, gaps are filled with silence.
    """

    def __init__(self) -> None:
        self._resampler = _resampler()
        self._fed = False
        self._tape = Tape()
        self._begin: Fraction | None = None
        self._early: list[AudioFrame] = []

    def begin(self, time: Fraction) -> None:
        """The time, in seconds of the source, of the first sample that is given back."""
        self._begin = time
        early, self._early = self._early, []
        for frame in early:
            self.feed(frame)

    def feed(self, frame: AudioFrame) -> None:
        """Take a decoded frame in. Until the beginning is known it is kept as it is."""
        if self._begin is None:
            self._early.append(frame)
            return
        if frame.pts is not None and frame.time_base:
            self._align(frame.pts * Fraction(frame.time_base) - self._begin)
        frame.pts = None
        try:
            parts = self._resampler.resample(frame)
        except ValueError:
            # the sound changes its rate or its channels on the way
            self._drain()
            self._resampler = _resampler()
            parts = self._resampler.resample(frame)
        self._fed = True
        for part in parts:
            self._tape.add(part)

    def blocks(self, until: int) -> Iterator[AudioFrame]:
        """Whole blocks of 1024 samples that lie before sample `until` and are there."""
        return self._tape.blocks(until)

    def finish(self, total: int) -> Iterator[AudioFrame]:
        """The rest up to sample `total`, filled up with silence; the last block may be shorter."""
        self._drain()
        return self._tape.rest(total)

    def _drain(self) -> None:
        if self._fed:
            self._fed = False
            for part in self._resampler.resample(None):
                self._tape.add(part)

    def _align(self, time: Fraction) -> None:
        """Make up for what lies between the end of what came and the beginning of what comes."""
        position = math.floor(time * SAMPLE_RATE)
        if self._tape.written == 0 and not self._fed:
            if position < 0:
                self._tape.drop(-position)
            else:
                self._tape.add(position)
        elif position - self._tape.written > GAP * SAMPLE_RATE:
            self._tape.add(position - self._tape.written)


def _resampler() -> AudioResampler:
    return AudioResampler(format=SAMPLE_FORMAT, layout=LAYOUT, rate=SAMPLE_RATE)
