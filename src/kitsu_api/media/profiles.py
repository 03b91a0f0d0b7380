"""Colours to sRGB: embedded profiles, and those that a file only hints at."""

from __future__ import annotations

import io
import struct
from typing import Final

from PIL import Image, ImageCms

Pair = tuple[float, float]
Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]
Primaries = tuple[Pair, Pair, Pair]

D65: Final[Pair] = (0.3127, 0.3290)
SRGB_PRIMARIES: Final[Primaries] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE_RGB: Final[Primaries] = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
ADOBE_GAMMA: Final = 563 / 256
SRGB_GAMMA: Final = 2.2
# white of the space in which ICC profiles meet, and the cones by which whites are exchanged (ICC.1, annex E)
D50: Final[Row] = (0.9642, 1.0, 0.8249)
BRADFORD: Final[Matrix] = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
ICC_SPACES: Final = {"RGB": ("RGB",), "GRAY": ("L",), "CMYK": ("CMYK",), "Lab": ("LAB",)}
INTEROPERABILITY: Final = 0xA005


def to_srgb(picture: Image.Image, kind: str) -> Image.Image:
    """The picture, read from a file of that kind, in sRGB, as RGB or RGBA with eight bits a channel.

    A profile that is damaged, or made for another kind of colour, counts as none: so do browsers.
    """
    alpha = _alpha(picture)
    colours = _eight_bits(picture)
    profile = _embedded(picture, colours.mode) or _hinted(picture, colours.mode, kind)
    colours = _transformed(colours, profile) if profile else _plain(colours)
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _alpha(picture: Image.Image) -> Image.Image | None:
    if not picture.has_transparency_data:
        return None
    alpha = picture.convert("RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Without alpha, in one of the modes that profiles are made for: L, RGB, CMYK, LAB."""
    mode = picture.mode
    if mode.startswith("I;16"):
        # a plain conversion would clip at 255
        return picture.convert("I").point(lambda value: value * (255 / 65535) + 0.5).convert("L")
    if mode in ("I", "F"):
        return _stretched(picture)
    if mode in ("L", "RGB", "CMYK", "LAB"):
        return picture
    if mode in ("1", "LA", "La"):
        return picture.convert("LA").getchannel("L") if mode != "1" else picture.convert("L")
    if mode in ("P", "PA", "RGBA", "RGBa"):
        return picture.convert("RGBA").convert("RGB")
    return picture.convert("RGB")


def _stretched(picture: Image.Image) -> Image.Image:
    """Grey of no agreed range: up to 255 or 65535, fractions up to 1, or else up to the brightest."""
    brightest = float(picture.getextrema()[1])  # type: ignore[arg-type]  # one channel: a pair of numbers
    whole = (255.0, 65535.0) if picture.mode == "I" else (1.0, 255.0, 65535.0)
    top = next((limit for limit in whole if brightest <= limit), brightest)
    return picture.convert("F").point(lambda value: value * (255 / top) + 0.5).convert("L")


def _embedded(picture: Image.Image, mode: str) -> ImageCms.ImageCmsProfile | None:
    data = picture.info.get("icc_profile")
    if not isinstance(data, bytes) or not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (OSError, ImageCms.PyCMSError):
        return None
    space = profile.profile.xcolor_space.strip()
    return profile if mode in ICC_SPACES.get(space, ()) or (space, mode) == ("RGB", "L") else None


def _hinted(picture: Image.Image, mode: str, kind: str) -> ImageCms.ImageCmsProfile | None:
    if mode not in ("RGB", "L"):
        return None
    if kind in ("JPEG", "MPO", "TIFF"):
        # cameras in Adobe RGB embed no profile but say "R03" (Exif 2.3, DCF optional colour space)
        index = picture.getexif().get_ifd(INTEROPERABILITY).get(1)
        return matrix_profile(ADOBE_RGB, D65, ADOBE_GAMMA) if str(index or "").startswith("R03") else None
    if kind != "PNG" or "srgb" in picture.info:
        return None
    exponent = picture.info.get("gamma")
    gamma = 1 / exponent if exponent else SRGB_GAMMA
    white, primaries = D65, SRGB_PRIMARIES
    if chroma := picture.info.get("chromaticity"):
        white = (chroma[0], chroma[1])
        primaries = ((chroma[2], chroma[3]), (chroma[4], chroma[5]), (chroma[6], chroma[7]))
    if not 0.5 <= gamma <= 4 or (abs(gamma - SRGB_GAMMA) < 0.05 and _near(primaries, SRGB_PRIMARIES)):
        return None
    return matrix_profile(primaries, white, gamma)


def _near(one: Primaries, other: Primaries) -> bool:
    return all(
        abs(a - b) < 0.002
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def _transformed(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    if picture.mode == "L" and profile.profile.xcolor_space.strip() == "RGB":
        picture = picture.convert("RGB")
    try:
        result = ImageCms.profileToProfile(
            picture,
            profile,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (OSError, ValueError, ImageCms.PyCMSError):
        return _plain(picture)
    return result or _plain(picture)


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode != "LAB":
        return picture.convert("RGB")
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    result = ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
    assert result is not None
    return result


def matrix_profile(primaries: Primaries, white: Pair, gamma: float) -> ImageCms.ImageCmsProfile | None:
    """A profile of three primaries and an exponent; None when they span no space.

    Chromaticities are CIE 1931 x, y.
    """
    try:
        columns = _adapted(primaries, white)
        data = _profile_bytes(columns, gamma)
        return ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (ZeroDivisionError, struct.error, OSError, ImageCms.PyCMSError):
        return None


def _adapted(primaries: Primaries, white: Pair) -> tuple[Row, ...]:
    """XYZ of the primaries at full strength, as seen under D50."""
    red, green, blue = (_xyz(primary) for primary in primaries)
    white_xyz = _xyz(white)
    rows: Matrix = tuple(zip(red, green, blue, strict=True))  # type: ignore[assignment]  # three of three
    shares = _times(_inverse(rows), white_xyz)
    cones, wanted = _times(BRADFORD, white_xyz), _times(BRADFORD, D50)
    back = _inverse(BRADFORD)
    adapted = []
    for primary, share in zip((red, green, blue), shares, strict=True):
        seen = _times(BRADFORD, (primary[0] * share, primary[1] * share, primary[2] * share))
        moved = (
            seen[0] * wanted[0] / cones[0],
            seen[1] * wanted[1] / cones[1],
            seen[2] * wanted[2] / cones[2],
        )
        adapted.append(_times(back, moved))
    return tuple(adapted)


def _xyz(pair: Pair) -> Row:
    x, y = pair
    return (x / y, 1.0, (1 - x - y) / y)


def _times(matrix: Matrix, vector: Row) -> Row:
    x, y, z = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return (x, y, z)


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    one, two, three = ((x / determinant, y / determinant, z / determinant) for x, y, z in rows)
    return (one, two, three)


def _profile_bytes(columns: tuple[Row, ...], gamma: float) -> bytes:
    """An ICC profile, version 2.4, of the matrix and curve kind."""

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"RGB-\0" + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"desc": text + bytes(-len(text) % 4), b"wtpt": b"XYZ \0\0\0\0" + fixed(*D50)}
    for letter, column in zip((b"r", b"g", b"b"), columns, strict=True):
        tags[letter + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*column)
        tags[letter + b"TRC"] = curve
    offset = 128 + 4 + 12 * len(tags)
    table, content = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(content), len(data))
        content += data
    header = struct.pack(">I4xI", offset + len(content), 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    header += bytes(28) + fixed(*D50)
    return header + bytes(128 - len(header)) + table + content
