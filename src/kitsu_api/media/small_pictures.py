"""Pictures in the forms that browsers load fastest, and many small ones in one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image

from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.pictures import cover, read_picture, resized_to_width, save_png
from kitsu_api.media.writing import replacing

Format = Literal["avif", "webp", "png"]

# as good to the eye as each other at a size of a tenth of a PNG; fast, since people wait for the first one
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "avif": {"quality": 62, "speed": 8, "max_threads": 1},
    "webp": {"quality": 80, "method": 4},
}


def save_small(picture: Image.Image, target: Path, format: Format) -> None:
    """Write a picture with nothing but pixels in it."""
    if format == "png":
        save_png(picture, target)
        return
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    with replacing(target) as part:
        clean.save(part, format=format.upper(), **OPTIONS[format])


def make_small(
    source: Path, target: Path, width: int, height: int | None, format: Format, *, max_pixels: int
) -> None:
    """Write a picture in another size and form: of exactly that size, or, without a height, as a whole.

    Raises BrokenMedia, and MediaTooLarge for more than `max_pixels`.
    """
    picture = read_picture(source, max_pixels=max_pixels)
    small = resized_to_width(picture, width) if height is None else cover(picture, (width, height))
    save_small(small, target, format)


def make_sheet(
    sources: Sequence[Path | None],
    target: Path,
    cell: tuple[int, int],
    columns: int,
    format: Format,
    *,
    max_pixels: int,
) -> None:
    """Write pictures in rows, each cut to its cell. The cell of one that is absent or broken stays empty."""
    width, height = cell
    rows = -(-len(sources) // columns)
    sheet = Image.new("RGB", (width * min(columns, len(sources)), height * rows), "#202225")
    for place, source in enumerate(sources):
        try:
            if source is None:
                continue
            picture = read_picture(source, max_pixels=max_pixels)
        except BrokenMedia:
            continue
        small = picture if picture.size == cell else cover(picture, cell)
        corner = (place % columns * width, place // columns * height)
        sheet.paste(small, corner, small if small.mode == "RGBA" else None)
    save_small(sheet, target, format)
