"""Paths of drawings as chains of points: curves become lines short enough not to be seen."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from kitsu_api.media.transforms import FARTHEST, Point, turned

MOST_POINTS: Final = 50_000
CURVE_STEPS: Final = 12
# numbers after each letter
ARGUMENTS: Final = {"M": 2, "L": 2, "T": 2, "H": 1, "V": 1, "Q": 4, "S": 4, "C": 6, "A": 7, "Z": 0}
# of an arc: lines for a full turn, as many as for four curves in a row
ARC_STEPS: Final = 4 * CURVE_STEPS
TOKEN: Final = re.compile(r"[MmLlTtHhVvQqSsCcAaZz]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
LONGEST_TEXT: Final = 1_000_000
SMALLEST_LENGTH: Final = 1e-6


def chains(path: object) -> list[list[Point]]:
    """The strokes of a path, each without lifting the pen.

    A path is a list of commands such as `["Q", 1, 2, 3, 4]`, SVG's text, or a list of points such as `"1 2"`.
    What can't be understood ends the path.
    """
    pen = _Pen()
    for letter, numbers in _commands(path):
        if pen.points > MOST_POINTS:
            break
        pen.do(letter, numbers)
    return [chain for chain in pen.chains if chain]


class _Pen:
    def __init__(self) -> None:
        self.chains: list[list[Point]] = []
        self.points = 0
        self._at: Point = (0.0, 0.0)
        self._begin: Point = (0.0, 0.0)
        # the control point that a smooth curve mirrors
        self._control: Point | None = None

    def do(self, letter: str, numbers: list[float]) -> None:
        """Carry out one command; a small letter counts from where the pen is."""
        upper = letter.upper()
        pairs = self._pairs(upper, numbers, is_relative=letter != upper)
        control, self._control = self._control, None
        if upper == "M":
            self._begin = pairs[0]
            self.chains.append([])
            self._to(pairs[0])
        elif upper == "Z":
            self._to(self._begin)
        elif upper == "T" or upper == "S":
            self._curve([self._mirrored(control), *pairs])
        elif upper in "QC":
            self._curve(pairs)
        elif upper == "A":
            for point in arc(self._at, numbers, pairs[0]):
                self._to(point)
        else:
            self._to(pairs[-1])

    def _pairs(self, letter: str, numbers: list[float], *, is_relative: bool) -> list[Point]:
        x, y = self._at if is_relative else (0.0, 0.0)
        if letter == "H":
            return [(numbers[0] + x, self._at[1])]
        if letter == "V":
            return [(self._at[0], numbers[0] + y)]
        if letter == "A":
            # where the pen goes to; the radii, the turn and the two flags before it are no places
            numbers = numbers[5:]
        return [(a + x, b + y) for a, b in zip(numbers[::2], numbers[1::2], strict=True)]

    def _mirrored(self, control: Point | None) -> Point:
        if control is None:
            return self._at
        return (2 * self._at[0] - control[0], 2 * self._at[1] - control[1])

    def _curve(self, points: list[Point]) -> None:
        """A Bézier curve from where the pen is, by de Casteljau's construction."""
        hull = [self._at, *points]
        for step in range(1, CURVE_STEPS + 1):
            share = step / CURVE_STEPS
            level = hull
            while len(level) > 1:
                level = [
                    (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share) for a, b in pairwise(level)
                ]
            self._to(level[0])
        self._control = points[-2]

    def _to(self, point: Point) -> None:
        if not self.chains:
            self.chains.append([self._at])
        self.chains[-1].append(point)
        self.points += 1
        self._at = point


