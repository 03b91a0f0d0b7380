"""Reviewers' drawings: where each kind of object comes to lie, and objects that nobody should trust."""

from __future__ import annotations

import itertools
import math
import random
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kitsu_api.media.annotations import annotated_pdf, draw, drawn
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.paths import chains
from kitsu_api.media.transforms import Transform, colour, turned

BASE = (60, 60, 60)
RED = (255, 0, 0)
FRAME = Image.new("RGB", (400, 200), BASE)


def thing(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "canvasWidth": 400, "canvasHeight": 200, "strokeWidth": 0, **fields}


def with_things(*things: Any) -> Image.Image:
    return drawn(FRAME, {"width": 400, "height": 200, "drawing": {"objects": list(things)}})


def box_of(picture: Image.Image) -> tuple[int, int, int, int]:
    """What was drawn on: left, top, right, bottom."""
    band = picture.split()[0].point(lambda value: 255 * (value > 150))
    return band.getbbox() or (0, 0, 0, 0)


def close(one: tuple[int, ...], other: tuple[int, ...], by: int = 2) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def test_a_rectangle_lies_with_half_its_stroke_around_it() -> None:
    picture = with_things(
        thing("rect", left=40, top=30, width=80, height=50, fill="transparent", stroke="#f00", strokeWidth=4)
    )
    assert close(box_of(picture), (40, 30, 124, 84), by=1)
    assert picture.getpixel((42, 50)) == RED
    assert picture.getpixel((80, 55)) == BASE


def test_the_board_may_have_another_size_than_the_frame() -> None:
    shape = {
        "type": "rect",
        "left": 10,
        "top": 10,
        "width": 20,
        "height": 20,
        "fill": "red",
        "strokeWidth": 0,
    }
    for drawing in (
        {"width": 200, "height": 100, "drawing": {"objects": [shape]}},
        {"drawing": {"objects": [{**shape, "canvasWidth": 200, "canvasHeight": 100}]}},
        {"objects": [{**shape, "canvasWidth": 200, "canvasHeight": 100}]},
        [{**shape, "canvasWidth": 200, "canvasHeight": 100}],
    ):
        assert close(box_of(drawn(FRAME, drawing)), (20, 20, 60, 60), by=1)


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        (thing("rect", left=50, top=50, width=40, height=20, fill="red", scaleX=2, scaleY=3),
         (50, 50, 130, 110)),
        (thing("rect", left=100, top=50, width=40, height=20, fill="red", angle=90), (80, 50, 100, 90)),
        (thing("rect", left=100, top=50, width=40, height=20, fill="red", originX="center", originY="center"),
         (80, 40, 120, 60)),
        (thing("circle", left=50, top=50, radius=30, width=60, height=60, fill="red"), (50, 50, 110, 110)),
        (thing("ellipse", left=50, top=50, rx=40, ry=10, width=80, height=20, fill="red"), (50, 50, 130, 70)),
        (thing("triangle", left=50, top=50, width=40, height=40, fill="red"), (50, 50, 90, 90)),
        (thing("polygon", left=50, top=50, width=40, height=20, fill="red",
               points=[{"x": 7, "y": 5}, {"x": 47, "y": 5}, {"x": 47, "y": 25}, {"x": 7, "y": 25}]),
         (50, 50, 90, 70)),
        (thing("group", left=100, top=60, width=60, height=40, angle=90, objects=[
            thing("rect", left=-30, top=-20, width=10, height=10, fill="red")]),
         (90, 60, 100, 70)),
    ],
)  # fmt: skip
def test_shapes_lie_where_they_were_put(shape: dict[str, Any], box: tuple[int, int, int, int]) -> None:
    assert close(box_of(with_things(shape)), box)


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        (thing("path", left=48, top=48, width=50, height=0, stroke="red", strokeWidth=4,
               path=[["M", 50, 50], ["L", 100, 50]], fill=None), (48, 48, 102, 52)),
        (thing("path", left=48, top=48, width=60, height=20, stroke="red", strokeWidth=4, fill=None,
               path="M 0 0 Q 30 40 60 0"), (48, 48, 112, 72)),
        (thing("line", left=48, top=48, width=60, height=40, x1=-30, y1=20, x2=30, y2=-20, stroke="red",
               strokeWidth=4), (48, 48, 112, 92)),
        (thing("polyline", left=48, top=48, width=40, height=30, stroke="red", strokeWidth=4, fill="",
               points=[{"x": 0, "y": 0}, {"x": 20, "y": 30}, {"x": 40, "y": 0}]), (48, 48, 92, 82)),
        (thing("PSStroke", left=48, top=48, width=60, height=0, stroke="red", strokeWidth=4,
               strokePoints=[{"x": n, "y": 9, "pressure": 1} for n in range(61)]), (48, 48, 112, 52)),
    ],
)  # fmt: skip
def test_strokes_lie_where_they_were_drawn(shape: dict[str, Any], box: tuple[int, int, int, int]) -> None:
    assert close(box_of(with_things(shape)), box, by=3)


