"""Timelines of OpenTimelineIO, as JSON and as bundles.

Its own reader is native code that hostile documents crash, with the server around it: nesting, circular
references and schemas in unexpected places are enough. Positions follow from durations alone, so that
they are added up here.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import orjson

from kitsu_api.errors import BadRequest
from kitsu_api.services.edl import Cut

DEEPEST = 150
"""Levels that a document may be nested: nested sequences take six each."""

MOST_VALUES = 3_000_000
"""Values in a document; they take far more memory than their text."""

SPACELESS = ("Transition",)
EMPTY = ("Gap", "Filler")


def read_otio(content: bytes) -> list[Cut]:
    """The items of the video tracks of a timeline, track by track, at the rate of each track's first.

    A sequence nested in a track is one item: it is a shot that was cut elsewhere. Tracks that are
    disabled, and items that are, don't count.

    Raises:
        BadRequest: it is no timeline, or broken.
    """
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MOST_VALUES:
        raise BadRequest(f"The file holds more than {MOST_VALUES} values: split it.")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The file is not valid JSON: {error}.") from error
    _check_depth(document)
    if _schema(document) != "Timeline":
        raise BadRequest("The file holds no OTIO timeline.")
    stack = document.get("tracks")
    return [
        cut
        for track in _children(stack)
        if _schema(track) == "Track" and track.get("kind", "Video") == "Video" and _enabled(track)
        for cut in _track(track)
    ]


def read_otioz(content: bytes, largest: int) -> list[Cut]:
    """The same of a bundle, whose media is left alone. `largest`: bytes that the timeline within may have.

    Raises:
        BadRequest: it is no bundle, or no timeline is in it.
    """
    broken = (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError, OSError)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle, bundle.open("content.otio") as file:
            inner = file.read(largest + 1)
    except broken as error:
        raise BadRequest("The file is no OTIOZ bundle: content.otio can't be read from it.") from error
    if len(inner) > largest:
        raise BadRequest(f"The timeline within is larger than {largest // 1024 // 1024} MB.")
    return read_otio(inner)


def _check_depth(document: Any) -> None:
    level, depth = [document] if isinstance(document, dict | list) else [], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise BadRequest(f"The file is nested deeper than {DEEPEST} levels.")
        below: list[Any] = []
        for node in level:
            below.extend(node.values() if isinstance(node, dict) else node)
        level = [node for node in below if isinstance(node, dict | list)]


def _schema(node: Any) -> str:
    """The name of a node's schema without its version; empty for what is none."""
    name = node.get("OTIO_SCHEMA") if isinstance(node, dict) else None
    name = name.partition(".")[0] if isinstance(name, str) else ""
    if name == "SerializableObjectRef":
        raise BadRequest("The file refers to parts of itself: export it without references.")
    return name


def _children(node: Any) -> list[Any]:
    children = node.get("children") if isinstance(node, dict) else None
    if not isinstance(children, list):
        raise BadRequest("The file is no valid OTIO timeline: a track or stack has no children.")
    return children


def _enabled(item: dict[str, Any]) -> bool:
    return item.get("enabled") is not False


def _track(track: dict[str, Any]) -> Iterator[Cut]:
    position, rate = 0.0, 0.0
    for item in _children(track):
        kind = _schema(item)
        if kind in SPACELESS:
            continue
        value, own_rate = _duration(item)
        rate = rate or own_rate
        end = position + value * rate / own_rate
        first, last = _frame(position), _frame(end)
        position = end
        if kind not in EMPTY and last > first and _enabled(item):
            yield Cut(_name(item), first, last - first)


def _frame(value: float) -> int:
    """The nearest frame; half a frame counts as one, whatever the frame before it is."""
    if not math.isfinite(value):
        raise BadRequest("The file is no valid OTIO timeline: a clip lies beyond any frame number.")
    return math.floor(value + 0.5)


def _duration(item: Any) -> tuple[float, float]:
    """How long an item is: frames, and how many of them are a second."""
    kind = _schema(item)
    given = item.get("source_range") if kind else None
    if given is None and kind == "Clip":
        media = _media(item)
        given = media.get("available_range") if media else None
    if given is not None:
        return _time(given.get("duration") if isinstance(given, dict) else None, item)
    if kind in ("Stack", "Track"):
        inner = [_duration(child) for child in _children(item) if _schema(child) not in SPACELESS]
        if inner:
            rate = inner[0][1]
            frames = [value * rate / own for value, own in inner]
            return (max(frames) if kind == "Stack" else sum(frames)), rate
    raise BadRequest(f"The item “{_name(item)[:100]}” doesn't tell how long it is.")


def _time(time: Any, item: Any) -> tuple[float, float]:
    value, rate = (time.get("value"), time.get("rate")) if isinstance(time, dict) else (None, None)
    for number in (value, rate):
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise BadRequest(f"The item “{_name(item)[:100]}” has a time that is none.")
    if not (0.001 <= float(rate) <= 1e6 and 0 <= float(value) <= 1e12):  # type: ignore[arg-type]  # numbers, see above
        raise BadRequest(f"The item “{_name(item)[:100]}” has a time beyond reason.")
    return float(value), float(rate)  # type: ignore[arg-type]  # numbers, see above


def _media(clip: dict[str, Any]) -> dict[str, Any] | None:
    """The media that a clip shows; those of several versions, by the clip's key."""
    media = clip.get("media_reference")
    several, key = clip.get("media_references"), clip.get("active_media_reference_key")
    if isinstance(several, dict) and isinstance(key, str):
        media = several.get(key)
    return media if isinstance(media, dict) else None


def _name(item: Any) -> str:
    """The name of an item, else of its media."""
    if not isinstance(item, dict):
        return ""
    name = item.get("name")
    if isinstance(name, str) and name:
        return name
    target = (_media(item) or {}).get("target_url")
    return PurePosixPath(target.replace("\\", "/")).name if isinstance(target, str) else ""
