"""Hostile input for what reads text: whatever it is, it is read or refused, in little time.

`make fuzz` tries each for as long as there is time; the suite, for a moment.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from kitsu_api.errors import ApiError
from kitsu_api.media.annotations import drawn
from kitsu_api.schemas.annotations import AnnotationChanges
from kitsu_api.services import annotations
from kitsu_api.services.file_trees import path_in, plain_name
from kitsu_api.services.import_csv.cells import CellReader
from kitsu_api.services.import_csv.sheets import open_sheet
from kitsu_api.services.shot_names import NamingConvention
from kitsu_api.services.timelines import READERS, read_timeline
from tests.fuzz.properties import Property, holds_for

LONGEST = 5.0
"""Seconds within which an input of a few kilobytes has to be read or refused."""

KNOWN = {"type", "name", "description", "sequence", "frames", "fps"}


@contextlib.contextmanager
def told_refusal() -> Iterator[list[ApiError]]:
    """Input may be refused, with words and in JSON that can be sent; every other error is a fault."""
    refusals: list[ApiError] = []
    try:
        yield refusals
    except ApiError as error:
        refusals.append(error)
    assert all(error.text and json.dumps(error.body()) for error in refusals)


# --- values -------------------------------------------------------------------------------------------------

numbers = (
    st.integers(-(10**400), 10**400)
    | st.integers(-100, 100)
    | st.floats()
    | st.sampled_from([2**31, 2**63, -(2**63), 1e308, 10**309])
)
leaves = st.none() | st.booleans() | numbers | st.text(max_size=20)


def within(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and objects of something."""
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)


documents = st.recursive(leaves, within, max_leaves=12)


def sometimes(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What belongs there, or anything."""
    return right | documents


cells = st.text(max_size=30) | st.sampled_from(
    ["Type", "Name", "Props", "=1+1", '"', '""', "12", "1e9", "٣", "²", "1,5", "\ufeff", "2026-02-30", "true"]
)

# --- sheets -------------------------------------------------------------------------------------------------

sheets = st.builds(
    lambda rows, delimiter, ending, encoding, tail: (
        ending.join(delimiter.join(row) for row in rows).encode(encoding, "replace") + tail
    ),
    st.lists(st.lists(cells, max_size=5), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r", '"\n']),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
    st.binary(max_size=6),
)


@holds_for(content=sheets | st.binary(max_size=300))
def sheet_is_read_or_refused(content: bytes) -> None:
    """Any file is a sheet, or is refused with a message."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        with told_refusal():
            sheet = open_sheet(Path(file.name), KNOWN)
            for line in sheet.lines():
                assert len(line.cells) == len(sheet.head)


@holds_for(value=st.text(max_size=40) | cells)
def cell_is_read_or_refused(value: str) -> None:
    """Any cell is a number, a day and so on, or is refused with what it says."""
    reader = CellReader(3)
    for read in (reader.integer, reader.number, reader.boolean, reader.day):
        with told_refusal() as refusals:
            read(value, "Frames")
        assert all(error.details["line_number"] == 3 for error in refusals)
        assert all(error.details["column"] == "Frames" for error in refusals)


# --- file trees ---------------------------------------------------------------------------------------------

templates = st.text(max_size=40) | st.sampled_from(
    [
        "<Project>/shots/<Sequence>",
        "<Name>_<Version>",
        "<",
        "<>",
        "<Shot.x>",
        "../<Shot>",
        "//",
        "<Shot><Shot>",
    ]
)
trees = sometimes(
    st.fixed_dictionaries(
        {},
        optional={
            "working": sometimes(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "mountpoint": sometimes(templates),
                        "root": sometimes(templates),
                        "folder_path": sometimes(
                            st.fixed_dictionaries(
                                {}, optional={"shot": sometimes(templates), "style": documents}
                            )
                        ),
                        "file_name": sometimes(
                            st.fixed_dictionaries(
                                {}, optional={"shot": sometimes(templates), "style": documents}
                            )
                        ),
                    },
                )
            )
        },
    )
)


