"""Zipped sequences of pictures, played as a movie. Nothing is unpacked to the disk."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from PIL import Image

from kitsu_api.media.errors import BrokenMedia, MediaTooLarge
from kitsu_api.media.frames import Numbered
from kitsu_api.media.sniffing import is_frame_name, read_head
from kitsu_api.media.sound import SoundTrack
from kitsu_api.media.stills import frame_of, read_still

MOST_ENTRIES: Final = 50_000
MOST_PIXELS: Final = 100_000_000
LARGEST_ENTRY: Final = 1 << 30
LARGEST_ARCHIVE: Final = 256 << 30
# pictures are compressed already, and plain ones of a single colour are rare
LARGEST_RATIO: Final = 250
SMALL: Final = 1 << 30
# numbers in names are compared by their value, which Python refuses for thousands of digits
LONGEST_NAME: Final = 1_000
NESTED: Final = frozenset(
    {".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar", ".cab"}
)
ENCRYPTED: Final = 0x1


def is_archive(path: Path) -> bool:
    """Whether the file is a zip."""
    return read_head(path).startswith((b"PK\x03\x04", b"PK\x05\x06"))


class PictureSequence:
    """The pictures of an archive in their natural order: frame 9 comes before frame 10."""

    def __init__(self, archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._entries = sorted(entries, key=lambda entry: natural_order(entry.filename))
        self.total = len(self._entries)
        self.track: SoundTrack | None = None
        self.shown = self._picture(0).size

    def frames(self) -> Iterator[Numbered]:
        """Each picture is one frame. Raises BrokenMedia, also when one has another size than the first."""
        for number in range(self.total):
            picture = self._picture(number)
            if picture.size != self.shown:
                raise BrokenMedia(
                    f"The pictures differ in size: {picture.width} x {picture.height} after"
                    f" {self.shown[0]} x {self.shown[1]}."
                )
            yield number, frame_of(picture)

    def _picture(self, number: int) -> Image.Image:
        entry = self._entries[number]
        content = self._content(entry)
        return read_still(content, max_pixels=MOST_PIXELS)

    def _content(self, entry: zipfile.ZipInfo) -> bytes:
        try:
            with self._archive.open(entry) as file:
                # what the header says may be a lie
                content = file.read(LARGEST_ENTRY + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise BrokenMedia("The archive is damaged or cut off.") from error
        if len(content) > LARGEST_ENTRY:
            raise MediaTooLarge("A picture in the archive is too large.")
        return content


@contextmanager
def open_sequence(source: Path) -> Iterator[PictureSequence]:
    """The pictures in a zip. Raises BrokenMedia for what doesn't belong in there, MediaTooLarge for bombs."""
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise BrokenMedia("The archive is damaged or cut off.") from error
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check(entries, source.stat().st_size)
        pictures = [entry for entry in entries if is_frame_name(entry.filename)]
        if not pictures:
            raise BrokenMedia("The archive holds no pictures.")
        yield PictureSequence(archive, pictures)


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers in names by their value."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part.lower()) for part in parts]


def _check(entries: Sequence[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise MediaTooLarge(f"The archive holds {len(entries)} files; at most {MOST_ENTRIES} are taken.")
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if not path.parts or len(entry.filename) > LONGEST_NAME:
            raise BrokenMedia("The archive holds a file without a name, or with one that is too long.")
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise BrokenMedia("The archive holds a file that would lie outside of it.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise BrokenMedia("The archive holds a link.")
        if path.suffix.lower() in NESTED:
            raise BrokenMedia("The archive holds another archive.")
        if entry.flag_bits & ENCRYPTED:
            raise BrokenMedia("The archive is encrypted.")
    unpacked = sum(entry.file_size for entry in entries)
    overlapping = sum(entry.compress_size for entry in entries) > size
    if overlapping or unpacked > LARGEST_ARCHIVE or unpacked > max(SMALL, size * LARGEST_RATIO):
        raise MediaTooLarge("The archive is too large when it is unpacked.")
    if any(entry.file_size > LARGEST_ENTRY for entry in entries):
        raise MediaTooLarge("A picture in the archive is too large.")
