"""What movies become: sizes, orientation, codecs, limits, and what happens on the way."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest
from PIL import Image

from kitsu_api.media.containers import video_of
from kitsu_api.media.errors import BrokenMedia, MediaCancelled, MediaTooLarge
from kitsu_api.media.movies import MovieWish, normalise, probe, read_frame
from kitsu_api.media.sound import silence
from tests.media.clips import make_movie, number_of, numbered, numbers_in

FAST = MovieWish(preset="ultrafast")
PRORES = {"codec": "prores_ks", "pixels": "yuv422p10le", "options": {}}


def quarters(number: int, width: int, height: int) -> Image.Image:
    """Red and green above blue and white, whatever the number."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((30, 180, 30), (width // 2, 0, width, height // 2))
    picture.paste((30, 30, 200), (0, height // 2, width // 2, height))
    picture.paste((220, 220, 220), (width // 2, height // 2, width, height))
    return picture


def corners(picture: Image.Image) -> str:
    """The names of the colours in the four corners, row by row."""
    names = ""
    for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)):
        pixel = picture.getpixel((int(x * picture.width), int(y * picture.height)))
        assert isinstance(pixel, tuple)
        high = [value > 120 for value in pixel]
        names += {(True, False, False): "r", (False, True, False): "g", (False, False, True): "b"}.get(
            tuple(high), "w" if all(high) else "?"
        )
    return names


def test_both_versions_are_what_browsers_play(tmp_path: Path) -> None:
    source = make_movie(tmp_path / "source.mov", sound=0.48, **PRORES)
    high, low = tmp_path / "high.mp4", tmp_path / "low.mp4"
    normalise(source, high, low, FAST)
    for path, size in ((high, (96, 54)), (low, (1280, 720))):
        content = path.read_bytes()
        assert content.index(b"moov") < content.index(b"mdat")
        with av.open(str(path)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            assert (video.codec_context.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
            assert (video.width, video.height) == size
            assert (video.average_rate, video.start_time) == (25, 0)
            assert (audio.codec_context.name, audio.rate, audio.channels) == ("aac", 48000, 2)
            assert not container.metadata.get("comment")


@pytest.mark.parametrize("size", [(97, 55), (33, 64), (9, 9)])
def test_odd_sizes_become_even(tmp_path: Path, size: tuple[int, int]) -> None:
    source = make_movie(
        tmp_path / "source.mov",
        codec="png",
        pixels="rgb24",
        options={},
        width=size[0],
        height=size[1],
        frames=2,
    )
    facts = normalise(source, tmp_path / "high.mp4", None, FAST)
    assert (probe(source).width, probe(source).height) == size
    assert facts.width % 2 == facts.height % 2 == 0
    assert abs(facts.width - size[0]) < 2
    assert abs(facts.height - size[1]) < 2
    assert (probe(tmp_path / "high.mp4").width, probe(tmp_path / "high.mp4").height) == (
        facts.width,
        facts.height,
    )


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        (MovieWish(width=160, height=90), (160, 90)),
        (MovieWish(width=160), (160, 120)),
        (MovieWish(height=60), (80, 60)),
        (MovieWish(width=160, height=160), (160, 120)),
        (MovieWish(width=4000, height=3000), (320, 240)),
    ],
)
def test_the_high_definition_fits_and_is_never_enlarged(
    tmp_path: Path, wish: MovieWish, size: tuple[int, int]
) -> None:
    source = make_movie(tmp_path / "source.mov", width=320, height=240, frames=2, **PRORES)
    if wish.width == 160 and wish.height == 90:
        size = (120, 90)
    facts = normalise(source, tmp_path / "high.mp4", None, wish)
    assert (facts.width, facts.height) == size


def test_the_low_definition_is_1280_wide_but_no_ribbon_is_blown_up(tmp_path: Path) -> None:
    upright = make_movie(tmp_path / "upright.mov", width=54, height=96, frames=2, **PRORES)
    assert normalise(upright, None, tmp_path / "low.mp4", FAST).width == 1280
    ribbon = make_movie(tmp_path / "ribbon.mov", width=16, height=640, frames=2, **PRORES)
    facts = normalise(ribbon, None, tmp_path / "low.mp4", FAST)
    assert (facts.width, facts.height) == (102, 4096)


@pytest.mark.parametrize(("rotation", "shown"), [(-90, "brwg"), (90, "gwrb"), (180, "wbgr"), (0, "rgbw")])
def test_pixels_are_turned_as_the_matrix_says_and_the_matrix_is_gone(
    tmp_path: Path, rotation: int, shown: str
) -> None:
    source = make_movie(
        tmp_path / "source.mp4", width=96, height=64, frames=4, rotation=float(rotation), picture=quarters
    )
    size = (96, 64) if rotation in (0, 180) else (64, 96)
    assert (probe(source).width, probe(source).height) == size
    assert corners(read_frame(source, 1)) == shown
    facts = normalise(source, tmp_path / "high.mp4", None, FAST)
    assert (facts.width, facts.height) == size
    with av.open(str(tmp_path / "high.mp4")) as container:
        frame = next(container.decode(video=0))
        assert frame.rotation == 0
        assert (frame.width, frame.height) == size
        assert corners(frame.to_image()) == shown


@pytest.mark.parametrize(
    ("shape", "size"), [(Fraction(2), (192, 54)), (Fraction(1, 2), (96, 108)), (Fraction(64, 45), (136, 54))]
)
def test_pixels_become_square(tmp_path: Path, shape: Fraction, size: tuple[int, int]) -> None:
    source = make_movie(tmp_path / "source.mp4", shape=shape, frames=4)
    assert abs(probe(source).width - size[0]) <= 1
    facts = normalise(source, tmp_path / "high.mp4", None, FAST)
    assert (facts.width, facts.height) == size
    with av.open(str(tmp_path / "high.mp4")) as container:
        assert container.streams.video[0].sample_aspect_ratio in (None, 1)
    assert read_frame(source, 0).size == (probe(source).width, probe(source).height)


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "size"),
    [
        ("a.mov", "prores_ks", "yuva444p10le", (96, 54)),
        ("a.mov", "dnxhd", "yuv422p", (1280, 720)),
        ("a.webm", "libvpx-vp9", "yuv444p", (96, 54)),
        ("a.mkv", "ffv1", "yuv420p16le", (96, 54)),
        ("a.avi", "mjpeg", "yuvj420p", (96, 54)),
        ("a.mov", "qtrle", "rgb24", (96, 54)),
        ("a.mp4", "libx265", "yuv420p10le", (96, 54)),
        ("a.mp4", "libx264", "yuv444p", (96, 54)),
        ("a.mkv", "libsvtav1", "yuv420p", (96, 64)),
    ],
)
def test_sources_of_other_codecs_are_taken(
    tmp_path: Path, name: str, codec: str, pixels: str, size: tuple[int, int]
) -> None:
    options = {
        "dnxhd": {"b": "90M"},
        "libvpx-vp9": {"cpu-used": "8", "deadline": "realtime"},
        "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
        "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"},
    }.get(codec, {})
    source = make_movie(
        tmp_path / name, codec=codec, pixels=pixels, options=options, width=size[0], height=size[1], frames=5
    )
    facts = normalise(source, tmp_path / "high.mp4", None, FAST)
    assert (facts.frames, facts.width, facts.height) == (5, *size)
    assert numbers_in(tmp_path / "high.mp4") == list(range(5))


