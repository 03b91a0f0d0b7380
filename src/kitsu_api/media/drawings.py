"""Objects of the web client's drawing board (fabric.js) as strokes, areas and words in pixels of a picture.

An object has its place (`left`, `top`), by default that of its top left corner with half its stroke
around it, and is scaled and turned about it. Nothing in it is trusted: what isn't understood isn't drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kitsu_api.media.paths import chains
from kitsu_api.media.transforms import Colour, Point, Thing, Transform, colour, number, text, turned

MOST_OBJECTS: Final = 5_000
DEEPEST: Final = 8
MOST_POINTS: Final = 50_000
LONGEST_TEXT: Final = 5_000
MOST_LINES: Final = 200
ROUND_STEPS: Final = 72
# fractions of the size by which a place lies left of, or above, the middle
ORIGINS: Final = {"left": 0.5, "top": 0.5, "center": 0.0, "right": -0.5, "bottom": -0.5}
# of an arrow: length of the head in widths of its line, and half its opening in degrees
HEAD: Final = 5.0
OPENING: Final = 28.0
DEFAULT_FONT_SIZE: Final = 40.0
DEFAULT_LINE_HEIGHT: Final = 1.16


@dataclass(frozen=True)
class Stroke:
    """A chain of points with a width; `widths` has one for each point where pressure changes it."""

    points: Sequence[Point]
    width: float
    colour: Colour
    widths: Sequence[float] = ()


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: Sequence[Point]
    colour: Colour


@dataclass(frozen=True)
class Words:
    """Lines of text from the top left corner of a box whose pixels a transform places on the picture."""

    lines: Sequence[str]
    font_size: float
    line_height: float
    align: str
    box: tuple[float, float]
    place: Transform
    colour: Colour
    background: Colour | None


Shape = Stroke | Area | Words


def shapes(objects: object, canvas: tuple[float, float], size: tuple[int, int]) -> Iterator[Shape]:
    """What is to be drawn on a picture of that size, in its order.

    `canvas` is the size of the board for objects that don't know theirs.
    """
    budget = _Budget()
    for thing in _things(objects):
        width, height = number(thing, "canvasWidth", canvas[0]), number(thing, "canvasHeight", canvas[1])
        if width > 0 and height > 0:
            board = Transform(a=size[0] / width, d=size[1] / height)
            yield from _shapes_of(thing, board, 1.0, 0, budget)


class _Budget:
    """Counts objects, groups within groups included."""

    def __init__(self) -> None:
        self._left = MOST_OBJECTS

    def spend(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _things(objects: object) -> Iterator[Thing]:
    if isinstance(objects, list):
        for thing in objects[:MOST_OBJECTS]:
            if isinstance(thing, Mapping):
                yield thing


def _shapes_of(
    thing: Thing, parent: Transform, opacity: float, depth: int, budget: _Budget
) -> Iterator[Shape]:
    if not budget.spend() or thing.get("visible") is False:
        return
    opacity *= max(0.0, min(1.0, number(thing, "opacity", 1.0)))
    kind = text(thing, "type").lower()
    place = parent.after(_place(thing))
    if kind in ("group", "activeselection"):
        if depth < DEEPEST:
            for inner in _things(thing.get("objects")):
                yield from _shapes_of(inner, place, opacity, depth + 1, budget)
        return
    if kind in ("i-text", "itext", "text", "textbox"):
        yield from _words(thing, place, opacity)
        return
    maker = MAKERS.get(kind)
    if maker is None:
        return
    pen = _Pen(thing, place, opacity, parent)
    yield from maker(thing, pen)


def _place(thing: Thing) -> Transform:
    """From an object's own coordinates, whose origin is its middle, to those of what holds it."""
    scale_x, scale_y = number(thing, "scaleX", 1.0), number(thing, "scaleY", 1.0)
    border = number(thing, "strokeWidth", 1.0)
    width, height = number(thing, "width"), number(thing, "height")
    if thing.get("strokeUniform") is True:
        box = (width * scale_x + border, height * scale_y + border)
    else:
        box = ((width + border) * scale_x, (height + border) * scale_y)
    turn = turned(number(thing, "angle"))
    offset = turn.apply(
        (
            box[0] * ORIGINS.get(text(thing, "originX", "left"), 0.5),
            box[1] * ORIGINS.get(text(thing, "originY", "top"), 0.5),
        )
    )
    middle = Transform(e=number(thing, "left") + offset[0], f=number(thing, "top") + offset[1])
    mirrored = Transform(
        a=-scale_x if thing.get("flipX") is True else scale_x,
        d=-scale_y if thing.get("flipY") is True else scale_y,
    )
    return middle.after(turn).after(mirrored)


class _Pen:
    """Colours and width of an object, and its way to the picture."""

    def __init__(self, thing: Thing, place: Transform, opacity: float, parent: Transform) -> None:
        self.place = place
        self.fill = colour(thing.get("fill"), opacity)
        self.stroke = colour(thing.get("stroke"), opacity)
        around = parent if thing.get("strokeUniform") is True else place
        self.scale = around.size()
        self.width = max(0.0, number(thing, "strokeWidth", 1.0)) * self.scale

    def outline(self, points: Sequence[Point]) -> Iterator[Shape]:
        """A closed shape: its area, then its edge."""
        placed = [self.place.apply(point) for point in points]
        if self.fill is not None and len(placed) > 2:
            yield Area(placed, self.fill)
        if self.stroke is not None and self.width > 0 and placed:
            yield Stroke([*placed, *placed[:2]], self.width, self.stroke)

    def chain(self, points: Sequence[Point]) -> Iterator[Shape]:
        """An open one: its area if it has a colour, then the line."""
        placed = [self.place.apply(point) for point in points]
        if self.fill is not None and len(placed) > 2:
            yield Area(placed, self.fill)
        if self.stroke is not None and self.width > 0 and placed:
            yield Stroke(placed, self.width, self.stroke)


