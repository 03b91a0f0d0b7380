"""Fonts for what reviewers write: Noto Sans, and those of the system where it has no letters."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import fontpkg
from PIL import ImageFont

# names that Pillow looks for in the folders of the system; each covers Chinese, Japanese and Korean or more
OF_THE_SYSTEM: Final = (
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "msyh.ttc",
    "PingFang.ttc",
    "Arial Unicode.ttf",
    "DejaVuSans.ttf",
)
# no font has a letter for it
UNASSIGNED: Final = "\U000fffff"
PROBE_SIZE: Final = 24


def font_for(lines: tuple[str, ...], size: float) -> ImageFont.FreeTypeFont:
    """The first font that has all letters of a text; when none has, Noto Sans, which shows boxes."""
    letters = frozenset(letter for line in lines for letter in line if not letter.isspace())
    paths = font_paths()
    path = next((path for path in paths if _has_all(path, letters)), paths[0])
    return ImageFont.truetype(path, size)


@lru_cache(maxsize=1)
def font_paths() -> tuple[str, ...]:
    """The files of the fonts that are there, the first choice first."""
    installed = [path for name in OF_THE_SYSTEM if (path := _found(name)) is not None]
    return (str(fontpkg.path("Noto Sans")), *installed)


def _found(name: str) -> str | None:
    try:
        return str(ImageFont.truetype(name, PROBE_SIZE).path)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _has_all(path: str, letters: frozenset[str]) -> bool:
    font = ImageFont.truetype(path, PROBE_SIZE)
    missing = bytes(font.getmask(UNASSIGNED))
    return all(bytes(font.getmask(letter)) != missing for letter in letters)
