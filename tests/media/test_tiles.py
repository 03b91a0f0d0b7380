"""Contact sheets: where each frame lies, whatever the shape and length of the movie."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.tiles import extract_tile, make_tiles, sheet_of
from tests.media.clips import make_movie, number_of


@pytest.mark.parametrize(
    ("movie", "cell_width", "step", "cells", "size"),
    [
        ((1920, 1080, 50), 178, 1, 50, (1424, 700)),
        ((320, 180, 8), 178, 1, 8, (1424, 100)),
        ((1000, 1000, 9), 100, 1, 9, (800, 200)),
        ((1080, 1920, 3840), 57, 1, 3840, (456, 48_000)),
        ((1920, 1080, 3841), 178, 2, 1921, (1424, 24_100)),
        ((1920, 1080, 7680), 178, 2, 3840, (1424, 48_000)),
        ((1920, 1080, 7681), 178, 3, 2561, (1424, 32_100)),
        ((64, 36, 1), 178, 1, 1, (1424, 100)),
    ],
)
def test_the_sheet_has_a_cell_for_each_frame_or_each_nth(
    movie: tuple[int, int, int], cell_width: int, step: int, cells: int, size: tuple[int, int]
) -> None:
    sheet = sheet_of(*movie)
    assert (sheet.cell_width, sheet.step, sheet.cells, sheet.size) == (cell_width, step, cells, size)


def test_a_movie_that_is_absurdly_wide_does_not_fill_the_memory() -> None:
    width, height = sheet_of(10_000, 10, 3840).size
    assert width * height <= 250_000_000 or height == 100


def test_a_long_movie_shows_every_nth_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitsu_api.media.tiles.ROWS", 2)
    movie = make_movie(tmp_path / "a.mp4", frames=40)
    make_tiles(movie, tmp_path / "tiles.png")
    assert Image.open(tmp_path / "tiles.png").size == (1424, 200)
    for frame in range(40):
        extract_tile(tmp_path / "tiles.png", frame, 40, tmp_path / "one.png")
        assert number_of(Image.open(tmp_path / "one.png")) == frame // 3 * 3


def test_cells_have_the_proportions_in_which_the_movie_is_shown(tmp_path: Path) -> None:
    movie = make_movie(tmp_path / "a.mp4", frames=2, width=90, height=60, shape=Fraction(2))
    make_tiles(movie, tmp_path / "tiles.png")
    assert Image.open(tmp_path / "tiles.png").size == (8 * 300, 100)
    turned = make_movie(tmp_path / "b.mp4", frames=2, width=90, height=60, rotation=90.0)
    make_tiles(turned, tmp_path / "tiles.png")
    assert Image.open(tmp_path / "tiles.png").size == (8 * 67, 100)


def test_a_frame_that_is_not_there_is_refused(tmp_path: Path) -> None:
    movie = make_movie(tmp_path / "a.mp4", frames=3)
    make_tiles(movie, tmp_path / "tiles.png")
    for frame, frames in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(BrokenMedia):
            extract_tile(tmp_path / "tiles.png", frame, frames, tmp_path / "one.png")
    (tmp_path / "tiles.png").write_bytes(b"words")
    with pytest.raises(BrokenMedia):
        extract_tile(tmp_path / "tiles.png", 0, 3, tmp_path / "one.png")
    (tmp_path / "a.mp4").write_bytes(b"words")
    with pytest.raises(BrokenMedia):
        make_tiles(movie, tmp_path / "other.png")
    assert not (tmp_path / "other.png").exists()