def test_pressure_makes_a_stroke_wider() -> None:
    points = [{"x": n, "y": 100, "pressure": n / 200} for n in range(201)]
    picture = with_things(
        thing(
            "psstroke",
            left=100,
            top=100,
            width=200,
            height=0,
            stroke="red",
            strokeWidth=40,
            strokePoints=points,
        )
    )
    columns = [sum(picture.getpixel((x, y)) == RED for y in range(200)) for x in (150, 200, 300)]
    assert columns[0] < columns[1] < columns[2]


def test_an_arrow_has_its_head_at_its_end() -> None:
    picture = with_things(
        thing(
            "arrow",
            left=100,
            top=98,
            width=100,
            height=0,
            x1=-50,
            y1=0,
            x2=50,
            y2=0,
            stroke="red",
            strokeWidth=4,
        )
    )
    columns = {x: sum(picture.getpixel((x, y)) == RED for y in range(200)) for x in (110, 150, 188)}
    assert columns[110] == columns[150] < columns[188]


def test_a_translucent_stroke_is_not_darker_where_it_crosses_itself() -> None:
    path = [["M", 50, 50], ["L", 150, 150], ["L", 150, 50], ["L", 50, 150]]
    picture = with_things(
        thing(
            "path",
            left=45,
            top=45,
            width=100,
            height=100,
            stroke="rgba(255,0,0,0.5)",
            strokeWidth=10,
            path=path,
        )
    )
    crossing, arm = picture.getpixel((100, 100)), picture.getpixel((70, 70))
    assert close(crossing, arm)  # type: ignore[arg-type]
    assert close(crossing, (158, 30, 30), by=3)  # type: ignore[arg-type]


def test_edges_are_smooth() -> None:
    picture = with_things(thing("circle", left=100, top=50, radius=40, width=80, height=80, fill="red"))
    reds = {picture.getpixel((x, 60))[0] for x in range(100, 180)}  # type: ignore[index]
    assert len(reds) > 2


@pytest.mark.parametrize("text", ["Ligne du bas", "Größe", "Кадр", "Δοκιμή"])
def test_words_are_written_with_all_their_letters(text: str) -> None:
    box = thing("i-text", left=40, top=40, width=200, height=40, text=text, fontSize=32, fill="red")
    left, top, _, bottom = box_of(with_things(box))
    assert 38 <= left <= 50
    assert top >= 40
    assert bottom <= 95
    missing = thing(
        "i-text",
        left=40,
        top=40,
        width=200,
        height=40,
        text="\U000fffff" * len(text),
        fontSize=32,
        fill="red",
    )
    assert with_things(box).tobytes() != with_things(missing).tobytes()
    turned_box = box_of(with_things({**box, "angle": 90, "left": 200, "top": 10}))
    assert turned_box[3] - turned_box[1] > turned_box[2] - turned_box[0]


def test_words_have_lines_a_side_and_a_background() -> None:
    box = thing("textbox", left=100, top=20, width=200, height=80, text="a\nb", fontSize=30, fill="red")
    one = box_of(with_things({**box, "textAlign": "left"}))
    other = box_of(with_things({**box, "textAlign": "right"}))
    assert one[2] < 150
    assert other[0] > 250
    assert one[3] - one[1] > 40
    assert close(box_of(with_things({**box, "backgroundColor": "#fff"})), (100, 20, 300, 100))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("#ff3860", (255, 56, 96, 255)),
        ("#f00", (255, 0, 0, 255)),
        ("#ff000080", (255, 0, 0, 128)),
        ("rgb(1, 2, 3)", (1, 2, 3, 255)),
        ("rgba(255,255,255,.3)", (255, 255, 255, 76)),
        ("rgb(100% 0% 0%)", (255, 0, 0, 255)),
        ("RED", (255, 0, 0, 255)),
        ("transparent", None),
        ("rgba(1,2,3,0)", None),
        ("url(http://10.0.0.1)", None),
        ("x" * 1000, None),
        (None, None),
        (17, None),
    ],
)
def test_colours_are_read_as_css_writes_them(written: object, meant: tuple[int, ...] | None) -> None:
    assert colour(written) == meant


