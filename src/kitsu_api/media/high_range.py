"""Pictures of more than eight bits of range: OpenEXR and Radiance HDR, tone mapped to sRGB."""

from __future__ import annotations

import re
import struct
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
from av.error import FFmpegError
from av.video.plane import VideoPlane
from PIL import Image, ImageMath

from kitsu_api.media import openexr
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.limits import check_size

RADIANCE: Final = (b"#?RADIANCE", b"#?RGBE")
RADIANCE_SIZE: Final = re.compile(rb"\n\n[-+]([XY]) +(\d{1,9}) +[-+]([XY]) +(\d{1,9}) *\n")
HEADER: Final = 1 << 20
# the largest number of half precision floats; infinite lights are cut here
BRIGHTEST: Final = 65504.0
# bytes of half floats that are unpacked at a time
HALVES: Final = 1 << 20
# middle grey, to which the average of a scene is brought (Reinhard et al. 2002)
MIDDLE_GREY: Final = 0.18
LUMINANCE: Final = (0.2126, 0.7152, 0.0722)
# where highlights begin to be rolled off
SHOULDER: Final = 0.8


@dataclass(frozen=True)
class LinearPicture:
    """Red, green and blue in linear light, as float images; 1.0 is white."""

    red: Image.Image
    green: Image.Image
    blue: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.red.size


def is_high_range(content: bytes) -> bool:
    """Whether a file that begins so is OpenEXR or Radiance HDR."""
    return content.startswith((openexr.MAGIC, *RADIANCE))


def read_linear(source: Path, *, max_pixels: int) -> LinearPicture:
    """Decode an OpenEXR or Radiance file. Raises BrokenMedia, MediaTooLarge."""
    with source.open("rb") as file:
        head = file.read(HEADER)
        check_size(*_size(head), max_pixels=max_pixels)
        return decode_linear(head + file.read(), max_pixels=max_pixels)


def decode_linear(content: bytes, *, max_pixels: int) -> LinearPicture:
    """Decode the content of an OpenEXR or Radiance file. Raises BrokenMedia, MediaTooLarge."""
    head = content[:HEADER]
    check_size(*_size(head), max_pixels=max_pixels)
    is_exr = content.startswith(openexr.MAGIC)
    if is_exr:
        openexr.check_complete(content)
    decoder = av.CodecContext.create("exr" if is_exr else "hdr", "r")
    # the header may lie: the decoder holds what it is about to allocate against this as well
    decoder.options = {"max_pixels": str(max_pixels), "err_detect": "explode"}
    try:
        frames = [*decoder.decode(av.Packet(content)), *decoder.decode(None)]
    except (FFmpegError, ValueError, MemoryError) as error:
        raise BrokenMedia(
            "The picture is damaged, or of a variant of its format that can't be read."
        ) from error
    if not frames:
        raise BrokenMedia("The picture is damaged or cut off.")
    return _linear(frames[0])


def automatic_exposure(picture: LinearPicture) -> float:
    """The factor, from 1/1024 to 1024, that brings a scene's average to middle grey."""
    grey = ImageMath.lambda_eval(
        lambda bands: bands["r"] * LUMINANCE[0] + bands["g"] * LUMINANCE[1] + bands["b"] * LUMINANCE[2],
        r=picture.red,
        g=picture.green,
        b=picture.blue,
    )
    # the fourth root stands in for the logarithm: black doesn't pull it to nothing
    root = ImageMath.lambda_eval(lambda bands: bands["max"](bands["x"], 0) ** 0.25, x=grey)
    mean = root.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(mean, float)
    average = mean**4
    return min(1024.0, max(1 / 1024, MIDDLE_GREY / average)) if average > 0 else 1.0


def tone_mapped(picture: LinearPicture, *, exposure: float = 1.0) -> Image.Image:
    """The picture as sRGB: as a viewer shows it, but highlights are rolled off in place of clipped."""
    return Image.merge(
        "RGB", [_encoded(band, exposure) for band in (picture.red, picture.green, picture.blue)]
    )


def _encoded(band: Image.Image, exposure: float) -> Image.Image:
    """One channel through the shoulder and the sRGB curve (IEC 61966-2-1)."""

    def expression(operands: dict[str, Any]) -> Any:
        low, high = operands["min"], operands["max"]
        light = low(high(operands["x"], 0.0), BRIGHTEST) * exposure
        room = 1 - SHOULDER
        over = high(light - SHOULDER, 0.0)
        light = low(light, SHOULDER) + over * room / (over + room)
        linear = low(light, 0.0031308) * 12.92
        curved = high(light, 0.0031308) ** (1 / 2.4) * 1.055 - 0.055
        is_curved = high(light - 0.0031308, 0.0) / (high(light - 0.0031308, 0.0) + 1e-12)
        return (linear * (is_curved * -1.0 + 1.0) + curved * is_curved) * 255.0 + 0.5

    encoded: Image.Image = ImageMath.lambda_eval(expression, x=band)
    return encoded.convert("L")


def tamed(band: Image.Image) -> Image.Image:
    """Without what isn't a number, and without lights so strong that a smaller picture shows nothing else."""
    result: Image.Image = ImageMath.lambda_eval(
        lambda bands: bands["min"](bands["max"](bands["x"], 0.0), BRIGHTEST), x=band
    )
    return result


def _size(head: bytes) -> tuple[int, int]:
    if head.startswith(openexr.MAGIC):
        header = openexr.read_header(head)
        return header.width, header.height
    found = RADIANCE_SIZE.search(head)
    if found is None or found[1] == found[3]:
        raise BrokenMedia("The picture has no size.")
    first, second = int(found[2]), int(found[4])
    return (second, first) if found[1] == b"Y" else (first, second)


def _linear(frame: av.VideoFrame) -> LinearPicture:
    """The planes of a decoded frame: one of grey, or green, blue and red, whatever comes after them."""
    name = frame.format.name
    half = "f16" in name
    if not (half or "f32" in name) or not name.endswith("le"):
        raise BrokenMedia("The picture is of a variant of its format that can't be read.")
    bands = [_band(plane, half) for plane in frame.planes[:3]]
    if name.startswith("gray"):
        return LinearPicture(bands[0], bands[0], bands[0])
    if not name.startswith("gb"):
        raise BrokenMedia("The picture is of a variant of its format that can't be read.")
    green, blue, red = bands
    return LinearPicture(red, green, blue)


def _widened(halves: bytes) -> bytes:
    """Half floats as whole ones. Unpacked they are objects of 32 bytes each, so some are at a time."""
    wide = array("f")
    for start in range(0, len(halves), HALVES):
        part = halves[start : start + HALVES]
        wide.extend(struct.unpack(f"<{len(part) // 2}e", part))
    return wide.tobytes()


def _band(plane: VideoPlane, half: bool) -> Image.Image:
    data, stride = bytes(plane), plane.line_size
    if half:
        # the scaler of FFmpeg would clip half floats at white
        data, stride = _widened(data), stride * 2
    return Image.frombytes("F", (plane.width, plane.height), data, "raw", "F;32F", stride)
