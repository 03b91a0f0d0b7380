"""Movies that browsers play as they are: nothing is encoded, only the index is moved to the front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from av.bitstream import BitStreamFilterContext
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from kitsu_api.media.colours import BT709, LIMITED_RANGE, UNSPECIFIED
from kitsu_api.media.containers import base_of, open_movie, readable, video_of
from kitsu_api.media.encoding import PIXELS, open_mp4
from kitsu_api.media.errors import MediaCancelled
from kitsu_api.media.probing import exact_rate, first_frame, pixel_shape, turns_of
from kitsu_api.media.sound import sound_of
from kitsu_api.media.writing import replacing

MBIT: Final = 1_000_000
# tags that a copy may keep: BT.709, and the primaries of displays
PLAYABLE_PRIMARIES: Final = (BT709, 11, 12, *UNSPECIFIED)
TAG: Final = "h264_metadata=" + ":".join(
    ("colour_primaries=1", "transfer_characteristics=1", "matrix_coefficients=1", "video_full_range_flag=0")
)


@dataclass(frozen=True)
class Readiness:
    """What a copy of a movie would be; `None` in place of it when a copy wouldn't do."""

    width: int
    height: int
    rate: Fraction
    frames: int
    bits_a_second: float


def readiness(source: Path) -> Readiness | None:
    """Whether browsers play a movie as it is, at a constant rate; it is read once, not decoded.

    Raises BrokenMedia.
    """
    with open_movie(source) as container:
        stream = video_of(container)
        if "mp4" not in container.format.name or not _is_playable(container, stream):
            return None
        frame = first_frame(container, stream)
        if turns_of(frame) or pixel_shape(stream) != 1 or frame.interlaced_frame:
            return None
        rate = exact_rate(stream)
    with open_movie(source) as container:
        stream = video_of(container)
        times, size = _times(container, stream, rate)
    if times is None:
        return None
    return Readiness(frame.width, frame.height, rate, times, size * 8 / float(times / rate))


def remux(
    source: Path,
    target: Path,
    facts: Readiness,
    *,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> None:
    """Copy pictures and sound into an MP4 with its index in front. Raises MediaCancelled, BrokenMedia."""
    with replacing(target) as part, open_movie(source) as container, open_mp4(part, facts.rate) as output:
        video, audio = video_of(container), sound_of(container)
        copies: dict[int, Stream] = {video.index: output.add_stream_from_template(video)}
        if audio is not None:
            copies[audio.index] = output.add_stream_from_template(audio)
        tagger = _tagger(video, copies[video.index])
        end = facts.frames / facts.rate
        done = 0
        with readable():
            for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
                if packet.dts is None:
                    continue
                is_picture = packet.stream.index == video.index
                late = packet.pts is not None and packet.pts * base_of(packet) >= end
                if not is_picture and late:
                    continue
                copy = copies[packet.stream.index]
                _mux(output, packet, copy, tagger if is_picture else None)
                done += is_picture
                if is_picture and done % 50 == 0:
                    progress(done, facts.frames)
                if cancelled():
                    raise MediaCancelled
            if tagger is not None:
                output.mux([_of(packet, copies[video.index]) for packet in tagger.filter(None)])
        progress(facts.frames, facts.frames)


def _is_playable(container: InputContainer, stream: VideoStream) -> bool:
    context = stream.codec_context
    audio = sound_of(container)
    return (
        context.name == "h264"
        and context.pix_fmt == PIXELS
        and (audio is None or audio.codec_context.name == "aac")
        and (context.colorspace == BT709 or context.colorspace in UNSPECIFIED)
        and context.color_primaries in PLAYABLE_PRIMARIES
        and context.color_range in (LIMITED_RANGE, 0)
        and context.width % 2 == context.height % 2 == 0
    )


def _times(container: InputContainer, stream: VideoStream, rate: Fraction) -> tuple[int | None, int]:
    """Number of frames, None unless each lies on its place and no edit list cuts some; and bytes."""
    stamps = []
    size = 0
    base = base_of(stream)
    with readable():
        for packet in container.demux(stream):
            if not packet.size:
                continue
            if packet.is_discard or packet.pts is None or packet.is_corrupt:
                return None, 0
            stamps.append(packet.pts)
            size += packet.size
    stamps.sort()
    exact = len(stamps) == stream.frames and all(
        abs(stamp * base * rate - number) < Fraction(1, 4) for number, stamp in enumerate(stamps)
    )
    return (len(stamps) if exact and stamps else None), size


def _tagger(video: VideoStream, copy: Stream) -> BitStreamFilterContext | None:
    """Writes BT.709 into pictures that say nothing about their colours."""
    context = video.codec_context
    if context.colorspace not in UNSPECIFIED and context.color_primaries not in UNSPECIFIED:
        return None
    return BitStreamFilterContext(TAG, video, copy)


def _mux(
    output: OutputContainer, packet: Packet[Any], copy: Stream, tagger: BitStreamFilterContext | None
) -> None:
    for ready in [packet] if tagger is None else tagger.filter(packet):
        output.mux(_of(ready, copy))


def _of(packet: Packet[Any], stream: Stream) -> Packet[Any]:
    packet.stream = stream
    return packet
