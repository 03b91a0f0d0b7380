"""What the tags of a frame say about its colours, and the filters that bring them to BT.709.

The numbers are code points of ITU-T H.273, which the files use. What is not tagged counts as BT.709.
"""

from __future__ import annotations

from typing import Final

from av.video.frame import VideoFrame

BT709: Final = 1
UNSPECIFIED: Final = (0, 2, 3)
LIMITED_RANGE: Final = 1
FULL_RANGE: Final = 2
PQ: Final = 16
HLG: Final = 18
HIGH_RANGE: Final = (PQ, HLG)
RGB: Final = 0

MATRICES: Final = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020ncl"}
PRIMARIES: Final = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020"}
TRANSFERS: Final = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
}
P3_PRIMARIES: Final = (11, 12)
WIDE_PRIMARIES: Final = (9, *P3_PRIMARIES)
PLAIN_FORMATS: Final = "|".join(
    f"yuv{chroma}p{depth}" for depth in ("", "10", "12") for chroma in (420, 422, 444)
)
# it maps tones and gamuts, which the filter for plain conversions can't, and takes a second to prepare
BY_THE_SCALER: Final = (
    "scale=out_color_matrix=bt709:out_primaries=bt709:out_transfer=bt709:out_range=tv,format=yuv420p"
)


def declare(frame: VideoFrame) -> None:
    """Tag as BT.709 what a frame leaves open."""
    if frame.color_primaries in UNSPECIFIED:
        frame.color_primaries = BT709
    if frame.color_trc in UNSPECIFIED:
        frame.color_trc = BT709
    if frame.format.is_rgb:
        return
    if frame.colorspace in UNSPECIFIED:
        frame.colorspace = BT709
    if frame.color_range not in (LIMITED_RANGE, FULL_RANGE):
        frame.color_range = FULL_RANGE if frame.format.name.startswith("yuvj") else LIMITED_RANGE


def filters_to_bt709(frame: VideoFrame, *, keep_wide: bool) -> tuple[str, ...]:
    """Filters for a declared frame; none where it is BT.709 already.

    The wider primaries of cinemas and displays (P3) with the matrix of BT.709 are left as they are with
    `keep_wide`, since their tag travels with a movie, and with a PNG it doesn't.
    """
    wide = frame.color_primaries in WIDE_PRIMARIES
    if frame.color_trc in HIGH_RANGE or (frame.format.is_rgb and wide and not keep_wide):
        return (BY_THE_SCALER,)
    if frame.format.is_rgb:
        return ()
    if frame.color_primaries in P3_PRIMARIES:
        return () if keep_wide and frame.colorspace == BT709 else (BY_THE_SCALER,)
    if frame.colorspace == BT709 and frame.color_primaries in (BT709, *UNSPECIFIED):
        return ()
    return (
        f"format={PLAIN_FORMATS}",
        f"colorspace=all=bt709:range=tv:ispace={MATRICES.get(frame.colorspace, 'bt709')}"
        f":iprimaries={PRIMARIES.get(frame.color_primaries, 'bt709')}"
        f":itrc={TRANSFERS.get(frame.color_trc, 'bt709')}"
        f":irange={'pc' if frame.color_range == FULL_RANGE else 'tv'}",
    )
