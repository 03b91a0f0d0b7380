"""Pictures: the original as PNG, a preview and thumbnails. All of them in sRGB, upright, without metadata."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from kitsu_api.media.errors import BrokenMedia, MediaTooLarge
from kitsu_api.media.later import high_range
from kitsu_api.media.limits import check_size
from kitsu_api.media.profiles import to_srgb
from kitsu_api.media.writing import replacing

PREVIEW_WIDTH: Final = 1200
# narrow pictures aren't blown up to a height that nobody looks at
PREVIEW_HEIGHT: Final = 4800
THUMBNAIL: Final = (150, 100)
SQUARE: Final = (100, 100)
AVATAR: Final = (400, 400)
# what Pillow may try: each of its decoders is code that strangers get to feed
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "DIB", "TGA", "AVIF")
# of a movie's first frame, thousands of pixels wide: half the time of the default for a file hardly larger
COMPRESSION: Final = 4

# Pillow's own limit is a process-wide constant; here each picture is held against the caller's limit
Image.MAX_IMAGE_PIXELS = None
# all formats at once, since threads would get in each other's way later
Image.init()


@dataclass(frozen=True)
class PictureFiles:
    """Where the files of one picture were written; the size in pixels is that of the upright original."""

    original: Path
    preview: Path
    thumbnail: Path
    square: Path
    width: int
    height: int


def make_picture_files(source: Path, folder: Path, *, max_pixels: int) -> PictureFiles:
    """Write all files of a picture into an existing folder.

    The original becomes a PNG, but a GIF is kept byte by byte, since it may move. The preview is 1200 wide,
    whatever the size of the original. Raises BrokenMedia, and MediaTooLarge for more than `max_pixels`.
    """
    picture, is_gif = read_picture_and_format(source, max_pixels=max_pixels)
    original = folder / ("original.gif" if is_gif else "original.png")
    if is_gif:
        with replacing(original) as part:
            shutil.copyfile(source, part)
    else:
        save_png(picture, original)
    preview = resized_to_width(picture, PREVIEW_WIDTH)
    files = PictureFiles(
        original, folder / "preview.png", folder / "thumbnail.png", folder / "square.png", *picture.size
    )
    save_png(preview, files.preview)
    save_png(cover(preview, THUMBNAIL), files.thumbnail)
    save_png(cover(preview, SQUARE), files.square)
    return files


def make_thumbnail(source: Path, target: Path, size: tuple[int, int], *, max_pixels: int) -> None:
    """Write a PNG of exactly that size; what doesn't fit its shape is cut off on both sides.

    Raises BrokenMedia, and MediaTooLarge for more than `max_pixels`.
    """
    save_png(cover(read_picture(source, max_pixels=max_pixels), size), target)


def make_hdr_thumbnail(
    source: Path, target: Path, size: tuple[int, int] = THUMBNAIL, *, max_pixels: int
) -> None:
    """Write a tone mapped PNG of that size from an OpenEXR or Radiance HDR file.

    The exposure follows the scene, as for a background that lights it. Raises BrokenMedia, MediaTooLarge.
    """
    picture = high_range.read_linear(source, max_pixels=max_pixels)
    red, green, blue = (
        cover(high_range.tamed(band), size) for band in (picture.red, picture.green, picture.blue)
    )
    small = high_range.LinearPicture(red, green, blue)
    save_png(high_range.tone_mapped(small, exposure=high_range.automatic_exposure(small)), target)


def read_picture(source: Path | BinaryIO, *, max_pixels: int) -> Image.Image:
    """The picture, upright, in sRGB, as RGB or RGBA. Raises BrokenMedia, MediaTooLarge."""
    return read_picture_and_format(source, max_pixels=max_pixels)[0]


def read_picture_and_format(source: Path | BinaryIO, *, max_pixels: int) -> tuple[Image.Image, bool]:
    """As `read_picture`; beside it whether the file is a GIF."""
    with _readable(), Image.open(source, formats=FORMATS) as opened:
        check_size(*opened.size, max_pixels=max_pixels)
        opened.load()
        kind = opened.format or ""
        return to_srgb(ImageOps.exif_transpose(opened), kind), kind == "GIF"


def resized_to_width(picture: Image.Image, width: int) -> Image.Image:
    """The whole picture in that width; narrower where it would become too high."""
    height = max(1, round(picture.height * width / picture.width))
    highest = max(PREVIEW_HEIGHT, picture.height)
    if height > highest:
        width, height = max(1, round(picture.width * highest / picture.height)), highest
    if (width, height) == picture.size:
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def cover(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of the picture, filling that size."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def save_png(picture: Image.Image, target: Path) -> None:
    """Write a PNG with nothing but pixels in it."""
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    with replacing(target) as part:
        clean.save(part, format="PNG", compress_level=COMPRESSION)


@contextmanager
def _readable() -> Iterator[None]:
    """Turns all that Pillow raises on a damaged or hostile file into BrokenMedia."""
    try:
        yield
    except UnidentifiedImageError:
        raise BrokenMedia("The file is no picture that can be read.") from None
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError) as error:
        raise BrokenMedia("The picture is damaged or cut off.") from error
    except (
        struct.error,
        zlib.error,
        OverflowError,
        AttributeError,
        AssertionError,
        ZeroDivisionError,
        RuntimeError,
    ) as error:
        raise BrokenMedia("The picture is damaged or cut off.") from error
    except (MemoryError, Image.DecompressionBombError) as error:
        raise MediaTooLarge("The picture is too large to be read.") from error
