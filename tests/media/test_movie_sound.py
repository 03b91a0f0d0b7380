"""Sound: in step with the pictures, exactly as long, and the track that was meant."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from kitsu_api.media.movies import MovieWish, normalise
from kitsu_api.media.sound import SoundTrack, Tape, samples_at, silence, sound_of
from tests.media.clips import RATES, beep, make_movie, sound_in

FAST = MovieWish(preset="ultrafast")
PRORES = {"codec": "prores_ks", "pixels": "yuv422p10le", "options": {}}


def loudness(samples: list[float]) -> float:
    return math.sqrt(sum(value * value for value in samples) / max(1, len(samples)))


def duration_of_sound(movie: Path) -> Fraction:
    with av.open(str(movie)) as container:
        track = container.streams.audio[0]
        return Fraction(track.duration or 0) * track.time_base


def pitch(samples: list[float]) -> float:
    """Rough frequency, by counting how often the sign changes."""
    middle = samples[4096:-4096]
    changes = sum(a < 0 <= b for a, b in pairwise(middle))
    return changes * 48000 / len(middle)


def test_a_movie_without_sound_stays_without(tmp_path: Path) -> None:
    source = make_movie(tmp_path / "source.mov", **PRORES)
    assert not normalise(source, tmp_path / "high.mp4", tmp_path / "low.mp4", FAST).has_audio
    for name in ("high.mp4", "low.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert not container.streams.audio


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3f}")
@pytest.mark.parametrize("seconds", [0.1, 2.0], ids=["too short", "too long"])
def test_sound_is_as_long_as_the_pictures(tmp_path: Path, rate: Fraction, seconds: float) -> None:
    source = make_movie(tmp_path / "source.mov", frames=13, rate=rate, sound=seconds, **PRORES)
    facts = normalise(source, tmp_path / "high.mp4", None, FAST)
    assert facts.has_audio
    # the edit list rounds up to a tick of the movie
    assert 0 <= duration_of_sound(tmp_path / "high.mp4") * 48000 - samples_at(13, rate) <= 2
    heard = sound_in(tmp_path / "high.mp4")
    assert loudness(heard[2000:4000]) == pytest.approx(0.5 / math.sqrt(2), rel=0.1)
    if seconds == 0.1:
        assert loudness(heard[6000 : samples_at(13, rate)]) < 0.01


@pytest.mark.parametrize("codec", ["pcm_s24le", "pcm_s16le", "aac", "libmp3lame", "ac3"])
def test_tracks_of_other_codecs_are_taken(tmp_path: Path, codec: str) -> None:
    source = make_movie(tmp_path / "source.mov", frames=12, sound=0.48, sound_codec=codec, **PRORES)
    normalise(source, tmp_path / "high.mp4", None, FAST)
    assert pitch(sound_in(tmp_path / "high.mp4")) == pytest.approx(440, rel=0.03)


def test_the_default_track_is_heard_else_the_first(tmp_path: Path) -> None:
    source = make_movie(tmp_path / "source.mov", sound=0.48, tracks=2, **PRORES)
    normalise(source, tmp_path / "high.mp4", None, FAST)
    with av.open(str(tmp_path / "high.mp4")) as container:
        assert len(container.streams.audio) == 1
    assert pitch(sound_in(tmp_path / "high.mp4")) == pytest.approx(440, rel=0.03)
    with av.open(str(source)) as container:
        chosen = sound_of(container)
        assert chosen is not None
        assert chosen.index == container.streams.audio[0].index


READY = {"options": {"preset": "ultrafast", "colorprim": "bt709"}, "frames": 25}


@pytest.mark.parametrize(
    ("name", "recipe"),
    [("source.mov", PRORES), ("source.mkv", PRORES), ("ready.mp4", READY)],
    ids=["mov", "mkv", "copied"],
)
def test_the_default_track_is_heard_also_where_it_is_not_the_first(
    tmp_path: Path, name: str, recipe: dict[str, Any]
) -> None:
    source = make_movie(tmp_path / name, sound=1.0, tracks=3, default_track=1, **{**recipe, "frames": 25})
    normalise(source, tmp_path / "high.mp4", tmp_path / "low.mp4", FAST)
    for version in ("high.mp4", "low.mp4"):
        with av.open(str(tmp_path / version)) as container:
            assert len(container.streams.audio) == 1
        assert pitch(sound_in(tmp_path / version)) == pytest.approx(880, rel=0.03)


@pytest.mark.parametrize(
    ("layout", "channel", "left", "right"),
    [
        # one speaker's power is shared by two
        ("mono", None, 0.7, 0.7),
        # as ITU-R BS.775 mixes down: the middle is heard on both sides, and the deep one by nobody
        ("5.1", 0, 1.0, 0.0),
        ("5.1", 2, 0.7, 0.7),
        ("5.1", 3, 0.0, 0.0),
        ("5.1", 4, 0.7, 0.0),
    ],
    ids=["mono", "left", "middle", "deep", "back"],
)
def test_other_numbers_of_channels_become_stereo(
    tmp_path: Path, layout: str, channel: int | None, left: float, right: float
) -> None:
    source = make_movie(
        tmp_path / "source.mov",
        sound=0.48,
        sound_codec="pcm_s16le",
        layout=layout,
        channel=channel,
        **PRORES,
    )
    normalise(source, tmp_path / "high.mp4", None, FAST)
    with av.open(str(tmp_path / "high.mp4")) as container:
        assert container.streams.audio[0].channels == 2
    sides = [loudness(sound_in(tmp_path / "high.mp4", side)[4096:-4096]) for side in (0, 1)]
    full = 0.5 / math.sqrt(2)
    assert sides == pytest.approx([left * full, right * full], rel=0.1, abs=0.01)


@pytest.mark.parametrize("delay", [Fraction(1, 5), Fraction(-1, 5)], ids=["late", "early"])
def test_sound_stays_where_it_was_beside_the_pictures(tmp_path: Path, delay: Fraction) -> None:
    source = tmp_path / "source.mkv"
    plain = make_movie(tmp_path / "plain.mkv", frames=25, sound=0.2, sound_codec="pcm_s16le")
    with av.open(str(plain)) as container, av.open(str(source), "w") as moved:
        streams = {stream.index: moved.add_stream_from_template(stream) for stream in container.streams}
        for packet in container.demux():
            if packet.dts is None:
                continue
            shift = Fraction(1) + (delay if packet.stream.type == "audio" else 0)
            packet.pts += round(shift / packet.time_base)
            packet.dts += round(shift / packet.time_base)
            packet.stream = streams[packet.stream.index]
            moved.mux(packet)
    normalise(source, tmp_path / "high.mp4", None, FAST)
    heard = sound_in(tmp_path / "high.mp4")
    begin = round(delay * 48000)
    if delay > 0:
        assert loudness(heard[2000 : begin - 2000]) < 0.02
        assert loudness(heard[begin + 1000 : begin + 8000]) > 0.3
    else:
        # the tone of 200 ms lies wholly before the first picture
        assert loudness(heard) < 0.05


def test_blocks_are_counted_from_the_beginning_so_that_nothing_drifts() -> None:
    rate = Fraction(30000, 1001)
    lengths = [samples_at(n + 1, rate) - samples_at(n, rate) for n in range(30_000)]
    assert set(lengths) == {1601, 1602}
    assert sum(lengths) == 48_048_000


def test_a_tape_gives_back_what_it_was_given_in_blocks() -> None:
    tape = Tape()
    for sound in beep(0.05):
        tape.add(sound)
    tape.add(5000)
    blocks = [*tape.blocks(3000), *tape.blocks(10**9), *tape.rest(9000)]
    assert [block.pts for block in blocks] == [1024 * n for n in range(9)]
    assert [block.samples for block in blocks] == [1024] * 8 + [9000 - 8 * 1024]
    samples = [
        value for block in blocks for value in memoryview(bytes(block.planes[0])).cast("f")[: block.samples]
    ]
    assert samples[1000] == pytest.approx(0.5 * math.sin(2 * math.pi * 440 * 1000 / 48000), abs=1e-5)
    assert samples[2399] != 0
    assert set(samples[2400:]) == {0.0}


def test_a_gap_of_years_costs_no_memory() -> None:
    track = SoundTrack()
    track.begin(Fraction(0))
    for time in (0, 10**9):
        frame = silence(1024)
        frame.pts, frame.time_base = time * 48000, Fraction(1, 48000)
        track.feed(frame)
    assert len(list(track.blocks(4096))) == 4
    assert sum(block.samples for block in track.finish(9000)) == 9000 - 4096
