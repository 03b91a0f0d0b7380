"""Frame n is what is seen at n / rate: in the source, both versions, the contact sheet, extracted."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.movies import MovieWish, extract_frame, make_frame_thumbnail, normalise, probe
from kitsu_api.media.tiles import extract_tile, make_tiles
from tests.media.clips import RATES, make_movie, number_of, numbers_in, times_in

FRAMES = 17
# intra-only with ten bits, as editors hand over, so that nothing is copied
PRORES = {"codec": "prores_ks", "pixels": "yuv422p10le", "options": {}}


def number_at(movie: Path, number: int, target: Path) -> int:
    extract_frame(movie, number, target)
    return number_of(Image.open(target))


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3f}")
def test_every_frame_keeps_its_number(tmp_path: Path, rate: Fraction) -> None:
    source = make_movie(tmp_path / "source.mov", frames=FRAMES, rate=rate, **PRORES)
    high, low, sheet, picture = (tmp_path / name for name in ("high.mp4", "low.mp4", "tiles.png", "one.png"))
    facts = normalise(source, high, low, MovieWish(preset="ultrafast"))
    assert (facts.frames, facts.rate, facts.duration) == (FRAMES, rate, float(FRAMES / rate))
    wanted = list(range(FRAMES))
    moments = [n / rate for n in wanted]
    for movie in (source, high, low):
        assert numbers_in(movie) == wanted
        assert times_in(movie) == moments
        assert (probe(movie).frames, probe(movie).rate) == (FRAMES, rate)
        for number in (0, 1, FRAMES // 2, FRAMES - 1):
            assert number_at(movie, number, picture) == number
    make_tiles(low, sheet)
    for number in wanted:
        extract_tile(sheet, number, FRAMES, picture)
        assert number_of(Image.open(picture)) == number


def test_frames_far_from_a_key_frame_are_found(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "g": "250", "bf": "3", "crf": "12"}
    movie = make_movie(tmp_path / "a.mp4", frames=200, rate=Fraction(25), options=options)
    for number in (0, 3, 99, 100, 198, 199):
        assert number_at(movie, number, tmp_path / "one.png") == number


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.avi", "a.ts", "a.mxf"])
def test_frames_are_found_where_time_stamps_are_rounded_or_do_not_begin_at_zero(
    tmp_path: Path, name: str
) -> None:
    codec = {"webm": "libvpx-vp9", "avi": "mpeg4", "mxf": "mpeg2video"}.get(name[-4:].strip("."), "libx264")
    options = {"cpu-used": "8", "deadline": "realtime"} if codec == "libvpx-vp9" else {"g": "12", "b": "3M"}
    rate = Fraction(24000, 1001)
    movie = make_movie(
        tmp_path / name, frames=40, rate=rate, codec=codec, options=options, width=160, height=96
    )
    assert probe(movie).rate == rate
    assert probe(movie).frames == 40
    for number in (0, 1, 23, 39):
        assert number_at(movie, number, tmp_path / "one.png") == number
    facts = normalise(movie, tmp_path / "high.mp4", None, MovieWish(preset="ultrafast"))
    assert facts.frames == 40
    assert numbers_in(tmp_path / "high.mp4") == list(range(40))


def test_there_is_no_frame_before_the_first_or_after_the_last(tmp_path: Path) -> None:
    movie = make_movie(tmp_path / "a.mp4", frames=5)
    for number in (-1, 5, 10_000):
        with pytest.raises(BrokenMedia, match=f"no frame {number}"):
            extract_frame(movie, number, tmp_path / "one.png")
    assert not (tmp_path / "one.png").exists()


def test_a_thumbnail_shows_the_chosen_frame(tmp_path: Path) -> None:
    movie = make_movie(tmp_path / "a.mp4", frames=12, width=150, height=100)
    make_frame_thumbnail(movie, 7, tmp_path / "one.png")
    thumbnail = Image.open(tmp_path / "one.png")
    assert thumbnail.size == (150, 100)
    assert number_of(thumbnail) == 7


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30), Fraction(50), Fraction(12)])
def test_another_rate_repeats_or_drops_frames_and_keeps_the_time(tmp_path: Path, rate: Fraction) -> None:
    source = make_movie(tmp_path / "source.mov", frames=25, rate=Fraction(25), **PRORES)
    high = tmp_path / "high.mp4"
    facts = normalise(source, high, None, MovieWish(rate=rate, preset="ultrafast"))
    assert facts.frames == rate
    assert times_in(high) == [n / rate for n in range(int(rate))]
    for slot, number in enumerate(numbers_in(high)):
        assert abs(Fraction(number, 25) - slot / rate) <= max(Fraction(1, 50), 1 / (2 * rate))


def test_a_variable_rate_becomes_constant(tmp_path: Path) -> None:
    # frames of 40 ms, one that stands for 400 ms, and two that come too fast
    times = [0, 40, 80, 480, 520, 530, 540, 560, 600]
    source = make_movie(
        tmp_path / "source.mkv", frames=len(times), times=times, codec="libx264", rate=Fraction(25)
    )
    high = tmp_path / "high.mp4"
    facts = normalise(source, high, None, MovieWish(rate=Fraction(25), preset="ultrafast"))
    assert facts.frames == 16
    assert times_in(high) == [Fraction(n, 25) for n in range(16)]
    shown = numbers_in(high)
    assert shown[:3] == [0, 1, 2]
    assert shown[3:12] == [2] * 9
    assert shown[12:14] == [3, 5]
    assert shown[14:] == [7, 8]
