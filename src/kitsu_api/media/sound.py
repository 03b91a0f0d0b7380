"""Sound of exactly the length of the pictures."""

from __future__ import annotations

import math
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
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame


class SoundTrack:
    """Collects decoded sound and gives it back in blocks, from a given time to a given sample.

    What comes before the beginning is cut off, gaps and what is missing at the end are silence.
    """

    def __init__(self) -> None:
        self._resampler = _resampler()
        self._fed = False
        self._fifo = AudioFifo()
        self._begin: Fraction | None = None
        self._early: list[AudioFrame] = []
        # samples that belong before the beginning and are still to be dropped
        self._drop = 0
        self._written = 0
        self._given = 0

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
            self._write(part)

    def blocks(self, until: int) -> list[AudioFrame]:
        """Whole blocks of 1024 samples that lie before sample `until` and are there."""
        blocks = []
        while self._given + BLOCK <= min(until, self._written):
            blocks.append(self._read(BLOCK))
        return blocks

    def finish(self, total: int) -> list[AudioFrame]:
        """The rest up to sample `total`, filled up with silence; the last block may be shorter."""
        self._drain()
        self._pad(total - self._written)
        blocks = []
        while self._given < total:
            blocks.append(self._read(min(BLOCK, total - self._given)))
        return blocks

    def _drain(self) -> None:
        if self._fed:
            self._fed = False
            for part in self._resampler.resample(None):
                self._write(part)

    def _align(self, time: Fraction) -> None:
        """Make up for what lies between the end of what came and the beginning of what comes."""
        position = math.floor(time * SAMPLE_RATE)
        if self._written == 0 and self._drop == 0 and position < 0:
            self._drop = -position
        elif position - self._written > (GAP * SAMPLE_RATE if self._written else 0):
            self._pad(position - self._written)

    def _pad(self, samples: int) -> None:
        while samples > 0:
            part = silence(min(samples, SAMPLE_RATE))
            self._fifo.write(part)
            self._written += part.samples
            samples -= part.samples

    def _write(self, frame: AudioFrame) -> None:
        frame.pts = None
        self._fifo.write(frame)
        self._written += frame.samples
        if self._drop:
            dropped = self._fifo.read(min(self._drop, self._written - self._given))
            if dropped is not None:
                self._drop -= dropped.samples
                self._written -= dropped.samples

    def _read(self, samples: int) -> AudioFrame:
        block = self._fifo.read(samples)
        assert block is not None
        block.pts, block.time_base = self._given, Fraction(1, SAMPLE_RATE)
        self._given += samples
        return block


def _resampler() -> AudioResampler:
    return AudioResampler(format=SAMPLE_FORMAT, layout=LAYOUT, rate=SAMPLE_RATE)
