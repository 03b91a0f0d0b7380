"""Pictures as frames of a movie: without alpha, in sRGB."""

from __future__ import annotations

import io

from av.video.frame import VideoFrame
from PIL import Image

from kitsu_api.media.colours import declare
from kitsu_api.media.high_range import decode_linear, is_high_range, tone_mapped
from kitsu_api.media.pictures import read_picture


def read_still(content: bytes, *, max_pixels: int) -> Image.Image:
    """A picture as RGB; transparent parts are black, and the exposure of OpenEXR is left as it is.

    Raises BrokenMedia, MediaTooLarge.
    """
    if is_high_range(content):
        return tone_mapped(decode_linear(content, max_pixels=max_pixels))
    picture = read_picture(io.BytesIO(content), max_pixels=max_pixels)
    if picture.mode == "RGB":
        return picture
    background = Image.new("RGBA", picture.size, (0, 0, 0, 255))
    background.alpha_composite(picture)
    return background.convert("RGB")


def frame_of(picture: Image.Image) -> VideoFrame:
    """A picture in RGB as a frame."""
    frame: VideoFrame = VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # for Pillow it has no types
    declare(frame)
    return frame