def test_paths_are_read_in_all_their_spellings() -> None:
    square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]
    assert chains("M0,0 h10 v10 h-10 z") == [square]
    assert chains([["M", 0, 0], ["L", 10, 0], ["V", 10], ["H", 0], ["Z"]]) == [square]
    assert chains(["0 0", "0 10"]) == [[(0.0, 0.0), (0.0, 10.0)]]
    assert chains("M 0 0 10 0 m 5 5 l 1 1") == [[(0, 0), (10, 0)], [(15, 5), (16, 6)]]
    curve = chains("M 0 0 C 0 10 10 10 10 0 S 20 -10 20 0")[0]
    assert curve[6] == pytest.approx((5, 7.5))
    assert curve[-1] == (20, 0)
    assert chains([["M", 0], ["L", 1, 1]]) == []
    assert chains(["nonsense", 5]) == []
    assert chains({"a": 1}) == []


@pytest.mark.parametrize(
    ("path", "middle", "radii", "quarter"),
    [
        # which of the four arcs between two points: short or long, by growing angles or not
        ("M 10 20 A 10 10 0 0 1 20 10", (20, 20), (10, 10), True),
        ("M 10 20 A 10 10 0 0 0 20 10", (10, 10), (10, 10), True),
        ("M 10 20 A 10 10 0 1 1 20 10", (10, 10), (10, 10), False),
        ("M 10 20 A 10 10 0 1 0 20 10", (20, 20), (10, 10), False),
        ("M 0 0 A 30 10 0 0 1 30 10", (0, 10), (30, 10), True),
        ("m 10 20 a 10 10 0 0 1 10 -10", (20, 20), (10, 10), True),
        # flags need nothing between them
        ("M10 20a10 10 0 0110-10", (20, 20), (10, 10), True),
        ("M10 20a10,10,0,01,10,-10", (20, 20), (10, 10), True),
        ([["M", 10, 20], ["A", 10, 10, 0, 0, 1, 20, 10]], (20, 20), (10, 10), True),
    ],
)
def test_arcs_are_round(
    path: object, middle: tuple[float, float], radii: tuple[float, float], quarter: bool
) -> None:
    (chain,) = chains(path)
    for x, y in chain:
        assert math.hypot((x - middle[0]) / radii[0], (y - middle[1]) / radii[1]) == pytest.approx(1)
    length = sum(math.dist(*pair) for pair in itertools.pairwise(chain))
    if radii[0] == radii[1]:
        assert length == pytest.approx(math.tau * radii[0] * (0.25 if quarter else 0.75), rel=0.01)


def test_an_arc_may_lie_askew_and_grows_until_it_reaches() -> None:
    (turned_ellipse,) = chains("M 0 0 A 20 10 90 0 1 20 0")
    assert all(math.hypot((x - 10) / 10, y / 20) == pytest.approx(1) for x, y in turned_ellipse)
    assert min(y for _, y in turned_ellipse) == pytest.approx(-20, abs=0.1)
    (grown,) = chains("M 0 0 A 5 5 0 0 1 20 0")
    assert all(math.hypot(x - 10, y) == pytest.approx(10) for x, y in grown)


@pytest.mark.parametrize(
    "path", ["M 0 0 A 0 5 0 0 1 20 0", "M 0 0 A 5 0 0 1 1 20 0", "M 0 0 A 1e-9 9 0 0 1 20 0"]
)
def test_an_arc_without_a_radius_is_a_line(path: str) -> None:
    assert chains(path) == [[(0.0, 0.0), (20.0, 0.0)]]


def test_an_arc_is_drawn_where_it_bulges() -> None:
    half = thing("path", left=100, top=50, width=80, height=40, stroke="red", strokeWidth=4, fill=None,
                 path="M 100 90 A 40 40 0 0 1 180 90")  # fmt: skip
    picture = with_things(half)
    assert close(box_of(picture), (100, 50, 184, 94), by=3)
    # the chord, which lies below, stays as it was
    assert picture.getpixel((142, 92)) == FRAME.getpixel((142, 92))
    assert picture.getpixel((142, 52)) == RED


def test_transforms_undo_each_other() -> None:
    there = turned(30).after(Transform(a=2, d=3, e=5, f=-7))
    back = there.inverse()
    assert back is not None
    assert back.apply(there.apply((12, 34))) == pytest.approx((12, 34))
    assert Transform(a=0).inverse() is None


HOSTILE: list[Any] = [
    None, True, 5, "rect", [], {}, {"type": 5}, {"type": "image", "src": "file:///etc/passwd"},
    {"type": "rect", "left": float("nan"), "top": float("inf"), "width": 1e308, "height": -1e308,
     "stroke": "red"},
    {"type": "rect", "width": 10**400, "height": "10", "fill": "red", "strokeWidth": 10**30},
    {"type": "circle", "radius": -5, "fill": "red"},
    {"type": "i-text", "text": "x" * 100_000, "fontSize": 1e9, "fill": "red"},
    {"type": "i-text", "text": "\n" * 10_000 + "\ud800\x00", "fill": "red", "scaleX": 0},
    {"type": "path", "path": [["L"] * 8] * 10, "stroke": "red"},
    {"type": "path", "path": "M" + "9" * 5000, "stroke": "red"},
    {"type": "polyline", "points": [{"x": "a"}, None, {"y": 1e300}], "stroke": "red"},
    {"type": "psstroke", "strokePoints": [{"pressure": float("nan")}], "stroke": "red"},
    {"type": "arrow", "points": [{}], "stroke": "red"}, {"type": "arrow", "stroke": "red"},
    {"type": "rect", "canvasWidth": 0, "canvasHeight": -1, "fill": "red", "width": 5, "height": 5},
    {"type": "rect", "canvasWidth": 1e-300, "canvasHeight": 1e-300, "fill": "red", "width": 5, "height": 5},
]  # fmt: skip


