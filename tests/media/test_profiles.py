"""Colours come out as sRGB as they were meant, within what eyes can tell apart (ΔE2000 below 2)."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from kitsu_api.media.pictures import read_picture
from tests.media import colours
from tests.media.colours import difference, lab, lab_of_srgb, xyz

LIMIT = 10_000_000
# all within sRGB, so that nothing has to be brought into it
PALETTE = [(128, 128, 128), (180, 120, 100), (90, 140, 110), (100, 110, 170), (200, 180, 90), (60, 60, 90)]


def patches(palette: Sequence[tuple[int, ...]], mode: str = "RGB") -> Image.Image:
    picture = Image.new(mode, (16 * len(palette), 16))
    for number, colour in enumerate(palette):
        picture.paste(colour, (number * 16, 0, number * 16 + 16, 16))
    return picture


def pixels(source: Path, count: int) -> list[tuple[int, ...]]:
    picture = read_picture(source, max_pixels=LIMIT)
    assert picture.mode == "RGB"
    return [picture.getpixel((number * 16 + 8, 8)) for number in range(count)]  # type: ignore[misc]


def test_the_difference_is_that_of_the_literature() -> None:
    # pairs 1, 7, 17 and 25 of Sharma, Wu and Dalal's test data
    assert difference((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert difference((50, 0, 0), (50, -1, 2)) == pytest.approx(2.3669, abs=1e-4)
    assert difference((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-4)
    assert difference((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387)) == pytest.approx(
        1.2644, abs=1e-4
    )


@pytest.mark.parametrize(
    ("primaries", "gamma"),
    [(colours.DISPLAY_P3, None), (colours.ADOBE_RGB, colours.ADOBE_GAMMA), (colours.SRGB, None)],
    ids=["display-p3", "adobe-rgb", "srgb"],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_embedded_profiles_are_followed(
    tmp_path: Path, primaries: Sequence[colours.Vector], gamma: float | None, kind: str
) -> None:
    profile = colours.rgb_profile(primaries, gamma)
    options = {"quality": 100, "lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0}
    patches(PALETTE).save(tmp_path / "source", format=kind, icc_profile=profile, **options)
    for wanted, got in zip(PALETTE, pixels(tmp_path / "source", len(PALETTE)), strict=True):
        assert difference(lab(xyz(wanted, primaries, gamma)), lab_of_srgb(got)) < 2


def test_colours_outside_of_srgb_come_as_near_as_they_can(tmp_path: Path) -> None:
    profile = colours.rgb_profile(colours.DISPLAY_P3)
    patches([(0, 255, 0), (255, 0, 0)]).save(tmp_path / "source", format="PNG", icc_profile=profile)
    green, red = pixels(tmp_path / "source", 2)
    assert green[0] < 5
    assert green[1] == 255
    assert red[0] == 255
    assert red[1] < 5


def test_cmyk_is_printed_as_its_profile_says(tmp_path: Path) -> None:
    inks = {}
    for cyan, magenta, yellow, black in itertools.product((0, 1), repeat=4):
        light = 100 - 25 * cyan - 30 * magenta - 5 * yellow
        inks[cyan, magenta, yellow, black] = (
            light * (0.35 if black else 1),
            (22 * magenta - 14 * cyan) * (0.3 if black else 1),
            (30 * yellow - 20 * cyan) * (0.3 if black else 1),
        )
    palette = list(inks)
    full = [tuple(255 * ink for ink in key) for key in palette]
    patches(full, "CMYK").save(tmp_path / "source", format="TIFF", icc_profile=colours.cmyk_profile(inks))
    for key, got in zip(palette, pixels(tmp_path / "source", 16), strict=True):
        assert difference(inks[key], lab_of_srgb(got)) < 2, key


def test_cmyk_without_profile_and_from_photoshop_is_not_inverted(tmp_path: Path) -> None:
    for kind in ("TIFF", "JPEG"):
        patches([(0, 0, 0, 0), (0, 255, 255, 0), (0, 0, 0, 255)], "CMYK").save(
            tmp_path / "source", format=kind, quality=100
        )
        white, red, black = pixels(tmp_path / "source", 3)
        assert min(white) > 245
        assert red[0] > 220
        assert max(red[1:]) < 40
        assert max(black) < 40


@pytest.mark.parametrize("pixel_format", ["rgb48be", "rgba64be", "gray16be"])
def test_sixteen_bits_are_scaled_and_not_cut(tmp_path: Path, pixel_format: str) -> None:
    grey = pixel_format.startswith("gray")
    palette = [(value,) * 3 for value in (20, 100, 180, 250)] if grey else PALETTE
    frame = av.VideoFrame.from_image(patches(palette)).reformat(format=pixel_format)
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, pixel_format
    encoder.time_base = Fraction(1, 25)
    content = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    (tmp_path / "source").write_bytes(content)
    for wanted, got in zip(palette, pixels(tmp_path / "source", len(palette)), strict=True):
        assert difference(lab_of_srgb(wanted), lab_of_srgb(got)) < 2


def test_floating_point_grey_is_shown_by_its_own_range(tmp_path: Path) -> None:
    picture = Image.new("F", (32, 16), 1.0)
    picture.paste(0.25, (0, 0, 16, 16))
    picture.save(tmp_path / "source", format="TIFF")
    assert pixels(tmp_path / "source", 2) == [(64, 64, 64), (255, 255, 255)]


def test_grey_with_a_profile_and_with_one_of_another_kind(tmp_path: Path) -> None:
    for profile in (
        colours.rgb_profile(colours.SRGB),
        b"no profile at all",
        colours.cmyk_profile(
            dict.fromkeys(itertools.product((0, 1), repeat=4), (50.0, 0.0, 0.0))  # type: ignore[misc]
        ),
    ):
        patches([(30,), (128,), (220,)], "L").save(tmp_path / "source", format="PNG", icc_profile=profile)
        for wanted, got in zip((30, 128, 220), pixels(tmp_path / "source", 3), strict=True):
            assert all(abs(value - wanted) <= 1 for value in got)


def test_cameras_that_only_hint_at_adobe_rgb_are_understood(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 65535
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    patches(PALETTE).save(tmp_path / "source", format="JPEG", exif=exif, quality=100, subsampling=0)
    for wanted, got in zip(PALETTE, pixels(tmp_path / "source", len(PALETTE)), strict=True):
        meant = lab(xyz(wanted, colours.ADOBE_RGB, colours.ADOBE_GAMMA))
        assert difference(meant, lab_of_srgb(got)) < 2


def test_a_png_that_states_its_primaries_and_gamma_is_understood(tmp_path: Path) -> None:
    patches(PALETTE).save(tmp_path / "plain", format="PNG")
    content = (tmp_path / "plain").read_bytes()

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    chroma = (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
    stated = chunk(b"cHRM", struct.pack(">8I", *chroma)) + chunk(b"gAMA", struct.pack(">I", 45470))
    (tmp_path / "source").write_bytes(content[:33] + stated + content[33:])
    for wanted, got in zip(PALETTE, pixels(tmp_path / "source", len(PALETTE)), strict=True):
        assert difference(lab(xyz(wanted, colours.ADOBE_RGB, colours.ADOBE_GAMMA)), lab_of_srgb(got)) < 2


def test_a_damaged_profile_counts_as_none(tmp_path: Path) -> None:
    profile = bytearray(colours.rgb_profile(colours.DISPLAY_P3))
    for position in range(0, len(profile), 7):
        damaged = bytearray(profile)
        damaged[position] ^= 0xFF
        patches(PALETTE[:1]).save(tmp_path / "source", format="PNG", icc_profile=bytes(damaged))
        assert len(pixels(tmp_path / "source", 1)) == 1
