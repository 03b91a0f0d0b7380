"""Affine transforms, and values of drawings that nobody vouches for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from PIL import ImageColor

Point = tuple[float, float]
Colour = tuple[int, int, int, int]
Thing = Mapping[str, Any]

# no canvas is larger; what lies further out can't be seen
FARTHEST: Final = 100_000.0
LONGEST_COLOUR: Final = 64
FUNCTION: Final = re.compile(r"rgba?\(([^()]*)\)", re.I)
PART: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)%?")


@dataclass(frozen=True)
class Transform:
    """x' = a x + c y + e, y' = b x + d y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def after(self, other: Transform) -> Transform:
        """What does the other one first, then this one."""
        return Transform(
            self.a * other.a + self.c * other.b,
            self.b * other.a + self.d * other.b,
            self.a * other.c + self.c * other.d,
            self.b * other.c + self.d * other.d,
            self.a * other.e + self.c * other.f + self.e,
            self.b * other.e + self.d * other.f + self.f,
        )

    def apply(self, point: Point) -> Point:
        """Where a point comes to lie."""
        x, y = point
        return (self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)

    def size(self) -> float:
        """By how much lengths grow, on average of the directions."""
        return math.sqrt(abs(self.a * self.d - self.b * self.c))

    def inverse(self) -> Transform | None:
        """What undoes it; None when it flattens everything."""
        determinant = self.a * self.d - self.b * self.c
        if abs(determinant) < 1e-9:
            return None
        a, b, c, d = self.d / determinant, -self.b / determinant, -self.c / determinant, self.a / determinant
        return Transform(a, b, c, d, -(a * self.e + c * self.f), -(b * self.e + d * self.f))


def turned(degrees: float) -> Transform:
    """A turn, clockwise, since y points down."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return Transform(cosine, sine, -sine, cosine)


def number(thing: Thing, key: str, default: float = 0.0) -> float:
    """A finite number within bounds; the default for anything else."""
    value = thing.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    # a whole number may be too large for a float
    value = max(-FARTHEST, min(FARTHEST, value))
    return default if math.isnan(value) else float(value)


def text(thing: Thing, key: str, default: str = "") -> str:
    """A string, or the default."""
    value = thing.get(key, default)
    return value if isinstance(value, str) else default


def colour(value: object, opacity: float = 1.0) -> Colour | None:
    """A colour as CSS writes it, with its alpha; None for none, and for what is no colour."""
    if not isinstance(value, str) or not value or len(value) > LONGEST_COLOUR or value == "transparent":
        return None
    if found := FUNCTION.fullmatch(value.strip()):
        parsed = _function(found[1])
    else:
        try:
            rgb = ImageColor.getrgb(value)
        except ValueError:
            return None
        parsed = (rgb[0], rgb[1], rgb[2], rgb[3] if len(rgb) > 3 else 255)
    if parsed is None:
        return None
    alpha = round(parsed[3] * max(0.0, min(1.0, opacity)))
    return (*parsed[:3], alpha) if alpha else None


def _function(inside: str) -> Colour | None:
    parts = PART.findall(inside)
    if len(parts) not in (3, 4):
        return None
    values = [float(part.rstrip("%")) * (2.55 if part.endswith("%") else 1) for part in parts]
    if len(values) == 4 and not parts[3].endswith("%"):
        values[3] *= 255
    red, green, blue, alpha = (max(0, min(255, round(value))) for value in (*values, 255.0)[:4])
    return red, green, blue, alpha
