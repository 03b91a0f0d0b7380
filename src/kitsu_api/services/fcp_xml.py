"""Timelines of Final Cut Pro 7 XML (`xmeml`), which Premiere, Resolve and Avid write too.

The published adapter of OpenTimelineIO for it can't be imported on today's Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from kitsu_api.errors import BadRequest
from kitsu_api.services.edl import Cut

DEEPEST = 200
MOST_ELEMENTS = 1_000_000


def read_fcp_xml(content: bytes) -> list[Cut]:
    """The clips on the video tracks of the sequence, track by track.

    Raises:
        BadRequest: it is no such XML, holds no sequence or several, or is broken.
    """
    _check(content)
    try:
        # No entity is declared, and neither depth nor size is a danger: see _check.
        root = ElementTree.fromstring(content)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadRequest(f"The file is not valid XML: {error}.") from error
    sequences = list(_sequences(root))
    if len(sequences) != 1:
        raise BadRequest(f"The file holds {len(sequences)} sequences: export one of them.")
    return [cut for track in sequences[0].iterfind("./media/video/track") for cut in _track(track)]


def _check(content: bytes) -> None:
    """Refuse XML that is broken, deep, huge, of another kind, or that declares entities."""
    parser = expat.ParserCreate()
    depth = count = 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if count == 1 and name != "xmeml":
            raise BadRequest(f"The file is XML of another kind ({name[:40]}): export FCP 7 XML, or an EDL.")
        if depth > DEEPEST or count > MOST_ELEMENTS:
            raise BadRequest(
                f"Line {parser.CurrentLineNumber}: the file is nested deeper than {DEEPEST} levels, or holds"
                f" more than {MOST_ELEMENTS} elements."
            )

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(*_: Any) -> None:
        raise BadRequest(
            f"Line {parser.CurrentLineNumber}: the file declares XML entities, which are not read."
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise BadRequest(f"The file is not valid XML: {error}.") from error
    except (ValueError, LookupError) as error:
        raise BadRequest("The file is not valid XML: its encoding is not known.") from error


def _sequences(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The sequences that stand for themselves; those within clips are shots of another."""
    level = [root]
    while level:
        below: list[ElementTree.Element] = []
        for element in level:
            if element.tag == "sequence":
                yield element
            elif element.tag in ("xmeml", "project", "children", "bin"):
                below.extend(element)
        level = below


def _track(track: ElementTree.Element) -> Iterator[Cut]:
    items = [item for item in track if item.tag in ("clipitem", "transitionitem", "generatoritem")]
    for place, item in enumerate(items):
        if item.tag != "clipitem" or _text(item, "enabled").upper() == "FALSE":
            continue
        start, end = _number(item, "start"), _number(item, "end")
        # -1 stands where a transition tells: the clip is cut to within it.
        if start < 0 and place > 0:
            start = _cut_point(items[place - 1])
        if end < 0 and place + 1 < len(items):
            end = _cut_point(items[place + 1])
        name = _text(item, "name")
        if start < 0 or end < start:
            raise BadRequest(f"The clip “{name[:100]}” has no place in the sequence.")
        if end > start:
            yield Cut(name, start, end - start)


def _cut_point(item: ElementTree.Element) -> int:
    if item.tag != "transitionitem":
        return -1
    start, end = _number(item, "start"), _number(item, "end")
    return {"start": start, "start-black": start, "end": end, "end-black": end}.get(
        _text(item, "alignment"), (start + end) // 2
    )


def _text(item: ElementTree.Element, tag: str) -> str:
    return (item.findtext(tag) or "").strip()


def _number(item: ElementTree.Element, tag: str) -> int:
    text = _text(item, tag)
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise BadRequest(f"“{text[:40]}” is no frame number ({tag} of “{_text(item, 'name')[:100]}”).")
    return sign * int(digits)
