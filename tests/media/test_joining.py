"""Playlists as one movie: each clip begins at its frame, and its sound at its sample."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from kitsu_api.media.errors import BrokenMedia, MediaCancelled
from kitsu_api.media.joining import Clip, join
from kitsu_api.media.movies import probe, read_frame
from kitsu_api.media.sound import samples_at
from tests.media.clips import RATES, make_movie, number_of, numbered, numbers_in, sound_in, times_in

RATE = Fraction(24000, 1001)
FAST = "ultrafast"


def loudness(samples: list[float]) -> float:
    return math.sqrt(sum(value * value for value in samples) / max(1, len(samples)))


def test_a_hundred_clips_lie_exactly_where_they_should(tmp_path: Path) -> None:
    sources = [
        make_movie(
            tmp_path / f"{n}.mp4", frames=4 + n, first=20 * n, rate=RATE, sound=0.2, width=64, height=36
        )
        for n in range(5)
    ]
    order = [(7 * n) % 5 for n in range(100)]
    facts = join(
        [Clip(sources[n]) for n in order], tmp_path / "all.mp4", width=64, height=36, rate=RATE, preset=FAST
    )
    wanted = [20 * n + frame for n in order for frame in range(4 + n)]
    assert facts.frames == len(wanted) == probe(tmp_path / "all.mp4").frames
    assert numbers_in(tmp_path / "all.mp4") == wanted
    assert times_in(tmp_path / "all.mp4") == [n / RATE for n in range(len(wanted))]
    with av.open(str(tmp_path / "all.mp4")) as container:
        track = container.streams.audio[0]
        drift = track.duration * track.time_base * 48000 - samples_at(len(wanted), RATE)
        assert 0 <= drift <= 2
    content = (tmp_path / "all.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_silence_stands_exactly_where_a_clip_has_no_sound(tmp_path: Path) -> None:
    loud = make_movie(tmp_path / "loud.mp4", frames=6, rate=RATE, sound=0.1)
    mute = make_movie(tmp_path / "mute.mp4", frames=9, rate=RATE)
    clips = [Clip(mute), Clip(loud), Clip(mute), Clip(loud)] * 5
    join(clips, tmp_path / "all.mp4", width=96, height=54, rate=RATE, preset=FAST)
    heard = sound_in(tmp_path / "all.mp4")
    begin = 0
    for clip in clips:
        frames = 6 if clip.path == loud else 9
        first, end = samples_at(begin, RATE), samples_at(begin + frames, RATE)
        if clip.path == loud:
            # a tone of 4,800 samples, then silence to the end of the clip
            assert loudness(heard[first + 500 : first + 4300]) > 0.3
            assert loudness(heard[first + 6800 : end - 1500]) < 0.01
        else:
            assert loudness(heard[first + 2000 : end - 1500]) < 0.01
        begin += frames


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3f}")
def test_clips_of_other_rates_keep_their_time(tmp_path: Path, rate: Fraction) -> None:
    clip = make_movie(tmp_path / "clip.mp4", frames=24, rate=rate)
    facts = join([Clip(clip)] * 3, tmp_path / "all.mp4", width=96, height=54, rate=Fraction(25), preset=FAST)
    one = math.floor(24 / rate * 25 + Fraction(1, 2))
    assert facts.frames == 3 * one
    shown = numbers_in(tmp_path / "all.mp4")
    assert shown[0] == shown[one] == shown[2 * one] == 0


def test_clips_are_letter_boxed_and_not_squeezed(tmp_path: Path) -> None:
    def white(number: int, width: int, height: int) -> Image.Image:
        return Image.new("RGB", (width, height), (235, 235, 235))

    high = make_movie(tmp_path / "high.mp4", frames=2, width=50, height=100, picture=white)
    wide = make_movie(tmp_path / "wide.mp4", frames=2, width=200, height=50, picture=white)
    Image.new("RGBA", (10, 10), (235, 235, 235, 255)).save(tmp_path / "square.png")
    clips = [Clip(high), Clip(wide), Clip(tmp_path / "square.png", True, 2)]
    join(clips, tmp_path / "all.mp4", width=160, height=90, rate=Fraction(25), preset=FAST)
    for number, (width, height) in ((0, (45, 90)), (2, (160, 40)), (4, (90, 90))):
        picture = (
            read_frame(tmp_path / "all.mp4", number).convert("L").point(lambda value: 255 * (value > 120))
        )
        left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
        assert abs(right - left - width) <= 2
        assert abs(bottom - top - height) <= 2
        assert abs((left + right) / 2 - 80) <= 2
        assert abs((top + bottom) / 2 - 45) <= 2


def test_pictures_stand_for_as_many_frames_as_they_are_given(tmp_path: Path) -> None:
    numbered(77).save(tmp_path / "a.png")
    numbered(78).save(tmp_path / "b.jpg", quality=95)
    clip = make_movie(tmp_path / "clip.mp4", frames=3)
    clips = [Clip(tmp_path / "a.png", True, 5), Clip(clip), Clip(tmp_path / "b.jpg", True, 1)]
    facts = join(clips, tmp_path / "all.mp4", width=96, height=54, rate=Fraction(25), preset=FAST)
    assert (facts.frames, facts.has_audio) == (9, False)
    assert numbers_in(tmp_path / "all.mp4") == [77] * 5 + [0, 1, 2] + [78]


def test_a_clip_can_be_sought_by_its_first_frame(tmp_path: Path) -> None:
    clip = make_movie(tmp_path / "clip.mp4", frames=7)
    join([Clip(clip)] * 4, tmp_path / "all.mp4", width=96, height=54, rate=Fraction(25), preset=FAST)
    with av.open(str(tmp_path / "all.mp4")) as container:
        keys = [
            packet.pts * packet.time_base * 25 for packet in container.demux(video=0) if packet.is_keyframe
        ]
    assert {0, 7, 14, 21} <= set(keys)


def test_a_broken_clip_is_named_before_the_work_begins(tmp_path: Path) -> None:
    clip = make_movie(tmp_path / "clip.mp4", frames=3)
    (tmp_path / "broken.mp4").write_bytes(b"words")
    heard: list[int] = []
    with pytest.raises(BrokenMedia, match="Clip 2"):
        join(
            [Clip(clip), Clip(tmp_path / "broken.mp4")],
            tmp_path / "all.mp4",
            width=96,
            height=54,
            rate=Fraction(25),
            progress=lambda done, total: heard.append(done),
        )
    with pytest.raises(BrokenMedia, match="Clip 1"):
        join([Clip(clip, True, 5)], tmp_path / "all.mp4", width=96, height=54, rate=Fraction(25))
    with pytest.raises(BrokenMedia, match=r"^SH010: "):
        join([Clip(clip, True, 5, "SH010")], tmp_path / "all.mp4", width=96, height=54, rate=Fraction(25))
    with pytest.raises(BrokenMedia):
        join([], tmp_path / "all.mp4", width=96, height=54, rate=Fraction(25))
    assert heard == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.mp4", "clip.mp4"]


def test_progress_counts_all_frames_and_cancelling_leaves_nothing(tmp_path: Path) -> None:
    clip = make_movie(tmp_path / "clip.mp4", frames=11)
    heard: list[tuple[int, int]] = []
    options = {"width": 96, "height": 54, "rate": Fraction(25), "preset": FAST}
    join(
        [Clip(clip)] * 3,
        tmp_path / "all.mp4",
        progress=lambda *now: heard.append(now),
        **options,  # type: ignore[arg-type]
    )
    assert heard == [(10, 33), (20, 33), (30, 33), (33, 33)]
    (tmp_path / "all.mp4").unlink()
    asked = iter([False] * 15 + [True] * 100)
    with pytest.raises(MediaCancelled):
        join([Clip(clip)] * 3, tmp_path / "all.mp4", cancelled=lambda: next(asked), **options)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_still_shows_what_it_is(tmp_path: Path) -> None:
    numbered(9).save(tmp_path / "a.png")
    join(
        [Clip(tmp_path / "a.png", True, 1)],
        tmp_path / "all.mp4",
        width=97,
        height=55,
        rate=Fraction(25),
        preset=FAST,
    )
    assert number_of(read_frame(tmp_path / "all.mp4", 0)) == 9
