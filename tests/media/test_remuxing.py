"""Movies that browsers play as they are: they are copied, and only those."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from kitsu_api.media.movies import MovieWish, normalise
from kitsu_api.media.remuxing import readiness
from tests.media.clips import RATES, make_movie, numbers_in, sound_in, times_in

FAST = MovieWish(preset="ultrafast")


def packets(movie: Path) -> list[bytes]:
    """The coded pictures, without the parameters that may stand before them."""
    with av.open(str(movie)) as container:
        return [bytes(packet)[-40:] for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3f}")
def test_a_ready_movie_is_copied_frame_by_frame(tmp_path: Path, rate: Fraction) -> None:
    source = make_movie(tmp_path / "source.mp4", frames=24, rate=rate, sound=0.4, options={"bf": "2"})
    high = tmp_path / "high.mp4"
    facts = normalise(source, high, None, FAST)
    assert (facts.frames, facts.rate, facts.has_audio) == (24, rate, True)
    assert packets(high) == packets(source)
    assert numbers_in(high) == list(range(24))
    assert times_in(high) == [n / rate for n in range(24)]
    content = high.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert sound_in(high)[: round(0.3 * 48000)] == sound_in(source)[: round(0.3 * 48000)]


def test_colours_that_were_not_told_are_told(tmp_path: Path) -> None:
    source = make_movie(tmp_path / "source.mp4")
    normalise(source, tmp_path / "high.mp4", None, FAST)
    with av.open(str(tmp_path / "high.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (1, 1, 1, 1)


def test_a_ready_movie_that_is_1280_wide_serves_as_both(tmp_path: Path) -> None:
    source = make_movie(tmp_path / "source.mp4", width=1280, height=720, frames=6)
    normalise(source, tmp_path / "high.mp4", tmp_path / "low.mp4", FAST)
    assert packets(tmp_path / "high.mp4") == packets(tmp_path / "low.mp4") == packets(source)


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": (6, 6, 6)},
        {"tags": (9, 16, 9)},
        {"tags": (1, 1, 1), "full_range": True},
        {"shape": Fraction(2)},
        {"rotation": 90.0},
        {"pixels": "yuv422p"},
        {"pixels": "yuv420p10le"},
        {"codec": "mpeg4", "options": {}},
        {"sound": 0.4, "sound_codec": "ac3"},
    ],
    ids=lambda changes: ",".join(f"{key}={value}" for key, value in changes.items()),
)
def test_what_browsers_do_not_play_the_same_way_is_encoded(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    source = make_movie(tmp_path / "source.mp4", **changes)
    assert readiness(source) is None


def test_a_variable_rate_or_another_container_is_not_ready(tmp_path: Path) -> None:
    assert readiness(make_movie(tmp_path / "a.mp4")) is not None
    assert readiness(make_movie(tmp_path / "a.mkv")) is None
    late = make_movie(tmp_path / "b.mp4", frames=6, times=[0, 40, 80, 160, 200, 240])
    assert readiness(late) is None


@pytest.mark.parametrize("wish", [MovieWish(width=48), MovieWish(rate=Fraction(24))], ids=["size", "rate"])
def test_a_wish_that_the_movie_does_not_meet_is_encoded(tmp_path: Path, wish: MovieWish) -> None:
    source = make_movie(tmp_path / "source.mp4", frames=25)
    normalise(source, tmp_path / "high.mp4", None, wish)
    assert packets(tmp_path / "high.mp4") != packets(source)


def test_a_movie_above_the_bit_rate_is_encoded(tmp_path: Path) -> None:
    def noise(number: int, width: int, height: int) -> Image.Image:
        return Image.effect_noise((width, height), 100 + number).convert("RGB")

    options = {"preset": "ultrafast", "crf": "5"}
    source = make_movie(
        tmp_path / "source.mp4", frames=8, width=320, height=180, picture=noise, options=options
    )
    ready = readiness(source)
    assert ready is not None
    assert ready.bits_a_second > 2_000_000
    normalise(source, tmp_path / "high.mp4", None, MovieWish(high_bitrate=1, preset="ultrafast"))
    assert (tmp_path / "high.mp4").stat().st_size < source.stat().st_size / 2


def test_sound_that_goes_on_after_the_pictures_is_left_out(tmp_path: Path) -> None:
    source = make_movie(tmp_path / "source.mp4", frames=12, sound=3.0)
    normalise(source, tmp_path / "high.mp4", None, FAST)
    assert len(sound_in(tmp_path / "high.mp4")) <= 0.48 * 48000 + 2 * 1024