@holds_for(tree=trees, name=st.text(max_size=30))
def file_tree_leads_nowhere_else(tree: Any, name: str) -> None:
    """Whatever a tree and the names are, a path or none comes out, and names add no folders to it."""
    plain = plain_name(name)
    assert not set(plain) & set("/\\.\0")
    words = {"Project": name, "Sequence": name, "Shot": name, "Name": name, "Version": "001"}
    found, bare = path_in(tree, "working", "shot", words), path_in(tree, "working", "shot", {})
    assert (found is None) == (bare is None)
    if found is not None and bare is not None:
        for part in ("folder", "name"):
            template = json.dumps(tree)
            assert getattr(found, part).count("..") <= template.count("..")


# --- annotations --------------------------------------------------------------------------------------------

points = st.lists(numbers, min_size=2, max_size=2)
commands = st.lists(
    st.tuples(st.sampled_from(["M", "L", "Q", "C", "Z", "a", "x", ""]), numbers, numbers).map(list)
    | st.lists(numbers | st.text(max_size=3), max_size=8),
    max_size=6,
)
drawn_things = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["path", "rect", "circle", "ellipse", "line", "text", "i-text", "PSStroke", "group"]
        )
    },
    optional={
        name: sometimes(value)
        for name, value in {
            "id": st.text(max_size=6),
            "left": numbers,
            "top": numbers,
            "width": numbers,
            "height": numbers,
            "radius": numbers,
            "scaleX": numbers,
            "angle": numbers,
            "stroke": st.sampled_from(["red", "#12", "#ff0000", "rgba(1,2,3,0.5)", "rgb("]),
            "fill": st.text(max_size=10),
            "strokeWidth": numbers,
            "opacity": numbers,
            "path": sometimes(commands | st.text(alphabet="MLQCZ0123456789 .-e", max_size=60)),
            "points": st.lists(points | documents, max_size=5),
            "text": st.text(max_size=60),
            "fontSize": numbers,
            "strokePoints": st.lists(documents, max_size=4),
        }.items()
    },
)
drawings = sometimes(
    st.fixed_dictionaries(
        {},
        optional={
            "time": sometimes(numbers),
            "frame": sometimes(numbers),
            "id": sometimes(st.text(max_size=6)),
            "width": sometimes(numbers),
            "height": sometimes(numbers),
            "drawing": sometimes(
                st.fixed_dictionaries(
                    {}, optional={"objects": sometimes(st.lists(sometimes(drawn_things), max_size=4))}
                )
            ),
        },
    )
)


@holds_for(
    before=sometimes(st.lists(drawings, max_size=4)),
    wishes=st.fixed_dictionaries(
        {}, optional={name: st.lists(drawings, max_size=3) for name in ("additions", "updates", "deletions")}
    ),
    rate=st.floats(0.1, 1000),
)
def drawings_are_merged_or_refused(before: Any, wishes: Any, rate: float) -> None:
    """Whatever is stored and sent, annotations are merged, or the request is refused."""
    try:
        changes = AnnotationChanges.model_validate_json(json.dumps(wishes))
    except ValidationError:
        return
    merged = annotations.merged(before, changes, rate)
    assert all(isinstance(one, dict) for one in merged)


@holds_for(drawing=drawings)
def drawing_is_drawn(drawing: Any) -> None:
    """Whatever a drawing is, a picture comes out that is as large as before."""
    assert drawn(Image.new("RGB", (32, 18)), drawing).size == (32, 18)


# --- edits --------------------------------------------------------------------------------------------------

timecodes = st.builds(
    "{:02}{}{:02}:{:02}{}{:02}".format,
    st.integers(0, 99),
    st.sampled_from([":", ";", ""]),
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from([":", ";", "."]),
    st.integers(0, 99),
)
edit_lines = st.text(max_size=60) | st.builds(
    "{:03}  {} {} {} {} {} {} {}".format,
    st.integers(-1, 1000),
    st.sampled_from(["AX", "BL", "REEL_1", "\u0007"]),
    st.sampled_from(["V", "A", "V2", "B", "NONE"]),
    st.sampled_from(["C", "D 024", "W001 012", "K B"]),
    timecodes,
    timecodes,
    timecodes,
    timecodes,
)
lists = st.lists(
    edit_lines
    | st.sampled_from(["TITLE: x", "FCM: DROP FRAME", "* FROM CLIP NAME: SQ01_SH010.mov", "M2 AX 50.0"]),
    max_size=12,
).map("\n".join)

