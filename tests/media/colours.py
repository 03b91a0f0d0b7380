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


# CIE 1931 x, y of the primaries (ITU-R BT.709, BT.601, BT.2020), all with the white of D65
BT709 = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
SMPTE170M = ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
BT470BG = ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06))
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
D65 = (0.3127, 0.3290)
Pair = tuple[float, float]


def _solve(rows: list[list[float]], wanted: Sequence[float]) -> list[float]:
    """Three linear equations, by Cramer's rule."""

    def determinant(m: list[list[float]]) -> float:
        return (
            m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
        )

    whole = determinant(rows)
    return [
        determinant([[wanted[r] if c == column else rows[r][c] for c in range(3)] for r in range(3)]) / whole
        for column in range(3)
    ]


def _to_xyz(primaries: Sequence[Pair]) -> list[list[float]]:
    columns = [(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]
    rows = [[column[row] for column in columns] for row in range(3)]
    shares = _solve(rows, (D65[0] / D65[1], 1.0, (1 - D65[0] - D65[1]) / D65[1]))
    return [[value * share for value, share in zip(row, shares, strict=True)] for row in rows]


def in_bt709(colour: Sequence[int], primaries: Sequence[Pair]) -> tuple[int, ...]:
    """A colour of a movie with those primaries as BT.709 would encode it."""
    light = [_video_light(value / 255) for value in colour]
    point = [sum(a * b for a, b in zip(row, light, strict=True)) for row in _to_xyz(primaries)]
    return tuple(max(0, min(255, round(_video_code(value) * 255))) for value in _solve(_to_xyz(BT709), point))


def _video_light(code: float) -> float:
    return code / 4.5 if code < 0.081 else ((code + 0.099) / 1.099) ** (1 / 0.45)


def _video_code(light: float) -> float:
    return 4.5 * light if light < 0.018 else 1.099 * light**0.45 - 0.099


def rgb_of_bt709(y: int, u: int, v: int) -> tuple[int, ...]:
    """A pixel of limited range as red, green and blue, by the equations of BT.709."""
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    values = (luma + 1.5748 * red, luma - 0.187324 * blue - 0.468124 * red, luma + 1.8556 * blue)
    return tuple(max(0, min(255, round(value * 255))) for value in values)


# luminance in cd/m² of what is white in a picture of high range as in any other (ITU-R BT.2408)
REFERENCE_WHITE = 203
HLG_PEAK = 1000


def pq_light(colour: Sequence[int]) -> list[float]:
    """Luminance, in cd/m², of a colour by the curve of SMPTE ST 2084 (ITU-R BT.2100)."""
    m1, m2, c1, c2, c3 = 1305 / 8192, 2523 / 32, 107 / 128, 2413 / 128, 2392 / 128
    powers = [(value / 255) ** (1 / m2) for value in colour]
    return [10_000 * (max(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) for power in powers]


def hlg_light(colour: Sequence[int]) -> list[float]:
    """Luminance, in cd/m², of a colour by hybrid log-gamma on a display of 1000 cd/m² (ITU-R BT.2100)."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * math.log(4 * a)
    scene = [v * v / 3 if v <= 0.5 else (math.exp((v - c) / a) + b) / 12 for v in (n / 255 for n in colour)]
    luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
    return [HLG_PEAK * luminance**0.2 * value for value in scene]


def in_standard_range(light: Sequence[float]) -> tuple[int, ...]:
    """Luminance of the primaries of BT.2020 as a display of BT.709 and BT.1886 shows it."""
    point = [sum(a * b for a, b in zip(row, light, strict=True)) for row in _to_xyz(BT2020)]
    shares = [value / REFERENCE_WHITE for value in _solve(_to_xyz(BT709), point)]
    return tuple(round(255 * max(0.0, min(1.0, share)) ** (1 / 2.4)) for share in shares)
