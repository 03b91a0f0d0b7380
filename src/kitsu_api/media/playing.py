"""Playing a source at a constant rate: its frames by their slot, and its sound beside them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

from kitsu_api.media.containers import readable, video_of
from kitsu_api.media.frames import Decoder, Numbered, Slots, Upright
from kitsu_api.media.probing import exact_rate, pixel_shape, shown_size
from kitsu_api.media.sound import SoundTrack, sound_of


class Playable(Protocol):
    """What can be played: frames by number, and a sound track that fills up while they are taken."""

    total: int
    track: SoundTrack | None
    shown: tuple[int, int]

    def frames(self) -> Iterator[Numbered]:
        """Upright frames and their slots, from 0 on without a gap."""
        ...


class Playback:
    """A movie that is played once from its beginning.

    `total` is the number of frames to expect, `shown` the size in which they are to be shown, known from the
    first frame on.
    """

    def __init__(self, container: InputContainer, rate: Fraction, *, keep_wide: bool = True) -> None:
        self._container = container
        self._video = video_of(container)
        self._audio = sound_of(container)
        self._slots = Slots(rate, exact_rate(self._video))
        self._chain = Upright(keep_wide=keep_wide)
        self.track = None if self._audio is None else SoundTrack()
        self.shown = (0, 0)
        self.total = max(1, round(self._video.frames * rate / exact_rate(self._video)))

    def frames(self) -> Iterator[Numbered]:
        """Upright frames and their slots. Raises BrokenMedia, MediaTooLarge."""
        decoder = Decoder(self._video)
        streams = [stream for stream in (self._video, self._audio) if stream is not None]
        packets = self._container.demux(streams)
        while True:
            # the consumer's errors aren't the movie's, so nothing is yielded in here
            with readable():
                packet = next(packets, None)
                if packet is None:
                    break
                if packet.stream.index != self._video.index:
                    self._hear(packet)
                    continue
                frames = decoder.decode(packet)
                if frames and self.shown == (0, 0):
                    self.shown = shown_size(frames[0], pixel_shape(self._video))
                seen = [one for frame in frames for one in self._chain.feed(frame)]
            yield from self._settled(seen)
        with readable():
            seen = self._chain.flush()
        yield from self._settled(seen)
        decoder.check()
        yield from self._slots.flush()

    def _settled(self, seen: list[VideoFrame]) -> Iterator[Numbered]:
        for frame in seen:
            is_first = self._slots.start is None
            yield from self._slots.feed(frame)
            if is_first and self.track is not None and self._slots.start is not None:
                self.track.begin(self._slots.start)

    def _hear(self, packet: Packet[Stream]) -> None:
        assert self.track is not None
        try:
            sounds = packet.decode()
        except FFmpegError:
            # a damaged packet of sound leaves a moment of silence
            return
        for sound in sounds:
            if isinstance(sound, AudioFrame):
                self.track.feed(sound)
