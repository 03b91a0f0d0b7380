"""The header of OpenEXR files, as far as it tells the size of a picture and whether it is complete."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from kitsu_api.media.errors import BrokenMedia

MAGIC: Final = b"\x76\x2f\x31\x01"
TILED: Final = 0x200
MULTIPART: Final = 0x1000
MOST_ATTRIBUTES: Final = 1_000
# lines in a chunk by the number of the compression: none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB
CHUNK_LINES: Final = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256)


@dataclass(frozen=True)
class Header:
    """Size of the pixels that are stored, and where the table of chunks begins and how many it has.

    `chunks` is 0 for tiles and several parts, whose tables aren't looked at.
    """

    width: int
    height: int
    table: int
    chunks: int


def read_header(content: bytes) -> Header:
    """The header of a whole file or of its beginning. Raises BrokenMedia."""
    try:
        return _parsed(content)
    except (ValueError, IndexError, struct.error, KeyError) as error:
        raise BrokenMedia("The picture has no header that can be read.") from error


def check_complete(content: bytes) -> None:
    """Raises BrokenMedia when chunks of a file are missing: the decoder would leave them black."""
    header = read_header(content)
    try:
        for chunk in range(header.chunks):
            (offset,) = struct.unpack_from("<Q", content, header.table + 8 * chunk)
            _, size = struct.unpack_from("<iI", content, offset)
            if offset + 8 + size > len(content):
                raise ValueError
    except (ValueError, struct.error, OverflowError) as error:
        raise BrokenMedia("The picture is damaged or cut off.") from error


def _parsed(content: bytes) -> Header:
    (flags,) = struct.unpack_from("<I", content, 4)
    attributes: dict[bytes, bytes] = {}
    position = 8
    for _ in range(MOST_ATTRIBUTES):
        if content[position] == 0:
            break
        end = content.index(0, position)
        name = content[position:end]
        position = content.index(0, end + 1) + 1
        (size,) = struct.unpack_from("<I", content, position)
        attributes[name] = content[position + 4 : position + 4 + size]
        position += 4 + size
    left, top, right, bottom = struct.unpack("<4i", attributes[b"dataWindow"])
    width, height = right - left + 1, bottom - top + 1
    chunks = 0
    if not flags & (TILED | MULTIPART):
        chunks = -(-height // CHUNK_LINES[attributes[b"compression"][0]])
    return Header(width, height, position + 1, chunks)
