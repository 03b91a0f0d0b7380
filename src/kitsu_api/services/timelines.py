"""Timelines that editing programs write, as the cuts they hold: OTIO, OTIOZ, FCP 7 XML and EDL.

Files are hostile. The reader of OpenTimelineIO is native code that deep nesting and circular references
crash, so that it only gets a document that was read and written anew here. Its plugins, hooks and media
linkers, which the environment can add to, are never asked: schemas and the one adapter are called
directly. What a file refers to is never opened.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

import opentimelineio as otio
import orjson

from kitsu_api.errors import BadRequest
from kitsu_api.services.edl import MOST_EVENTS, Cut, read_edl
from kitsu_api.services.fcp_xml import read_fcp_xml

LARGEST = 32 * 1024 * 1024
"""Bytes that a timeline may have; one of a feature film has a few million."""

DEEPEST = 100
"""Levels that a document may be nested: nested sequences take six each."""

MOST_NODES = 2_000_000
MOST_FRAMES = 2**31 - 1


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
        shown = f"Files “{suffix[:12]}”" if suffix else "Files without an extension"
        raise BadRequest(f"{shown} can't be imported. Export the edit as one of: {known}.")
    if len(content) > LARGEST:
        raise BadRequest(f"The file is larger than {LARGEST // 1024 // 1024} MB.")
    cuts = reader(content, rate)
    if not cuts:
        raise BadRequest("The file holds no clip on a track of pictures.")
    if len(cuts) > MOST_EVENTS:
        raise BadRequest(f"The file holds more than {MOST_EVENTS} clips: split it.")
    if any(cut.frames > MOST_FRAMES or abs(cut.start) > MOST_FRAMES for cut in cuts):
        raise BadRequest("The file can't be read: a clip lies beyond any frame number.")
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


def _edl(content: bytes, rate: float) -> list[Cut]:
    return read_edl(_text(content), rate)


def _otio(content: bytes, _rate: float) -> list[Cut]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The file is not valid JSON: {error}.") from error
    _check_document(document)
    try:
        timeline = otio.core.deserialize_json_from_string(orjson.dumps(document).decode())
        return _cuts(timeline)
    except BadRequest:
        raise
    except Exception as error:
        # Whatever native code makes of nonsense: types of exceptions are not told by its document.
        raise BadRequest(f"The file is not a valid OTIO timeline: {str(error)[:200]}") from error


def _check_document(document: Any) -> None:
    """Refuse what native code can't stand: deep nesting, and references by which a thing holds itself."""
    level, depth, nodes = [document], 0, 0
    while level:
        depth += 1
        nodes += len(level)
        if depth > DEEPEST or nodes > MOST_NODES:
            raise BadRequest(f"The file is nested deeper than {DEEPEST} levels, or holds too much.")
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                if str(node.get("OTIO_SCHEMA", "")).startswith("SerializableObjectRef"):
                    raise BadRequest("The file refers to parts of itself: export it without references.")
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        level = [node for node in below if isinstance(node, dict | list)]


def _otioz(content: bytes, rate: float) -> list[Cut]:
    """The timeline within a bundle; the media beside it is left alone."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle, bundle.open("content.otio") as file:
            inner = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadRequest("The file is not a valid OTIOZ bundle: it holds no content.otio.") from error
    if len(inner) > LARGEST:
        raise BadRequest(f"The timeline within is larger than {LARGEST // 1024 // 1024} MB.")
    return _otio(inner, rate)


def _xml(content: bytes, _rate: float) -> list[Cut]:
    return read_fcp_xml(content)


def _cuts(read: Any) -> list[Cut]:
    """What the tracks of pictures hold: clips, and sequences nested in them, which are shots of their own."""
    if not isinstance(read, otio.schema.Timeline):
        raise BadRequest("The file holds no timeline.")
    cuts: list[Cut] = []
    for track in read.video_tracks():
        cuts += _cuts_of_track(track)
    return cuts


def _cuts_of_track(track: Any) -> Iterator[Cut]:
    ranges = track.range_of_all_children()
    rate: float | None = None
    for item in track:
        if isinstance(item, otio.schema.Gap | otio.schema.Transition) or item not in ranges:
            continue
        place = ranges[item]
        rate = rate or place.duration.rate
        start, end = place.start_time.rescaled_to(rate), place.end_time_exclusive().rescaled_to(rate)
        first = round(start.value)
        if (frames := round(end.value) - first) > 0:
            yield Cut(_name(item), first, frames)


def _name(item: Any) -> str:
    """The name of a clip, else of its media."""
    if item.name or not isinstance(item, otio.schema.Clip):
        return str(item.name or "")
    target = getattr(item.media_reference, "target_url", None) or ""
    return PurePosixPath(str(target).replace("\\", "/")).name


READERS: dict[str, Callable[[bytes, float], list[Cut]]] = {
    ".edl": _edl,
    ".otio": _otio,
    ".otioz": _otioz,
    ".xml": _xml,
}