@pytest.mark.parametrize("position", range(len(HOSTILE)))
def test_hostile_objects_are_passed_over(position: int) -> None:
    good = thing("rect", left=300, top=100, width=40, height=40, fill="lime")
    picture = with_things(HOSTILE[position], good)
    assert picture.size == (400, 200)
    if position not in (8, 9, 19):
        assert picture.getpixel((320, 120)) == (0, 255, 0)


@pytest.mark.parametrize(
    "drawing",
    [
        None,
        5,
        "words",
        {},
        {"drawing": None},
        {"drawing": {"objects": {}}},
        [[]],
        {"width": "a", "height": 0, "drawing": {"objects": [thing("rect")]}},
    ],
)
def test_a_drawing_that_is_none_leaves_the_frame_as_it_is(drawing: Any) -> None:
    assert drawn(FRAME, drawing).tobytes() == FRAME.tobytes()


def test_too_many_objects_are_cut_off_and_deep_groups_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitsu_api.media.annotations.LAYER_BUDGET", 10_000_000)
    nested: dict[str, Any] = thing("rect", width=5, height=5, fill="red")
    for _ in range(500):
        nested = thing("group", width=5, height=5, objects=[nested])
    with_things(nested)
    wide = thing("group", width=5, height=5, objects=[thing("group", objects=[thing("rect")] * 100)] * 5000)
    with_things(*[wide] * 50)
    veil = thing("rect", width=400, height=200, fill="rgba(0,0,0,0.01)")
    with_things(*[veil] * 6000)


def test_made_up_objects_never_bring_an_error() -> None:
    chance = random.Random(4)
    values: list[Any] = [
        None,
        0,
        -1,
        3.5,
        1e9,
        "",
        "red",
        "M 0 0 L 9 9",
        [],
        {},
        [["M", 1, 2]],
        float("nan"),
        True,
    ]
    kinds = [
        "rect",
        "circle",
        "ellipse",
        "line",
        "arrow",
        "path",
        "polyline",
        "polygon",
        "group",
        "i-text",
        "PSStroke",
    ]
    fields = [
        "left",
        "top",
        "width",
        "height",
        "scaleX",
        "angle",
        "stroke",
        "fill",
        "strokeWidth",
        "path",
        "points",
        "text",
        "fontSize",
        "objects",
        "strokePoints",
        "radius",
        "opacity",
        "pathOffset",
        "textAlign",
        "flipX",
    ]
    for _ in range(60):
        made = [
            {"type": chance.choice(kinds)}
            | {name: chance.choice(values) for name in chance.sample(fields, 9)}
            for _ in range(4)
        ]
        with_things(*made)


def test_files_are_written_and_a_broken_frame_is_refused(tmp_path: Path) -> None:
    FRAME.save(tmp_path / "frame.png")
    shape = thing("rect", left=40, top=30, width=80, height=50, fill="red")
    draw(tmp_path / "frame.png", {"objects": [shape]}, tmp_path / "drawn.png")
    assert Image.open(tmp_path / "drawn.png").getpixel((60, 50)) == RED
    (tmp_path / "frame.png").write_bytes(b"words")
    with pytest.raises(BrokenMedia):
        draw(tmp_path / "frame.png", {"objects": [shape]}, tmp_path / "other.png")
    assert not (tmp_path / "other.png").exists()


def test_a_pdf_has_a_page_for_each_picture(tmp_path: Path) -> None:
    paths = []
    for number, size in enumerate(((96, 48), (192, 96), (48, 96))):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", size, (80 * number, 0, 0)).save(paths[-1])
    annotated_pdf(paths, tmp_path / "all.pdf")
    content = (tmp_path / "all.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert re.findall(rb"/Count (\d+)", content)[-1] == b"3"
    # points of a 72nd of an inch, at 96 pixels an inch
    for width, height in ((72, 36), (144, 72), (36, 72)):
        assert re.search(rb"/MediaBox \[ 0 0 %d(\.0)? %d(\.0)? \]" % (width, height), content)
    with pytest.raises(BrokenMedia):
        annotated_pdf([], tmp_path / "none.pdf")
