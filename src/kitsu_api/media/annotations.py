"""Reviewers' drawings on frames, as pictures and as the pages of a PDF."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from kitsu_api.media.drawings import Area, Shape, Stroke, Words, shapes
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.lettering import font_for
from kitsu_api.media.pictures import read_picture, save_png
from kitsu_api.media.transforms import Colour, Point, Transform, number
from kitsu_api.media.writing import replacing

MOST_PIXELS: Final = 100_000_000
# drawings are made larger and shrunk, since the drawing functions don't smooth their edges
SMOOTHING: Final = 3
SMOOTHED_PIXELS: Final = 40_000_000
# pixels that all translucent objects together may cover: each needs a layer
LAYER_BUDGET: Final = 2_000_000_000
LARGEST_FONT: Final = 2_000
PAGE_QUALITY: Final = 92
PAGE_RESOLUTION: Final = 96.0


def draw(frame: Path, drawing: object, target: Path) -> None:
    """Write the frame with a drawing on it as PNG.

    `drawing` is an annotation of a preview, with `drawing.objects` and the size of its board as `width` and
    `height`, or just its drawing, or its objects. What isn't understood in it isn't drawn. Raises BrokenMedia
    for a frame that can't be read.
    """
    picture = read_picture(frame, max_pixels=MOST_PIXELS)
    save_png(drawn(picture.convert("RGB"), drawing), target)


def drawn(picture: Image.Image, drawing: object) -> Image.Image:
    """A picture in RGB with a drawing on it, as `draw`."""
    objects, canvas = _unwrapped(drawing, picture.size)
    factor = SMOOTHING
    while factor > 1 and picture.width * picture.height * factor * factor > SMOOTHED_PIXELS:
        factor -= 1
    size = (picture.width * factor, picture.height * factor)
    board = _Board(size)
    for shape in shapes(objects, canvas, size):
        board.draw(shape)
    # premultiplied, so that colours don't mix with the black of what is transparent
    overlay = board.picture.convert("RGBa").reduce(factor).convert("RGBA")
    result = picture.convert("RGBA")
    result.alpha_composite(overlay)
    return result.convert("RGB")


def annotated_pdf(pages: Sequence[Path], target: Path) -> None:
    """Write a PDF with one picture a page, each page as large as its picture. Raises BrokenMedia."""
    if not pages:
        raise BrokenMedia("There are no pages to write.")
    with replacing(target) as part:
        for position, page in enumerate(pages):
            # one by one, so that only one page is in memory
            read_picture(page, max_pixels=MOST_PIXELS).convert("RGB").save(
                part, format="PDF", append=position > 0, resolution=PAGE_RESOLUTION, quality=PAGE_QUALITY
            )


def _unwrapped(drawing: object, size: tuple[int, int]) -> tuple[object, tuple[float, float]]:
    """The objects, and the size of the board that they were drawn on."""
    canvas: tuple[float, float] = size
    if isinstance(drawing, Mapping):
        canvas = number(drawing, "width", size[0]), number(drawing, "height", size[1])
        inner: Any = drawing.get("drawing", drawing)
        drawing = inner.get("objects") if isinstance(inner, Mapping) else inner
    if canvas[0] < 1 or canvas[1] < 1:
        canvas = size
    return drawing, canvas


class _Board:
    """A transparent picture that shapes are drawn on."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.picture = Image.new("RGBA", size)
        self._pen = ImageDraw.Draw(self.picture)
        self._budget = LAYER_BUDGET

    def draw(self, shape: Shape) -> None:
        """Draw one shape; a translucent one on a layer of its own, lest it darken where it crosses itself."""
        if isinstance(shape, Words):
            self._write(shape)
            return
        width = shape.width if isinstance(shape, Stroke) else 0.0
        box = self._box(shape.points, max(width, *(shape.widths if isinstance(shape, Stroke) else ()), 0.0))
        if box is None:
            return
        if shape.colour[3] == 255:
            _trace(self._pen, shape, (0.0, 0.0), shape.colour)
            return
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        if self._spend(mask):
            _trace(ImageDraw.Draw(mask), shape, (box[0], box[1]), 255)
            self._lay(mask, (box[0], box[1]), shape.colour)

    def _box(self, points: Sequence[Point], width: float) -> tuple[int, int, int, int] | None:
        """The part of the board that is touched; None outside of it."""
        margin = width / 2 + 2
        left, right = min(x for x, _ in points) - margin, max(x for x, _ in points) + margin
        top, bottom = min(y for _, y in points) - margin, max(y for _, y in points) + margin
        box = (
            max(0, math.floor(left)),
            max(0, math.floor(top)),
            min(self.picture.width, math.ceil(right)),
            min(self.picture.height, math.ceil(bottom)),
        )
        return box if box[0] < box[2] and box[1] < box[3] else None

    def _spend(self, mask: Image.Image) -> bool:
        self._budget -= mask.width * mask.height
        return self._budget >= 0

    def _lay(self, mask: Image.Image, place: tuple[int, int], paint: Colour) -> None:
        layer = Image.new("RGBA", mask.size, paint[:3])
        layer.putalpha(mask.point(lambda value: value * paint[3] // 255))
        self.picture.alpha_composite(layer, place)

    def _write(self, words: Words) -> None:
        corners = [(0.0, 0.0), (words.box[0], 0.0), words.box, (0.0, words.box[1])]
        placed = [words.place.apply(corner) for corner in corners]
        if words.background is not None:
            self.draw(Area(placed, words.background))
        # letters may reach out of their box
        box = self._box(placed, words.font_size * words.place.size())
        scale = words.place.size()
        if box is None or scale <= 0:
            return
        size = min(LARGEST_FONT, max(1.0, words.font_size * scale))
        font = font_for(tuple(words.lines), size)
        letters = _lettering(words, font, size / words.font_size, self.picture.size)
        if letters is None or not self._spend(letters):
            return
        # from the board back to the picture of the letters
        back = words.place.after(Transform(a=words.font_size / size, d=words.font_size / size)).inverse()
        if back is None:
            return
        back = back.after(Transform(e=box[0], f=box[1]))
        mask = letters.transform(
            (box[2] - box[0], box[3] - box[1]),
            Image.Transform.AFFINE,
            (back.a, back.c, back.e, back.b, back.d, back.f),
            Image.Resampling.BILINEAR,
        )
        if self._spend(mask):
            self._lay(mask, (box[0], box[1]), words.colour)


def _lettering(
    words: Words, font: ImageFont.FreeTypeFont, scale: float, board: tuple[int, int]
) -> Image.Image | None:
    """The text as a mask, in pixels of the board, upright; None when it is larger than any board."""
    line = words.font_size * words.line_height * scale
    widths = [font.getlength(text) for text in words.lines]
    width = math.ceil(max(words.box[0] * scale, *widths)) + 2
    height = math.ceil(max(words.box[1] * scale, line * len(words.lines))) + 2
    if width * height > 4 * board[0] * board[1]:
        return None
    mask = Image.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    for position, text in enumerate(words.lines):
        room = words.box[0] * scale - widths[position]
        left = {"center": room / 2, "right": room}.get(words.align, 0.0)
        pen.text((max(0.0, left), position * line), text, fill=255, font=font)
    return mask


def _trace(pen: ImageDraw.ImageDraw, shape: Stroke | Area, origin: Point, paint: Colour | int) -> None:
    """Draw a shape with hard edges; `origin` is where the board of the pen lies."""
    points = [(x - origin[0], y - origin[1]) for x, y in shape.points]
    if isinstance(shape, Area):
        if len(points) > 2:
            pen.polygon(points, fill=paint)
        return
    widths = shape.widths or [shape.width] * len(points)
    if not shape.widths and len(points) > 1:
        pen.line(points, fill=paint, width=max(1, round(shape.width)), joint="curve")
        points, widths = [points[0], points[-1]], widths[:2]
    elif len(points) > 1:
        for one, other, width in zip(points, points[1:], widths, strict=False):
            pen.line([one, other], fill=paint, width=max(1, round(width)))
    # round ends, and round joints where the width changes
    for (x, y), width in zip(points, widths, strict=False):
        radius = max(0.5, width / 2)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=paint)
