"""Colour arithmetic for tests, independent of what is tested: profiles by published constants, and ΔE2000."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

Vector = tuple[float, float, float]

# XYZ of the primaries as seen under D50, as the vendors' own profiles hold them
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
ADOBE_GAMMA = 2.19921875
D50 = (0.9642, 1.0, 0.8249)


def srgb_light(value: float) -> float:
    """Light of an encoded value from 0 to 1, by the curve of sRGB, which Display P3 shares."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def xyz(colour: Sequence[int], primaries: Sequence[Vector], gamma: float | None = None) -> Vector:
    """XYZ of a colour of eight bits a channel."""
    light = [(v / 255) ** gamma if gamma else srgb_light(v / 255) for v in colour[:3]]
    x, y, z = (
        sum(share * primary[n] for share, primary in zip(light, primaries, strict=True)) for n in range(3)
    )
    return x, y, z


def lab(point: Vector) -> Vector:
    """CIE L*a*b* under D50."""

    def curve(value: float) -> float:
        return value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116

    x, y, z = (curve(value / white) for value, white in zip(point, D50, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def lab_of_srgb(colour: Sequence[int]) -> Vector:
    """L*a*b* of a pixel in sRGB."""
    return lab(xyz(colour, SRGB))


def difference(one: Vector, other: Vector) -> float:
    """ΔE2000 (Sharma, Wu, Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dl, dc = l2 - l1, c2 - c1
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2)
    ml, mc = (l1 + l2) / 2, (c1 + c2) / 2
    mh = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * math.cos(math.radians(mh - 30))
        + 0.24 * math.cos(math.radians(2 * mh))
        + 0.32 * math.cos(math.radians(3 * mh + 6))
        - 0.20 * math.cos(math.radians(4 * mh - 63))
    )
    sl = 1 + 0.015 * (ml - 50) ** 2 / math.sqrt(20 + (ml - 50) ** 2)
    sc, sh = 1 + 0.045 * mc, 1 + 0.015 * mc * t
    rotation = (
        -2
        * math.sqrt(mc**7 / (mc**7 + 25.0**7))
        * math.sin(math.radians(60 * math.exp(-(((mh - 275) / 25) ** 2))))
    )
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh))


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _profile(space: bytes, kind: bytes, connection: bytes, tags: dict[bytes, bytes], version: int) -> bytes:
    table, content = struct.pack(">I", len(tags)), b""
    offset = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", offset + len(content), len(data))
        content += data
    header = (
        struct.pack(">I4xI", offset + len(content), version) + kind + space + connection + bytes(12) + b"acsp"
    )
    header += bytes(28) + _fixed(*D50)
    return header + bytes(128 - len(header)) + table + content


def rgb_profile(primaries: Sequence[Vector], gamma: float | None = None) -> bytes:
    """An ICC profile of three primaries and a curve, that of sRGB by default."""
    if gamma is None:
        curve = (
            b"para\0\0\0\0"
            + struct.pack(">HH", 3, 0)
            + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        )
    else:
        curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = {b"wtpt": b"XYZ \0\0\0\0" + _fixed(*D50)}
    for letter, primary in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags[letter + b"XYZ"] = b"XYZ \0\0\0\0" + _fixed(*primary)
        tags[letter + b"TRC"] = curve
    return _profile(b"RGB ", b"mntr", b"XYZ ", tags, 0x04200000)


def cmyk_profile(inks: dict[tuple[int, int, int, int], Vector]) -> bytes:
    """A profile of a printing press, by L*a*b* of all 16 overprints of full inks (1) and none (0)."""
    nodes = b""
    for number in range(16):
        key = (number >> 3 & 1, number >> 2 & 1, number >> 1 & 1, number & 1)
        light, a, b = inks[key]
        nodes += bytes((round(light * 255 / 100), round(a + 128), round(b + 128)))
    linear = bytes(range(256))
    table = (
        b"mft1\0\0\0\0"
        + bytes((4, 3, 2, 0))
        + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
        + linear * 4
        + nodes
        + linear * 3
    )
    tags = {b"wtpt": b"XYZ \0\0\0\0" + _fixed(*D50), b"A2B0": table, b"A2B1": table}
    return _profile(b"CMYK", b"prtr", b"Lab ", tags, 0x02400000)
