"""Files made of a picture: sizes, orientation, alpha, and what is refused."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from kitsu_api.media.errors import BrokenMedia, MediaTooLarge
from kitsu_api.media.pictures import AVATAR, make_picture_files, make_thumbnail, read_picture

LIMIT = 10_000_000
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 40), (40, 50, 210), (230, 220, 40)


def quarters(width: int, height: int) -> Image.Image:
    """Red and green above blue and yellow."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(YELLOW, (width // 2, height // 2, width, height))
    return picture


def near(pixel: object, colour: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(pixel, colour, strict=False))


@pytest.mark.parametrize(
    ("size", "preview"),
    [((320, 180), (1200, 675)), ((2400, 1000), (1200, 500)), ((1200, 7), (1200, 7)), ((10, 600), (80, 4800))],
)
def test_a_picture_becomes_four_files(
    tmp_path: Path, size: tuple[int, int], preview: tuple[int, int]
) -> None:
    source = tmp_path / "source"
    quarters(*size).save(source, format="PNG")
    files = make_picture_files(source, tmp_path, max_pixels=LIMIT)
    assert (files.width, files.height) == size
    assert Image.open(files.original).size == size
    assert Image.open(files.preview).size == preview
    assert Image.open(files.thumbnail).size == (150, 100)
    assert Image.open(files.square).size == (100, 100)
    assert {Image.open(path).format for path in (files.original, files.preview, files.thumbnail)} == {"PNG"}


def test_thumbnails_show_the_middle_and_are_not_squeezed(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "avatar.png"
    picture = Image.new("RGB", (900, 100), BLUE)
    picture.paste(RED, (400, 0, 500, 100))
    picture.save(source, format="PNG")
    make_thumbnail(source, target, AVATAR, max_pixels=LIMIT)
    avatar = Image.open(target)
    assert avatar.size == (400, 400)
    assert near(avatar.getpixel((20, 200)), RED)
    assert near(avatar.getpixel((380, 200)), RED)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "BMP", "MPO", "TGA", "AVIF"])