def _rectangle(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    x, y = number(thing, "width") / 2, number(thing, "height") / 2
    yield from pen.outline([(-x, -y), (x, -y), (x, y), (-x, y)])


def _triangle(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    x, y = number(thing, "width") / 2, number(thing, "height") / 2
    yield from pen.outline([(-x, y), (0, -y), (x, y)])


def _round(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    radius = number(thing, "radius", number(thing, "width") / 2)
    x = number(thing, "rx", radius)
    y = number(thing, "ry", number(thing, "height") / 2 if "radius" not in thing else radius)
    angles = [math.tau * step / ROUND_STEPS for step in range(ROUND_STEPS)]
    yield from pen.outline([(x * math.cos(angle), y * math.sin(angle)) for angle in angles])


def _ends(thing: Thing) -> tuple[Point, Point]:
    """Of a line, which is stored as the diagonal of its box and which of the two it is."""
    x, y = number(thing, "width") / 2, number(thing, "height") / 2
    if number(thing, "x1") > number(thing, "x2"):
        x = -x
    if number(thing, "y1") > number(thing, "y2"):
        y = -y
    return (-x, -y), (x, y)


def _line(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    yield from pen.chain(_ends(thing))


def _arrow(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    begin, tip = _ends(thing)
    if "points" in thing:
        found = list(_points(thing))
        if len(found) < 2:
            return
        begin, tip = _centred(found)[0], _centred(found)[-1]
    yield from pen.chain([begin, tip])
    paint = pen.stroke or pen.fill
    placed_begin, placed_tip = pen.place.apply(begin), pen.place.apply(tip)
    direction = math.atan2(placed_tip[1] - placed_begin[1], placed_tip[0] - placed_begin[0])
    if paint is None:
        return
    length = max(pen.width, 1.0) * HEAD
    back = [direction + math.pi - math.radians(OPENING), direction + math.pi + math.radians(OPENING)]
    barbs = [(placed_tip[0] + length * math.cos(a), placed_tip[1] + length * math.sin(a)) for a in back]
    yield Area([placed_tip, *barbs], paint)


def _polyline(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    yield from pen.chain(_centred(list(_points(thing))))


def _polygon(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    yield from pen.outline(_centred(list(_points(thing))))


def _path(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    found = chains(thing.get("path"))
    offset = _offset(thing, [point for chain in found for point in chain])
    for chain in found:
        yield from pen.chain([(x - offset[0], y - offset[1]) for x, y in chain])


def _pressed(thing: Thing, pen: _Pen) -> Iterator[Shape]:
    """A stroke of a pen that knows how hard it was pressed."""
    dots = [dot for dot in _list(thing.get("strokePoints")) if isinstance(dot, Mapping)][:MOST_POINTS]
    points = [(number(dot, "x"), number(dot, "y")) for dot in dots]
    paint = pen.stroke or colour(thing.get("color")) or pen.fill
    if not points or paint is None:
        return
    offset = _offset(thing, points)
    placed = [pen.place.apply((x - offset[0], y - offset[1])) for x, y in points]
    widths = [pen.width * max(0.05, min(1.0, number(dot, "pressure", 1.0))) for dot in dots]
    yield Stroke(placed, pen.width, paint, widths)


def _words(thing: Thing, place: Transform, opacity: float) -> Iterator[Shape]:
    paint = colour(thing.get("fill", "black"), opacity)
    lines = text(thing, "text")[:LONGEST_TEXT].splitlines()[:MOST_LINES]
    font_size = max(1.0, min(2_000.0, number(thing, "fontSize", DEFAULT_FONT_SIZE)))
    line_height = max(0.5, min(5.0, number(thing, "lineHeight", DEFAULT_LINE_HEIGHT)))
    if paint is None or not any(lines):
        return
    width = number(thing, "width") or font_size * max(len(line) for line in lines)
    height = number(thing, "height") or font_size * line_height * len(lines)
    yield Words(
        lines,
        font_size,
        line_height,
        text(thing, "textAlign", "left"),
        (width, height),
        place.after(Transform(e=-width / 2, f=-height / 2)),
        paint,
        colour(thing.get("textBackgroundColor") or thing.get("backgroundColor"), opacity),
    )


def _points(thing: Thing) -> Iterator[Point]:
    for point in _list(thing.get("points"))[:MOST_POINTS]:
        if isinstance(point, Mapping):
            yield (number(point, "x"), number(point, "y"))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _offset(thing: Thing, points: Sequence[Point]) -> Point:
    """The middle of the points, which lies at an object's own origin."""
    stored = thing.get("pathOffset")
    if isinstance(stored, Mapping):
        return number(stored, "x"), number(stored, "y")
    if not points:
        return (0.0, 0.0)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _centred(points: list[Point]) -> list[Point]:
    x, y = _offset({}, points)
    return [(point[0] - x, point[1] - y) for point in points]


MAKERS: Final[dict[str, Callable[[Thing, _Pen], Iterator[Shape]]]] = {
    "rect": _rectangle,
    "triangle": _triangle,
    "circle": _round,
    "ellipse": _round,
    "line": _line,
    "arrow": _arrow,
    "polyline": _polyline,
    "polygon": _polygon,
    "path": _path,
    "psstroke": _pressed,
}