def test_interlaced_sources_are_made_whole(tmp_path: Path) -> None:
    source = make_movie(
        tmp_path / "source.mkv",
        codec="mpeg2video",
        options={"flags": "+ilme+ildct", "b": "5M", "top": "1", "field_order": "tt"},
        frames=8,
        width=96,
        height=64,
        interlaced=True,
    )
    facts = normalise(source, tmp_path / "high.mp4", None, FAST)
    assert facts.frames == 8
    assert numbers_in(tmp_path / "high.mp4") == list(range(8))
    with av.open(str(tmp_path / "high.mp4")) as container:
        assert not any(frame.interlaced_frame for frame in container.decode(video=0))


def test_the_bit_rate_is_a_ceiling(tmp_path: Path) -> None:
    def noise(number: int, width: int, height: int) -> Image.Image:
        return Image.merge("RGB", [Image.effect_noise((width, height), 120 + number) for _ in range(3)])

    source = make_movie(
        tmp_path / "source.mov", width=320, height=180, frames=50, picture=noise, codec="mjpeg",
        pixels="yuvj420p", options={"qscale": "2"},
    )  # fmt: skip
    wish = MovieWish(high_bitrate=2, low_bitrate=1, preset="ultrafast", vbv_factor=0.5)
    normalise(source, tmp_path / "high.mp4", tmp_path / "low.mp4", wish)
    for name, limit in (("high.mp4", 2), ("low.mp4", 1)):
        bits = (tmp_path / name).stat().st_size * 8 / 2.0
        assert bits < limit * 1_000_000 * 1.3
    still = make_movie(tmp_path / "still.mov", frames=50, **PRORES)
    normalise(still, tmp_path / "still.mp4", None, FAST)
    assert (tmp_path / "still.mp4").stat().st_size < 200_000


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    source = make_movie(tmp_path / "source.mov", frames=35, **PRORES)
    heard: list[tuple[int, int]] = []
    normalise(
        source, tmp_path / "h.mp4", None, FAST, progress=lambda done, total: heard.append((done, total))
    )
    assert heard == [(10, 35), (20, 35), (30, 35), (35, 35)]


