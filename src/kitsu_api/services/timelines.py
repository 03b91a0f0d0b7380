"""Timelines that editing programs write, as the cuts they hold.

Files are hostile: they are read by plain Python with limits, what they refer to is never opened, and no
plugin, hook or media linker has a part in it.
"""

from __future__ import annotations

from collections.abc import Callable

from kitsu_api.errors import BadRequest
from kitsu_api.services.edl import MOST_EVENTS, Cut, read_edl
from kitsu_api.services.fcp_xml import read_fcp_xml
from kitsu_api.services.otio_json import read_otio, read_otioz

LARGEST = 32 * 1024 * 1024
"""Bytes that a timeline may have; one of a feature film has a few million."""

MOST_FRAMES = 2**31 - 1
READERS: dict[str, Callable[[bytes, float], list[Cut]]] = {
    ".edl": lambda content, rate: read_edl(_text(content), rate),
    ".otio": lambda content, _: read_otio(content),
    ".otioz": lambda content, _: read_otioz(content, LARGEST),
    ".xml": lambda content, _: read_fcp_xml(content),
}


def read_timeline(suffix: str, content: bytes, rate: float) -> list[Cut]:
    """The clips of the pictures of a timeline, in order. Blocking: call it in a thread.

    `suffix` is that of the file's name; `rate`, in frames a second, is the production's, for formats that
    don't tell theirs. Names of clips are as they stand in the file.

    Raises:
        BadRequest: it is of no kind that is read here, or broken; the message says where and how.
    """
    reader = READERS.get(suffix)
    if reader is None:
        known = ", ".join(READERS)
        shown = f"Files “{suffix[:12]}”" if suffix.isprintable() and suffix else "Files without an extension"
        raise BadRequest(f"{shown} can't be imported. Export the edit as one of: {known}.")
    if len(content) > LARGEST:
        raise BadRequest(f"The file is larger than {LARGEST // 1024 // 1024} MB.")
    cuts = reader(content, rate)
    if not cuts:
        raise BadRequest("The file holds no clip on a track of pictures.")
    if len(cuts) > MOST_EVENTS:
        raise BadRequest(f"The file holds more than {MOST_EVENTS} clips: split it.")
    if any(cut.start + cut.frames > MOST_FRAMES for cut in cuts):
        raise BadRequest("A clip lies beyond the last frame that a shot can have.")
    return cuts


def _text(content: bytes) -> str:
    """The text of a list, in the encodings that editing programs write.

    Raises:
        BadRequest: it is no text.
    """
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise BadRequest("The file is no text: it holds binary data.")
    return text