def arc(begin: Point, numbers: Sequence[float], end: Point) -> list[Point]:
    """Points of an elliptic arc after its beginning, by SVG 2, appendix B.2.

    `numbers` begins with both radii, the turn of the ellipse in degrees, whether the long way is taken, and
    whether angles grow. Radii that are too small to reach grow until they do; with a radius of 0 the arc is
    a straight line.
    """
    radii = abs(numbers[0]), abs(numbers[1])
    if min(*radii, math.dist(begin, end)) < SMALLEST_LENGTH:
        return [end]
    turn, back = turned(numbers[2]), turned(-numbers[2])
    half = back.apply(((begin[0] - end[0]) / 2, (begin[1] - end[1]) / 2))
    reach = math.hypot(half[0] / radii[0], half[1] / radii[1])
    x, y = (radius * max(1.0, reach) for radius in radii)
    # seen from the middle of the chord, in units of the radii, the centre lies square to half the chord
    across = (half[0] / x, half[1] / y)
    share = math.sqrt(max(0.0, 1 / min(1.0, reach) ** 2 - 1)) if reach else 0.0
    sign = -1.0 if bool(numbers[3]) == bool(numbers[4]) else 1.0
    middle = (sign * share * across[1], -sign * share * across[0])
    first = math.atan2(across[1] - middle[1], across[0] - middle[0])
    last = math.atan2(-across[1] - middle[1], -across[0] - middle[0])
    swept = (last - first) % math.tau
    if not numbers[4]:
        swept -= math.tau
    centre = turn.apply((middle[0] * x, middle[1] * y))
    centre = (centre[0] + (begin[0] + end[0]) / 2, centre[1] + (begin[1] + end[1]) / 2)
    steps = max(1, math.ceil(abs(swept) / math.tau * ARC_STEPS))
    points = []
    for step in range(1, steps):
        angle = first + swept * step / steps
        at = turn.apply((x * math.cos(angle), y * math.sin(angle)))
        points.append((at[0] + centre[0], at[1] + centre[1]))
    return [*points, end]


def _commands(path: object) -> Iterator[tuple[str, list[float]]]:
    if isinstance(path, str):
        yield from _of_tokens(TOKEN.findall(path[:LONGEST_TEXT]))
        return
    if not isinstance(path, list):
        return
    is_first = True
    for command in path[:MOST_POINTS]:
        if isinstance(command, str):
            tokens = TOKEN.findall(command[:LONGEST_TEXT])
            if tokens and not tokens[0].isalpha():
                tokens = ["M" if is_first else "L", *tokens]
            yield from _of_tokens(tokens)
        elif isinstance(command, list) and command and isinstance(command[0], str):
            numbers = [_finite(value) for value in command[1:8]]
            needed = ARGUMENTS.get(command[0].upper()[:1])
            if needed is None or len(command[0]) != 1 or len(numbers) < needed:
                return
            yield command[0], numbers[:needed]
        else:
            return
        is_first = False


def _of_tokens(tokens: list[str]) -> Iterator[tuple[str, list[float]]]:
    position = 0
    letter = ""
    while position < len(tokens):
        if tokens[position].isalpha():
            letter = tokens[position]
            position += 1
        elif not letter or letter in "Zz":
            return
        needed = ARGUMENTS[letter.upper()]
        if needed == ARGUMENTS["A"]:
            tokens[position : position + 5] = _with_flags(tokens[position : position + 5])
        numbers = tokens[position : position + needed]
        if len(numbers) < needed or any(part.isalpha() for part in numbers):
            return
        yield letter, [_finite(float(part)) for part in numbers]
        position += needed
        # more pairs after a first move are lines
        letter = {"M": "L", "m": "l"}.get(letter, letter)


def _with_flags(tokens: list[str]) -> list[str]:
    """The beginning of an arc with its two flags apart: `0110` is two flags and a 10, as is `0 1 10`."""
    for place in (3, 4):
        if len(tokens) > place and tokens[place][0] in "01" and len(tokens[place]) > 1:
            tokens[place : place + 1] = [tokens[place][0], tokens[place][1:]]
    return tokens


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    value = max(-FARTHEST, min(FARTHEST, value))
    return 0.0 if math.isnan(value) else float(value)
