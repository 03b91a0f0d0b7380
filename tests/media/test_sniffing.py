"""What a file is, whatever it is called."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from kitsu_api.media.sniffing import movie_format, read_head, sniff
from tests.media.clips import make_movie


@pytest.mark.parametrize("extension", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF", "TGA"])
def test_pictures_are_known(tmp_path: Path, extension: str) -> None:
    path = tmp_path / "file"
    Image.new("RGB", (8, 8)).save(path, format=extension)
    assert sniff(path, extension.lower()) == "picture"


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "file"
    Image.new("RGB", (8, 8)).save(path, format="PNG")
    assert sniff(path, ".mp4") == "picture"
    Image.new("P", (8, 8)).save(path, format="GIF")
    assert sniff(path, "png") == "gif"
    path.write_text("just words")
    assert sniff(path, "png") == "other"
    assert sniff(path, "tga") == "other"


@pytest.mark.parametrize(
    ("content", "extension", "kind"),
    [
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n", "hdr", "hdr"),
        (b"\x76\x2f\x31\x01rest", "png", "hdr"),
        (b"%PDF-1.4\n", "pdf", "pdf"),
        (b"garbage before\n%PDF-1.7\n", "", "pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "png", "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- words --><!DOCTYPE svg>\n<svg:svg/>", "xml", "svg"),
        (b"<!-- one -- two -->\n<!DOCTYPE svg><!---->\n<svg>", "xml", "svg"),
        (b"not xml at all", "svg", "svg"),
        # to part so many comments in all ways that there are would take for ever
        (b"<!---->" * 500 + b"<div>", "xml", "other"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://10.0.0.1/\n", "mp4", "other"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "mp4", "other"),
        (b"8BPS\x00\x01", "psd", "other"),
        (b"BMW is a car", "bmp", "other"),
        (b"", "png", "other"),
    ],
)
def test_other_formats_are_told_by_how_they_begin(
    tmp_path: Path, content: bytes, extension: str, kind: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sniff(path, extension) == kind


@pytest.mark.parametrize(
    ("name", "codec", "demuxer"),
    [
        ("a.mp4", "libx264", "mov"),
        ("a.mov", "libx264", "mov"),
        ("a.mkv", "libx264", "matroska"),
        ("a.webm", "libvpx-vp9", "matroska"),
        ("a.avi", "mpeg4", "avi"),
        ("a.ts", "mpeg2video", "mpegts"),
        ("a.mpg", "mpeg2video", "mpeg"),
        ("a.mxf", "mpeg2video", "mxf"),
        ("a.flv", "flv", "flv"),
        ("a.wmv", "wmv2", "asf"),
    ],
)
def test_movies_are_known_with_the_demuxer_that_reads_them(
    tmp_path: Path, name: str, codec: str, demuxer: str
) -> None:
    path = make_movie(tmp_path / name, codec=codec, frames=3, options={})
    assert sniff(path, "png") == "movie"
    assert movie_format(read_head(path)) == demuxer


def test_a_zip_is_a_sequence_only_when_it_is_called_so_and_holds_pictures(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("shot/0001.png", b"")
    assert sniff(path, "zip") == "sequence"
    assert sniff(path, "usdz") == "other"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._0001.png", b"")
        archive.writestr("notes.txt", b"")
    assert sniff(path, "zip") == "other"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    assert sniff(path, "zip") == "other"
