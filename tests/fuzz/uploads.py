"""Damaged and dressed-up files for what reads pictures, movies and archives: read, or refused as broken.

Damage is done to whole files of each kind, so that it reaches the decoders and not only the first check.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.movies import MovieWish, normalise, probe
from kitsu_api.media.pictures import make_hdr_thumbnail, make_picture_files, make_thumbnail
from kitsu_api.media.sequences import open_sequence
from kitsu_api.media.sniffing import sniff
from kitsu_api.media.tiles import make_tiles
from tests.fuzz.properties import Property, holds_for
from tests.media.clips import make_movie

PIXELS = 4_000_000
"""Pixels that a picture may have: one of a damaged head says millions in a moment."""

STILLS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "TGA", "AVIF")
SUFFIXES = (
    "png",
    "jpg",
    "gif",
    "webp",
    "tif",
    "bmp",
    "tga",
    "avif",
    "hdr",
    "exr",
    "mp4",
    "mov",
    "zip",
    "svg",
)


@cache
def still(kind: str) -> bytes:
    """A small picture of a format."""
    target = io.BytesIO()
    picture = Image.effect_noise((24, 16), 60).convert("RGB")
    if kind == "GIF":
        picture.save(target, kind, save_all=True, append_images=[picture.rotate(90)], duration=40)
    else:
        picture.save(target, kind)
    return target.getvalue()


@cache
def movie(suffix: str) -> bytes:
    """A short movie of six frames."""
    codecs = {"webm": {"codec": "libvpx", "options": {}, "sound_codec": "libopus"}}
    with tempfile.TemporaryDirectory() as folder:
        changes: dict[str, Any] = {"frames": 6, "width": 32, "height": 18, **codecs.get(suffix, {})}
        return make_movie(Path(folder) / f"movie.{suffix}", **changes).read_bytes()


@cache
def radiance() -> bytes:
    """A picture of high dynamic range, with its lines packed as they are."""
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 4 +X 4\n"
    return head + bytes(range(64))


@cache
def sequence() -> bytes:
    """A zip of three pictures."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(3):
            archive.writestr(f"shot.{number:04}.png", still("PNG"))
    return target.getvalue()


def damaged(whole: bytes, edits: list[tuple[int, bytes, int]], cut: int) -> bytes:
    """A file with pieces put in the place of so many bytes, and an end that is cut off."""
    content = bytearray(whole)
    for place, piece, gone in edits:
        at = place % (len(content) + 1)
        content[at : at + gone] = piece
    return bytes(content[: len(content) - cut % (len(content) + 1)] if cut else content)


pieces = st.binary(max_size=8) | st.sampled_from(
    [b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 16, b"../", b"\x80"]
)
edits = st.lists(st.tuples(st.integers(0, 65_535), pieces, st.integers(0, 16)), max_size=4)
heads = st.lists(st.tuples(st.integers(0, 64), pieces, st.integers(0, 8)), max_size=3)
cuts = st.just(0) | st.integers(0, 4_096)


def broken(wholes: Callable[[str], bytes], kinds: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Damaged files of these kinds."""
    return st.builds(damaged, st.sampled_from(kinds).map(wholes), edits | heads, cuts)


pictures = (
    broken(still, STILLS) | st.builds(damaged, st.builds(radiance), edits, cuts) | st.binary(max_size=64)
)
movies = broken(movie, ("mp4", "mov", "mkv", "avi", "webm"))
names = st.sampled_from(
    ["a.png", "b.1.png", "../c.png", "/d.png", "C:\\e.png", "f.zip", "é.png", "", "g/", "x.exe", ".png"]
)
archives = st.builds(damaged, st.builds(sequence), edits | heads, cuts) | st.lists(
    st.tuples(names, st.sampled_from(STILLS).map(still) | pictures), max_size=4
).map(lambda entries: zipped(entries))


def zipped(entries: list[tuple[str, bytes]]) -> bytes:
    """A zip of files under whatever names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name or "x"), content)
    return target.getvalue()


class Bench:
    """A file in a folder of its own, and what is done with it; nothing may be left outside of the folder."""

    def __init__(self, content: bytes) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kitsu-fuzz-"))
        self.file = self.folder / "upload"
        self.file.write_bytes(content)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)

    def refused(self, act: Callable[[], object]) -> bool:
        """Whether the file was refused as broken, in words for people; every other error is a fault."""
        try:
            act()
        except BrokenMedia as error:
            told = str(error)
        else:
            return False
        assert told
        assert str(self.folder) not in told
        return True


@holds_for(content=pictures | movies | archives, suffix=st.sampled_from(SUFFIXES))
def upload_is_sniffed(content: bytes, suffix: str) -> None:
    """What a file is can be told of any."""
    with Bench(content) as bench:
        sniff(bench.file, suffix)


@holds_for(content=pictures)
def picture_is_made_or_refused(content: bytes) -> None:
    """Any file becomes the pictures of a preview, or is refused."""
    with Bench(content) as bench:
        if not bench.refused(lambda: make_picture_files(bench.file, bench.folder, max_pixels=PIXELS)):
            small = bench.folder / "small.png"
            make_thumbnail(bench.file, small, (10, 10), max_pixels=PIXELS)
            assert Image.open(small).size == (10, 10)
        bench.refused(lambda: make_hdr_thumbnail(bench.file, bench.folder / "hdr.png", max_pixels=PIXELS))


@holds_for(content=movies | archives)
def movie_is_made_or_refused(content: bytes) -> None:
    """Any file becomes the movies and the contact sheet of a preview, or is refused."""
    with Bench(content) as bench:
        if bench.refused(lambda: probe(bench.file)):
            return
        low = bench.folder / "low.mp4"
        if not bench.refused(lambda: normalise(bench.file, None, low, MovieWish(width=32, height=18))):
            make_tiles(low, bench.folder / "tiles.png")
        else:
            assert not low.exists(), "half a movie was left"


@holds_for(content=archives)
def archive_is_read_or_refused(content: bytes) -> None:
    """Any archive is a sequence of pictures of one size, or is refused."""

    def play(path: Path) -> None:
        with open_sequence(path) as found:
            assert len(list(found.frames())) == found.total

    with Bench(content) as bench:
        bench.refused(lambda: play(bench.file))


PROPERTIES: dict[str, Property] = {
    "sniffing": upload_is_sniffed,
    "pictures": picture_is_made_or_refused,
    "movies": movie_is_made_or_refused,
    "zipped sequences": archive_is_read_or_refused,
}
