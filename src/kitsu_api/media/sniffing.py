"""What a file is, by its content. The extension only decides where the content can't."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final, Literal

Kind = Literal["picture", "gif", "hdr", "movie", "sequence", "svg", "pdf", "other"]

# formats of zipped sequences: those that both Pillow and a studio's renderer write
FRAME_EXTENSIONS: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".tga", ".exr", ".hdr"}
)

HEAD: Final = 4096
MPEG_TS_PACKETS: Final = ((0, 188), (4, 192), (0, 204))
# the partition pack of a header, with which each MXF file begins
MXF: Final = bytes.fromhex("060e2b34020501010d0102010102")
ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
BITMAP_HEADERS: Final = (12, 40, 52, 56, 64, 108, 124)
STILL_BRANDS: Final = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"jp2 ", b"jpx ")
QUICKTIME_ATOMS: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# each part is taken once and for all (`?>`): other ways to part hundreds of comments would be tried for years
SVG: Final = re.compile(
    rb"\A\s*(?:<\?xml[^>]*>\s*)?(?>(?>(?>(?:<!--.*?-->|<!DOCTYPE[^>]*>))\s*)*)<(?:\w+:)?svg[\s/>]", re.S
)
BEGINNINGS: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"II+\x00", "picture"),
    (b"MM\x00+", "picture"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"#?RADIANCE", "hdr"),
    (b"#?RGBE", "hdr"),
    (b"\x76\x2f\x31\x01", "hdr"),
)


def read_head(path: Path) -> bytes:
    """The first bytes of a file, enough to tell its format."""
    with path.open("rb") as file:
        return file.read(HEAD)


def movie_format(head: bytes) -> str | None:
    """Name of the demuxer for a movie that begins so; None when it is no movie of a format that is taken.

    Naming the demuxer keeps out playlists and scripts, which make others open further files and addresses.
    """
    if head[4:8] in QUICKTIME_ATOMS and head[8:12] not in STILL_BRANDS:
        return "mov"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    for beginning, name in (
        (b"\x1aE\xdf\xa3", "matroska"),
        (MXF, "mxf"),
        (ASF, "asf"),
        (b"FLV\x01", "flv"),
        (b"OggS", "ogg"),
        (b"\x00\x00\x01\xba", "mpeg"),
    ):
        if head.startswith(beginning):
            return name
    for first, step in MPEG_TS_PACKETS:
        if len(head) > first + 3 * step and all(head[first + n * step] == 0x47 for n in range(4)):
            return "mpegts"
    return None


def sniff(path: Path, extension: str) -> Kind:
    """What the file is. `extension` may have its dot; `other` is what is stored and never shown."""
    head = read_head(path)
    extension = extension.lower().lstrip(".")
    for beginning, kind in BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "picture"
    if movie_format(head) is not None:
        return "movie"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if SVG.match(head.removeprefix(b"\xef\xbb\xbf")) or extension == "svg":
        return "svg"
    if extension == "zip" and head.startswith(b"PK") and _holds_pictures(path):
        return "sequence"
    if _is_bitmap(head) or (extension == "tga" and _is_targa(head)):
        return "picture"
    return "other"


def is_frame_name(name: str) -> bool:
    """Whether a name in a zip is one of a picture, and not of the clutter that file managers add."""
    path = PurePosixPath(name.replace("\\", "/"))
    clutter = path.name.startswith(".") or "__MACOSX" in path.parts
    return not clutter and path.suffix.lower() in FRAME_EXTENSIONS


def _holds_pictures(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(is_frame_name(entry.filename) for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return False


def _is_bitmap(head: bytes) -> bool:
    # two letters are a weak signature: the size of the second header settles it
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in BITMAP_HEADERS


def _is_targa(head: bytes) -> bool:
    # the format has no signature: kind of colour map, kind of picture, bits a pixel
    return (
        len(head) > 18
        and head[1] in (0, 1)
        and head[2] in (1, 2, 3, 9, 10, 11)
        and head[16] in (8, 16, 24, 32)
    )
