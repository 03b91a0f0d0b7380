"""Colours of movies: what the tags of the result say is what its pixels are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.reformatter import Colorspace
from PIL import Image

from kitsu_api.media.frames import make_frame_thumbnail
from kitsu_api.media.movies import MovieWish, normalise, read_frame
from kitsu_api.media.tiles import make_tiles
from tests.media import colours
from tests.media.clips import make_movie
from tests.media.colours import difference, in_bt709, lab_of_srgb, rgb_of_bt709

# within BT.709 whatever the primaries
PALETTE = [(128, 128, 128), (170, 120, 110), (100, 140, 110), (100, 110, 150), (190, 180, 120), (60, 60, 80)]


def plain(number: int, width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), PALETTE[number % len(PALETTE)])


def make_source(path: Path, **changes: object) -> Path:
    defaults = {"frames": len(PALETTE), "picture": plain, "options": {"preset": "ultrafast", "qp": "0"}}
    return make_movie(path, **{**defaults, **changes})


def result(movie: Path) -> tuple[list[tuple[int, ...]], tuple[int, int, int, int]]:
    """The colours of the frames, worked out from the raw pixels; and the tags."""
    with av.open(str(movie)) as container:
        context = container.streams.video[0].codec_context
        frames = list(container.decode(video=0))
        found = []
        for frame in frames:
            assert frame.format.name == "yuv420p"
            y, u, v = (
                bytes(plane)[plane.line_size * (plane.height // 2) + plane.width // 2]
                for plane in frame.planes
            )
            found.append(rgb_of_bt709(y, u, v))
        tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
    return found, tags


RGB = {"codec": "qtrle", "pixels": "rgb24", "options": {}}


@pytest.mark.parametrize(
    ("recipe", "primaries"),
    [
        ({"tags": (1, 1, 1)}, colours.BT709),
        ({}, colours.BT709),
        ({"tags": (1, 1, 1), "full_range": True}, colours.BT709),
        ({"tags": (6, 6, 6), "matrix": Colorspace.ITU601}, colours.SMPTE170M),
        ({"tags": (5, 6, 5), "matrix": Colorspace.ITU601}, colours.BT470BG),
        ({"tags": (2, 2, 6), "matrix": Colorspace.ITU601}, colours.BT709),
        ({"tags": (9, 14, 9), "matrix": Colorspace.BT2020, "pixels": "yuv420p10le"}, colours.BT2020),
        (RGB, colours.BT709),
    ],
    ids=["709", "untagged", "full range", "601 (525)", "601 (625)", "matrix only", "2020", "rgb"],
)
def test_all_become_bt709_and_say_so(tmp_path: Path, recipe: dict[str, object], primaries: object) -> None:
    source = make_source(tmp_path / "source.mov", **recipe)
    normalise(source, tmp_path / "high.mp4", tmp_path / "low.mp4", MovieWish(preset="ultrafast"))
    for name in ("high.mp4", "low.mp4"):
        found, tags = result(tmp_path / name)
        assert tags == (1, 1, 1, 1)
        for wanted, got in zip(PALETTE, found, strict=True):
            meant = in_bt709(wanted, primaries)  # type: ignore[arg-type]
            assert difference(lab_of_srgb(meant), lab_of_srgb(got)) < 2, (wanted, meant, got)
    # stills of the source, of the result, and its contact sheet agree
    make_tiles(tmp_path / "high.mp4", tmp_path / "tiles.png")
    sheet = Image.open(tmp_path / "tiles.png")
    for number, wanted in enumerate(PALETTE):
        meant = lab_of_srgb(in_bt709(wanted, primaries))  # type: ignore[arg-type]
        cell = sheet.getpixel((number * sheet.width // 8 + 50, 50))
        for still in (read_frame(source, number).getpixel((40, 20)), cell):
            assert difference(meant, lab_of_srgb(still)) < 2, (wanted, still)  # type: ignore[arg-type]


# codes of both curves whose light is within BT.709, and at the end a light that is brighter than a white page
HIGH_RANGE = [
    (100, 100, 100),
    (120, 100, 90),
    (90, 110, 95),
    (95, 100, 118),
    (135, 130, 125),
    (220, 220, 220),
]


@pytest.mark.parametrize(
    ("curve", "light"), [(16, colours.pq_light), (18, colours.hlg_light)], ids=["PQ", "HLG"]
)
def test_colours_of_high_range_are_those_of_bt2408_everywhere(
    tmp_path: Path, curve: int, light: Callable[[tuple[int, ...]], list[float]]
) -> None:
    def plain_high(number: int, width: int, height: int) -> Image.Image:
        return Image.new("RGB", (width, height), HIGH_RANGE[number])

    source, high, low = (tmp_path / f"{name}.mp4" for name in ("source", "high", "low"))
    high_range = {"matrix": Colorspace.BT2020, "pixels": "yuv420p10le", "tags": (9, curve, 9)}
    make_source(source, picture=plain_high, frames=len(HIGH_RANGE), **high_range)
    normalise(source, high, low, MovieWish(preset="ultrafast"))
    make_tiles(low, tmp_path / "tiles.png")
    sheet = Image.open(tmp_path / "tiles.png")
    meant = [colours.in_standard_range(light(code)) for code in HIGH_RANGE]
    assert max(meant[-2]) < 250
    assert meant[-1] == (255, 255, 255)
    seen: list[tuple[str, tuple[int, ...], Any]] = []
    assert result(low)[1] == (1, 1, 1, 1)
    seen += [("high", *pair) for pair in zip(meant, result(high)[0], strict=True)]
    seen += [("low", *pair) for pair in zip(meant, result(low)[0], strict=True)]
    for number, wanted in enumerate(meant):
        seen.append(("sheet", wanted, sheet.getpixel((number * sheet.width // 8 + 50, 50))))
    # to prepare the mapping of tones takes two seconds, so that one still of each curve has to do
    if curve == 16:
        seen.append(("still", meant[1], read_frame(source, 1).getpixel((40, 20))))
    else:
        make_frame_thumbnail(source, 3, tmp_path / "small.png")
        seen.append(("thumbnail", meant[3], Image.open(tmp_path / "small.png").getpixel((75, 50))))
    for name, wanted, got in seen:
        assert difference(lab_of_srgb(wanted), lab_of_srgb(got)) < 2, (name, wanted, got)


def test_the_wider_primaries_of_displays_stay_tagged_in_movies_and_are_converted_in_stills(
    tmp_path: Path,
) -> None:
    source = make_source(tmp_path / "source.mp4", tags=(12, 13, 1))
    normalise(source, None, tmp_path / "low.mp4", MovieWish(preset="ultrafast"))
    found, tags = result(tmp_path / "low.mp4")
    assert tags == (12, 13, 1, 1)
    for wanted, got in zip(PALETTE, found, strict=True):
        assert difference(lab_of_srgb(wanted), lab_of_srgb(got)) < 2
    meant = colours.lab(colours.xyz(PALETTE[1], colours.DISPLAY_P3))
    still = read_frame(tmp_path / "low.mp4", 1).getpixel((40, 20))
    assert difference(meant, lab_of_srgb(still)) < 3  # type: ignore[arg-type]
