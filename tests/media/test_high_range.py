"""OpenEXR and Radiance HDR: what is bright stays visible, what is large or damaged is refused."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from kitsu_api.media import high_range
from kitsu_api.media.errors import BrokenMedia, MediaTooLarge
from kitsu_api.media.high_range import read_linear, tone_mapped
from kitsu_api.media.pictures import make_hdr_thumbnail

LIMIT = 10_000_000


def make_linear(path: Path, bands: tuple[list[float], list[float], list[float]], half: bool = False) -> Path:
    """Write rows of 32 columns of linear red, green and blue as OpenEXR or, by its name, as Radiance HDR."""
    height = 16
    width = len(bands[0])
    frame = av.VideoFrame(width, height, "gbrpf32le")
    for plane, band in zip(frame.planes, (bands[1], bands[2], bands[0]), strict=True):
        row = struct.pack(f"<{width}f", *band)
        plane.update((row + bytes(plane.line_size - len(row))) * height)
    encoder = av.CodecContext.create("hdr" if path.suffix == ".hdr" else "exr", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "gbrpf32le"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"format": "half"} if half else {}
    path.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)]))
    return path


RAMP = [0.001 * 2**n for n in range(16)]


@pytest.mark.parametrize(("name", "half"), [("a.exr", False), ("a.exr", True), ("a.hdr", False)])
def test_the_light_is_read_as_it_was_written(tmp_path: Path, name: str, half: bool) -> None:
    path = make_linear(tmp_path / name, (RAMP, [value / 2 for value in RAMP], RAMP), half)
    picture = read_linear(path, max_pixels=LIMIT)
    assert picture.size == (16, 16)
    for column, value in enumerate(RAMP):
        assert picture.red.getpixel((column, 5)) == pytest.approx(value, rel=0.01)
        assert picture.green.getpixel((column, 5)) == pytest.approx(value / 2, rel=0.01)


def test_dark_parts_look_as_in_a_viewer_and_highlights_keep_their_steps(tmp_path: Path) -> None:
    picture = tone_mapped(read_linear(make_linear(tmp_path / "a.exr", (RAMP, RAMP, RAMP)), max_pixels=LIMIT))
    values = [picture.getpixel((column, 5))[0] for column in range(16)]  # type: ignore[index]
    # 0.128 and 0.512 by the curve of sRGB
    assert values[7] == pytest.approx(round((1.055 * 0.128 ** (1 / 2.4) - 0.055) * 255), abs=1)
    assert values[9] == pytest.approx(round((1.055 * 0.512 ** (1 / 2.4) - 0.055) * 255), abs=1)
    assert values == sorted(values)
    assert 240 < values[11] < values[12] <= values[13] <= 255


@pytest.mark.parametrize("brightness", [0.001, 1.0, 500.0])
def test_thumbnails_are_exposed_for_their_scene(tmp_path: Path, brightness: float) -> None:
    band = [value * brightness for value in (0.1, 0.2, 0.3, 0.2) * 8]
    source = make_linear(tmp_path / "a.hdr", (band, band, band))
    make_hdr_thumbnail(source, tmp_path / "t.png", max_pixels=LIMIT)
    thumbnail = Image.open(tmp_path / "t.png")
    assert thumbnail.size == (150, 100)
    assert 80 < thumbnail.convert("L").resize((1, 1)).getpixel((0, 0)) < 160  # type: ignore[operator]


def test_a_sun_and_what_is_no_number_do_not_spoil_a_thumbnail(tmp_path: Path) -> None:
    band = [0.2] * 30 + [float("inf"), float("nan")]
    make_hdr_thumbnail(
        make_linear(tmp_path / "a.exr", (band, band, band)), tmp_path / "t.png", max_pixels=LIMIT
    )
    thumbnail = Image.open(tmp_path / "t.png").convert("L")
    assert 0 < thumbnail.getpixel((75, 50)) < 200  # type: ignore[operator]
    black = [0.0] * 32
    make_hdr_thumbnail(make_linear(tmp_path / "b.exr", (black,) * 3), tmp_path / "t.png", max_pixels=LIMIT)
    assert Image.open(tmp_path / "t.png").convert("L").getextrema() == (0, 0)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    exr = make_linear(tmp_path / "a.exr", (RAMP, RAMP, RAMP))
    with pytest.raises(MediaTooLarge):
        read_linear(exr, max_pixels=255)
    content = exr.read_bytes()
    place = content.index(b"dataWindow\0box2i\0\x10\0\0\0") + 21
    exr.write_bytes(content[:place] + struct.pack("<4i", 0, 0, 99_999, 99_999) + content[place + 16 :])
    with pytest.raises(MediaTooLarge):
        read_linear(exr, max_pixels=LIMIT)
    exr.write_bytes(content[:place] + struct.pack("<4i", 5, 5, 0, 0) + content[place + 16 :])
    with pytest.raises(BrokenMedia):
        read_linear(exr, max_pixels=LIMIT)
    (tmp_path / "b.hdr").write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 99999 +X 99999\n")
    with pytest.raises(MediaTooLarge):
        read_linear(tmp_path / "b.hdr", max_pixels=LIMIT)


@pytest.mark.parametrize("name", ["a.exr", "a.hdr"])
def test_cut_and_damaged_files_are_refused_or_read_but_never_crash(tmp_path: Path, name: str) -> None:
    source = make_linear(tmp_path / name, (RAMP, RAMP, RAMP))
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    with pytest.raises(BrokenMedia):
        make_hdr_thumbnail(source, tmp_path / "t.png", max_pixels=LIMIT)
    for position in range(0, len(content), max(1, len(content) // 150)):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        source.write_bytes(damaged)
        try:
            make_hdr_thumbnail(source, tmp_path / "t.png", max_pixels=LIMIT)
        except BrokenMedia:
            continue
    source.write_bytes(b"#?RADIANCE\nnothing else")
    with pytest.raises(BrokenMedia):
        read_linear(source, max_pixels=LIMIT)


@pytest.mark.parametrize("size", [b"-Y %s +X 1" % (b"9" * 5_000), b"-Y 1 +X %s" % (b"9" * 5_000)])
def test_a_size_of_thousands_of_digits_is_none(tmp_path: Path, size: bytes) -> None:
    path = tmp_path / "a.hdr"
    path.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n" + size + b"\n")
    with pytest.raises(BrokenMedia):
        read_linear(path, max_pixels=LIMIT)


def test_half_floats_are_widened_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(high_range, "HALVES", 4)
    values = (1.0, -2.5, 0.0, 65504.0, 0.125)
    assert struct.unpack("=5f", high_range._widened(struct.pack("<5e", *values))) == values