def test_other_formats_become_png(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "source"
    quarters(64, 32).save(source, format=kind, quality=95)
    files = make_picture_files(source, tmp_path, max_pixels=LIMIT)
    original = Image.open(files.original)
    assert original.format == "PNG"
    assert near(original.getpixel((8, 8)), RED)
    assert near(original.getpixel((56, 24)), YELLOW)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_camera_says(tmp_path: Path, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = quarters(80, 48)
    if orientation in undo:
        stored = stored.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "source", format="JPEG", exif=exif, quality=95)
    files = make_picture_files(tmp_path / "source", tmp_path, max_pixels=LIMIT)
    original = Image.open(files.original)
    assert (files.width, files.height) == original.size == (80, 48)
    corners = [original.getpixel(place) for place in ((8, 8), (72, 8), (8, 40), (72, 40))]
    assert all(near(*pair) for pair in zip(corners, (RED, GREEN, BLUE, YELLOW), strict=True))


def test_what_a_camera_writes_about_itself_and_its_place_does_not_stay(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETMAKER"
    quarters(64, 32).save(tmp_path / "source", format="JPEG", exif=exif, comment=b"SECRETCOMMENT")
    files = make_picture_files(tmp_path / "source", tmp_path, max_pixels=LIMIT)
    for path in (files.original, files.preview, files.thumbnail, files.square):
        assert b"SECRET" not in path.read_bytes()
        assert b"eXIf" not in path.read_bytes()


def test_a_moving_gif_is_kept_and_its_first_frame_shown(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (30, 20), RED), Image.new("RGB", (30, 20), BLUE)
    first.save(tmp_path / "source", format="GIF", save_all=True, append_images=[second], duration=100)
    files = make_picture_files(tmp_path / "source", tmp_path, max_pixels=LIMIT)
    assert files.original.suffix == ".gif"
    assert files.original.read_bytes() == (tmp_path / "source").read_bytes()
    assert Image.open(files.preview).format == "PNG"
    assert near(Image.open(files.thumbnail).convert("RGB").getpixel((75, 50)), RED)


def test_transparency_stays_and_hidden_colours_do_not_shine_through(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (600, 400), (0, 255, 0, 0))
    picture.paste((200, 0, 0, 255), (0, 0, 300, 400))
    picture.save(tmp_path / "source", format="PNG")
    files = make_picture_files(tmp_path / "source", tmp_path, max_pixels=LIMIT)
    thumbnail = Image.open(files.thumbnail)
    assert thumbnail.mode == "RGBA"
    assert thumbnail.getpixel((20, 50)) == (200, 0, 0, 255)
    assert thumbnail.getpixel((130, 50))[3] == 0
    edge = [thumbnail.getpixel((x, 50)) for x in range(70, 80)]
    assert all(pixel[1] < 40 for pixel in edge if pixel[3] > 20)


@pytest.mark.parametrize("mode", ["P", "PA", "LA", "1"])
def test_palettes_and_grey_with_alpha_are_handled(tmp_path: Path, mode: str) -> None:
    picture = Image.new("RGBA", (60, 40), (0, 0, 0, 0 if mode != "1" else 255))
    picture.paste((255, 255, 255, 255), (0, 0, 30, 40))
    if mode == "P":
        flat = picture.convert("RGB").quantize(4)
        flat.info["transparency"] = flat.getpixel((50, 20))
        flat.save(tmp_path / "source", format="PNG")
    elif mode == "PA":
        picture.save(tmp_path / "source", format="GIF")
    else:
        picture.convert(mode).save(tmp_path / "source", format="PNG")
    read = read_picture(tmp_path / "source", max_pixels=LIMIT).convert("RGBA")
    assert read.getpixel((10, 20)) == (255, 255, 255, 255)
    assert read.getpixel((50, 20))[3] == (255 if mode == "1" else 0)


def a_png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says to be of that size."""

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.write_bytes(a_png_of(60_000, 60_000))

    def explode(*args: object) -> None:
        raise AssertionError("the picture was unpacked")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", explode)
    with pytest.raises(MediaTooLarge, match="60000 x 60000 pixels; at most 1000000"):
        make_picture_files(source, tmp_path, max_pixels=1_000_000)
    assert list(tmp_path.iterdir()) == [source]


def test_the_limit_is_the_callers_and_not_the_librarys(tmp_path: Path) -> None:
    quarters(1000, 1001).save(tmp_path / "source", format="PNG")
    with pytest.raises(MediaTooLarge):
        read_picture(tmp_path / "source", max_pixels=1_000_000)
    assert read_picture(tmp_path / "source", max_pixels=1_001_000).size == (1000, 1001)
    assert Image.MAX_IMAGE_PIXELS is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "TGA"])
def test_cut_files_are_refused(tmp_path: Path, kind: str) -> None:
    content = io.BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(content, format=kind)
    (tmp_path / "source").write_bytes(content.getvalue()[: len(content.getvalue()) // 2])
    with pytest.raises(BrokenMedia):
        make_picture_files(tmp_path / "source", tmp_path, max_pixels=LIMIT)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"%PDF-1.4\n",
        a_png_of(10, 10, b"short"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "source.png").write_bytes(content)
    with pytest.raises(BrokenMedia):
        make_picture_files(tmp_path / "source.png", tmp_path, max_pixels=LIMIT)


def test_files_that_were_damaged_anywhere_are_read_or_refused_but_never_crash(tmp_path: Path) -> None:
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "TGA"):
        content = io.BytesIO()
        quarters(40, 30).save(content, format=kind)
        for position in range(0, len(content.getvalue()), max(1, len(content.getvalue()) // 60)):
            damaged = bytearray(content.getvalue())
            damaged[position] ^= 0xFF
            (tmp_path / "source").write_bytes(damaged)
            try:
                read_picture(tmp_path / "source", max_pixels=LIMIT)
            except BrokenMedia:
                continue


def test_an_avif_whose_pixels_are_damaged_is_refused(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.effect_noise((64, 36), 50).convert("RGB").save(picture, "AVIF")
    content = bytearray(picture.getvalue())
    start = content.index(b"mdat") + 4
    content[start:] = bytes(len(content) - start)
    path = tmp_path / "damaged.avif"
    path.write_bytes(content)
    with pytest.raises(BrokenMedia):
        read_picture(path, max_pixels=10_000)
