"""Zips of pictures as movies, and zips that aren't just that."""

from __future__ import annotations

import io
import stat
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from kitsu_api.media.errors import BrokenMedia, MediaTooLarge
from kitsu_api.media.movies import MovieWish, normalise
from kitsu_api.media.sequences import natural_order, open_sequence
from tests.media.clips import numbered, numbers_in
from tests.media.test_high_range import make_linear

FAST = MovieWish(preset="ultrafast")


def png(number: int, width: int = 96, height: int = 54) -> bytes:
    content = io.BytesIO()
    numbered(number, width, height).save(content, format="PNG")
    return content.getvalue()


def make_zip(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_pictures_are_played_in_their_natural_order(tmp_path: Path) -> None:
    files = {f"shot/render.{n}.png": png(n) for n in (10, 9, 1, 2, 100)}
    files |= {"__MACOSX/shot/._render.1.png": b"junk", "shot/notes.txt": b"hello", "shot/.DS_Store": b"junk"}
    source = make_zip(tmp_path / "a.zip", files)
    wish = MovieWish(rate=Fraction(24000, 1001), preset="ultrafast")
    facts = normalise(source, tmp_path / "high.mp4", tmp_path / "low.mp4", wish)
    assert (facts.frames, facts.rate, facts.width, facts.has_audio) == (5, Fraction(24000, 1001), 96, False)
    for name in ("high.mp4", "low.mp4"):
        assert numbers_in(tmp_path / name) == [1, 2, 9, 10, 100]


def test_without_a_wish_the_rate_is_25(tmp_path: Path) -> None:
    source = make_zip(tmp_path / "a.zip", {"1.png": png(1), "2.png": png(2)})
    assert normalise(source, tmp_path / "high.mp4", None, FAST).rate == 25


def test_formats_of_renderers_are_taken(tmp_path: Path) -> None:
    band = [0.2] * 96
    exr = make_linear(tmp_path / "a.exr", (band, band, band)).read_bytes()
    content = io.BytesIO()
    Image.new("RGBA", (96, 16), (255, 255, 255, 0)).save(content, format="TIFF")
    source = make_zip(tmp_path / "a.zip", {"1.exr": exr, "2.tif": content.getvalue()})
    assert normalise(source, tmp_path / "high.mp4", None, FAST).frames == 2


def test_numbers_in_names_sort_by_value() -> None:
    names = ["b2", "a10", "a9", "A1", "a010b", "1"]
    assert sorted(names, key=natural_order) == ["1", "A1", "a9", "a010b", "a10", "b2"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../outside.png", "outside"),
        ("/etc/outside.png", "outside"),
        ("..\\outside.png", "outside"),
        ("C:\\outside.png", "outside"),
        ("inner.zip", "another archive"),
        ("inner.tar.gz", "another archive"),
    ],
)
def test_names_that_mean_harm_are_refused(tmp_path: Path, name: str, message: str) -> None:
    source = make_zip(tmp_path / "a.zip", {"1.png": png(1), name: png(2)})
    with pytest.raises(BrokenMedia, match=message):
        normalise(source, tmp_path / "high.mp4", None, FAST)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_links_are_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("1.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(BrokenMedia, match="link"), open_sequence(tmp_path / "a.zip"):
        pass


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitsu_api.media.sequences.SMALL", 1_000_000)
    source = make_zip(tmp_path / "a.zip", {"1.png": bytes(3_000_000)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(MediaTooLarge, match="unpacked"), open_sequence(source):
        pass
    monkeypatch.setattr("kitsu_api.media.sequences.MOST_ENTRIES", 3)
    source = make_zip(tmp_path / "b.zip", {f"{n}.png": b"" for n in range(4)})
    with pytest.raises(MediaTooLarge, match="4 files"), open_sequence(source):
        pass


def test_a_header_that_lies_about_a_size_does_not_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kitsu_api.media.sequences.LARGEST_ENTRY", 1000)
    source = make_zip(tmp_path / "a.zip", {"1.png": bytes(2000)})
    with pytest.raises(MediaTooLarge, match="too large"), open_sequence(source):
        pass
    content = bytearray(source.read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (500).to_bytes(4, "little")
    source.write_bytes(content)
    with pytest.raises(BrokenMedia), open_sequence(source):
        pass


def test_pictures_of_different_sizes_are_refused(tmp_path: Path) -> None:
    source = make_zip(tmp_path / "a.zip", {"1.png": png(1), "2.png": png(2, 64, 36)})
    with pytest.raises(BrokenMedia, match="64 x 36 after 96 x 54"):
        normalise(source, tmp_path / "high.mp4", None, FAST)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("damage", ["empty", "cut", "no pictures", "broken picture", "encrypted"])
def test_what_is_no_sequence_is_refused(tmp_path: Path, damage: str) -> None:
    files = {"no pictures": {"notes.txt": b"words"}, "broken picture": {"1.png": b"words"}, "empty": {}}
    source = make_zip(tmp_path / "a.zip", files.get(damage, {"1.png": png(1), "2.png": png(2)}))
    content = bytearray(source.read_bytes())
    if damage == "cut":
        source.write_bytes(content[: len(content) // 2])
    if damage == "encrypted":
        content[content.index(b"PK\x01\x02") + 8] |= 1
        source.write_bytes(content)
    with pytest.raises(BrokenMedia):
        normalise(source, tmp_path / "high.mp4", None, FAST)


@pytest.mark.parametrize("name", [".", "9" * 5_000 + ".png"])
def test_a_name_that_is_none_or_has_no_end_is_refused(tmp_path: Path, name: str) -> None:
    source = make_zip(tmp_path / "a.zip", {"1.png": png(1)})
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), png(2))
    with pytest.raises(BrokenMedia, match="name"), open_sequence(source):
        pass
