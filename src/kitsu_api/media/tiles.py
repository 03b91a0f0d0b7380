"""Contact sheets: all frames of a movie on one picture, over which the web client lets the mouse run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from av.video.reformatter import VideoReformatter
from PIL import Image

from kitsu_api.media.containers import open_movie, readable, video_of
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.frames import constant_rate, decoded, to_picture, upright
from kitsu_api.media.pictures import read_picture, save_png
from kitsu_api.media.probing import probe

CELL_HEIGHT: Final = 100
COLUMNS: Final = 8
ROWS: Final = 480
# of a sheet; only movies many times as wide as high meet it
MOST_PIXELS: Final = 250_000_000


@dataclass(frozen=True)
class Sheet:
    """How the frames of a movie lie on its contact sheet: every `step`-th has a cell, from the top left."""

    cell_width: int
    step: int
    cells: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the sheet in pixels."""
        return COLUMNS * self.cell_width, math.ceil(self.cells / COLUMNS) * CELL_HEIGHT

    def place(self, frame: int) -> tuple[int, int]:
        """Left and top of the cell in which a frame, counted from 0, or the one before it is shown."""
        cell = min(frame // self.step, self.cells - 1)
        return cell % COLUMNS * self.cell_width, cell // COLUMNS * CELL_HEIGHT


def sheet_of(width: int, height: int, frames: int) -> Sheet:
    """The contact sheet for a movie that is shown in that size."""
    cell_width = math.ceil(Fraction(width * CELL_HEIGHT, height))
    most = min(ROWS * COLUMNS, max(1, MOST_PIXELS // (COLUMNS * CELL_HEIGHT * cell_width)) * COLUMNS)
    step = max(1, math.ceil(frames / most))
    return Sheet(cell_width, step, max(1, math.ceil(frames / step)))


def make_tiles(movie: Path, target: Path) -> None:
    """Write the contact sheet of a movie as PNG, in one decode. Raises BrokenMedia."""
    facts = probe(movie)
    sheet = sheet_of(facts.width, facts.height, facts.frames)
    picture = Image.new("RGB", sheet.size)
    scaler = VideoReformatter()
    last = -1
    with open_movie(movie) as container:
        frames = upright(decoded(container, video_of(container)), keep_wide=False)
        for number, frame in constant_rate(frames, facts.rate, facts.rate):
            if number % sheet.step or number >= facts.frames:
                continue
            with readable():
                cell = to_picture(frame, (sheet.cell_width, CELL_HEIGHT), scaler)
            picture.paste(cell, sheet.place(number))
            last = number
    if last < 0:
        raise BrokenMedia("The movie has no frames.")
    save_png(picture, target)


def extract_tile(tiles: Path, frame: int, frames: int, target: Path) -> None:
    """Write the cell of one frame, counted from 0, from the contact sheet of a movie of so many frames.

    Raises BrokenMedia, also when the movie has no such frame.
    """
    if not 0 <= frame < frames:
        raise BrokenMedia(f"The movie has no frame {frame}.")
    picture = read_picture(tiles, max_pixels=MOST_PIXELS)
    cell_width, height = picture.width // COLUMNS, picture.height
    most = height // CELL_HEIGHT * COLUMNS
    step = max(1, math.ceil(frames / most)) if most else 1
    sheet = Sheet(cell_width, step, math.ceil(frames / step))
    left, top = sheet.place(frame)
    if not cell_width or top + CELL_HEIGHT > height:
        raise BrokenMedia("The contact sheet is not that of this movie.")
    save_png(picture.crop((left, top, left + cell_width, top + CELL_HEIGHT)), target)