@pytest.mark.parametrize("name", ["source.mov", "source.mp4"])
def test_nothing_is_left_of_a_cancelled_movie_and_what_was_there_stays(tmp_path: Path, name: str) -> None:
    source = make_movie(tmp_path / name, frames=30, **(PRORES if name.endswith("mov") else {}))
    high, low = tmp_path / "high.mp4", tmp_path / "low.mp4"
    high.write_bytes(b"the one before")
    asked = iter([False] * 7 + [True] * 100)
    with pytest.raises(MediaCancelled):
        normalise(source, high, low, FAST, cancelled=lambda: next(asked))
    assert high.read_bytes() == b"the one before"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["high.mp4", name])


@pytest.mark.parametrize("name", ["source.mov", "source.mp4", "source.mkv", "source.avi"])
def test_cut_movies_are_refused_and_leave_nothing(tmp_path: Path, name: str) -> None:
    codec = {"source.mp4": "libx264", "source.mov": "prores_ks"}.get(name, "mpeg4")
    recipe = PRORES if codec == "prores_ks" else {"codec": codec, "options": {}}
    container = {"movflags": "faststart"} if name.endswith(("mov", "mp4")) else {}
    source = make_movie(tmp_path / name, frames=40, width=320, height=180, container=container, **recipe)
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    if name in ("source.mov", "source.mp4", "source.avi"):
        with pytest.raises(BrokenMedia):
            normalise(source, tmp_path / "high.mp4", tmp_path / "low.mp4", FAST)
        assert [path.name for path in tmp_path.iterdir()] == [name]
    else:
        # it has no index that would tell how long it should be
        assert normalise(source, tmp_path / "high.mp4", None, FAST).frames < 40


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"words",
        b"\x00\x00\x00\x18ftypmp42" + bytes(100),
        b"\x1aE\xdf\xa3" + bytes(100),
        b"RIFF\x00\x00\x00\x00AVI " + bytes(100),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n",
        b"ffconcat version 1.0\nfile secret.mp4\n",
    ],
)
def test_what_is_no_movie_is_refused(tmp_path: Path, content: bytes) -> None:
    make_movie(tmp_path / "secret.mp4", frames=2)
    source = tmp_path / "source.mp4"
    source.write_bytes(content)
    with pytest.raises(BrokenMedia):
        probe(source)
    with pytest.raises(BrokenMedia):
        normalise(source, tmp_path / "high.mp4", None, FAST)


def test_a_file_of_sound_alone_is_no_movie(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        track = container.add_stream("aac", rate=48000)
        container.mux(track.encode(silence(1024)))
        container.mux(track.encode(None))
    with pytest.raises(BrokenMedia, match="no moving pictures"):
        probe(tmp_path / "a.mp4")


def test_frames_that_are_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_movie(tmp_path / "a.mp4", width=320, height=180, frames=2)
    monkeypatch.setattr("kitsu_api.media.containers.MAX_FRAME_PIXELS", 320 * 180 - 1)
    with pytest.raises(MediaTooLarge, match="320 x 180"):
        probe(source)


def test_a_container_that_lies_about_its_frames_does_not_get_them_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_movie(tmp_path / "a.mp4", width=640, height=360, frames=2)
    monkeypatch.setattr("kitsu_api.media.containers.MAX_FRAME_PIXELS", 1000)
    monkeypatch.setattr("kitsu_api.media.containers.check_size", lambda width, height, max_pixels: None)
    with pytest.raises(BrokenMedia):
        probe(source)


def test_names_are_paths_and_never_addresses_or_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("concat:a.mp4|b.mp4", "http:host.mp4", "-i.mp4", "%03d.mp4", "späße ☃.mp4"):
        make_movie(tmp_path / "plain.mp4", frames=2).rename(tmp_path / name)
        assert probe(Path(name)).frames == 2
        normalise(Path(name), Path("out:%d.mp4"), None, FAST)
        assert number_of(read_frame(Path("out:%d.mp4"), 1)) == 1
        (tmp_path / "out:%d.mp4").unlink()


def test_a_picture_says_its_number() -> None:
    assert [number_of(numbered(number)) for number in (0, 1, 200, 255)] == [0, 1, 200, 255]


def test_a_stream_that_no_decoder_knows_is_no_moving_picture() -> None:
    unknown: Any = SimpleNamespace(streams=SimpleNamespace(video=[object()]))
    with pytest.raises(BrokenMedia, match="no moving pictures"):
        video_of(unknown)
