"""How much of a picture is taken."""

from __future__ import annotations

from kitsu_api.media.errors import BrokenMedia, MediaTooLarge


def check_size(width: int, height: int, *, max_pixels: int) -> None:
    """Raises MediaTooLarge when there are more pixels than that, BrokenMedia when there are none."""
    if width < 1 or height < 1:
        raise BrokenMedia("The picture has no pixels.")
    if width * height > max_pixels:
        raise MediaTooLarge(f"The picture has {width} x {height} pixels; at most {max_pixels} are taken.")