times = sometimes(
    st.fixed_dictionaries(
        {"OTIO_SCHEMA": st.just("RationalTime.1")}, optional={"value": numbers, "rate": numbers}
    )
)
ranges = sometimes(
    st.fixed_dictionaries(
        {"OTIO_SCHEMA": st.just("TimeRange.1")}, optional={"start_time": times, "duration": times}
    )
)
items = st.recursive(
    sometimes(
        st.fixed_dictionaries(
            {"OTIO_SCHEMA": st.sampled_from(["Clip.1", "Clip.2", "Gap.1", "Transition.1", "X"])},
            optional={
                "name": sometimes(st.text(max_size=8)),
                "source_range": ranges,
                "media_references": documents,
            },
        )
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "OTIO_SCHEMA": st.sampled_from(["Stack.1", "Track.1", "Timeline.1"]),
            "children": sometimes(st.lists(inner, max_size=4)),
        },
        optional={"kind": st.sampled_from(["Video", "Audio"]), "source_range": ranges, "tracks": inner},
    ),
    max_leaves=6,
)
tags = st.sampled_from(
    [
        "xmeml",
        "sequence",
        "media",
        "video",
        "track",
        "clipitem",
        "name",
        "start",
        "end",
        "in",
        "out",
        "rate",
        "a",
    ]
)


def element(tag: str, children: list[str]) -> str:
    """An element of XML."""
    return f"<{tag}>{''.join(children)}</{tag}>"


nodes = st.recursive(
    st.sampled_from(["1", "-1", "x", "99999999999999999999", "&lt;", "<!-- -->", "&e;", ""]),
    lambda inner: st.builds(element, tags, st.lists(inner, max_size=4)),
    max_leaves=20,
)
contents = {
    ".edl": lists.map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=200),
    ".otio": items.map(lambda item: json.dumps(item).encode()) | st.binary(max_size=100),
    ".otioz": st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
    ".xml": nodes.map(lambda node: f"<?xml version='1.0'?><xmeml>{node}</xmeml>".encode())
    | st.binary(max_size=100),
}
assert contents.keys() == READERS.keys()


@holds_for(
    case=st.sampled_from(sorted(contents)).flatmap(
        lambda suffix: st.tuples(st.just(suffix), contents[suffix])
    ),
    rate=st.sampled_from([24.0, 25.0, 29.97, 23.976, 60.0, 0.5, 1000.0]),
)
def edit_is_read_or_refused(case: tuple[str, bytes], rate: float) -> None:
    """Any timeline is read, or is refused with a message."""
    with told_refusal():
        cuts = read_timeline(*case, rate)
        assert cuts
        assert all(0 <= cut.start + cut.frames < 2**31 for cut in cuts)


@holds_for(
    text=st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            ["${sequence_name}", "${shot_name}", "$project_name", "_", "$$", "${", "(", "a*", "${x}"]
        ),
        max_size=6,
    ).map("".join),
    clip=st.text(max_size=60) | st.sampled_from(["SQ01_SH010", "a" * 240, "aaaa_" * 40]),
)
def naming_convention_is_read_in_time(text: str, clip: str) -> None:
    """No convention and no clip hold the server up: patterns of strangers must not backtrack for ever."""
    began = time.perf_counter()
    with told_refusal():
        NamingConvention(text, match_case=True).read(clip)
    assert time.perf_counter() - began < LONGEST


PROPERTIES: dict[str, Property] = {
    "sheets": sheet_is_read_or_refused,
    "cells of sheets": cell_is_read_or_refused,
    "file trees": file_tree_leads_nowhere_else,
    "merging annotations": drawings_are_merged_or_refused,
    "drawing annotations": drawing_is_drawn,
    "timelines": edit_is_read_or_refused,
    "naming conventions": naming_convention_is_read_in_time,
}
