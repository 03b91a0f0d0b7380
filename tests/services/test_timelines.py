"""Timelines of OTIO, bundles and FCP 7 XML, and files that mean harm."""

from __future__ import annotations

import io
import zipfile

import opentimelineio as otio
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitsu_api.errors import BadRequest
from kitsu_api.services.edl import Cut
from kitsu_api.services.timelines import LARGEST, read_timeline

RATE = 24.0


def span(frames: float, rate: float = RATE) -> otio.opentime.TimeRange:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(1000, rate), time(frames, rate))


def clip(name: str, frames: float, rate: float = RATE) -> otio.schema.Clip:
    return otio.schema.Clip(name, source_range=span(frames, rate))


def timeline(*items: otio.core.Composable, kind: str = "Video") -> otio.schema.Timeline:
    made = otio.schema.Timeline("edit")
    made.tracks.append(otio.schema.Track(children=list(items), kind=kind))
    return made


def read(made: otio.schema.Timeline) -> list[Cut]:
    return read_timeline(".otio", made.to_json_string().encode(), RATE)


def test_clips_follow_on_each_other_and_on_gaps():
    made = timeline(
        clip("a", 10), otio.schema.Gap(duration=otio.opentime.RationalTime(5, RATE)), clip("b", 3)
    )
    assert read(made) == [Cut("a", 0, 10), Cut("b", 15, 3)]


def test_transitions_take_no_place():
    fade = otio.schema.Transition(
        in_offset=otio.opentime.RationalTime(2, RATE), out_offset=otio.opentime.RationalTime(2, RATE)
    )
    assert read(timeline(clip("a", 10), fade, clip("b", 3))) == [Cut("a", 0, 10), Cut("b", 10, 3)]


def test_a_clip_without_a_range_is_as_long_as_its_media_and_named_like_it():
    media = otio.schema.ExternalReference("file:///shots/A_1-1.mov", available_range=span(7))
    assert read(timeline(otio.schema.Clip(media_reference=media))) == [Cut("A_1-1.mov", 0, 7)]


def test_a_nested_sequence_is_one_shot():
    nested = otio.schema.Stack("A_1-1")
    nested.append(otio.schema.Track(children=[clip("x", 4), clip("y", 5)], kind="Video"))
    assert read(timeline(nested, clip("A_1-2", 1))) == [Cut("A_1-1", 0, 9), Cut("A_1-2", 9, 1)]


def test_clips_of_another_rate_are_counted_at_the_rate_of_their_track():
    assert read(timeline(clip("a", 24), clip("b", 25, 25.0))) == [Cut("a", 0, 24), Cut("b", 24, 24)]


def test_tracks_of_sound_hold_no_shots():
    with pytest.raises(BadRequest, match="no clip on a track of pictures"):
        read(timeline(clip("a", 10), kind="Audio"))


def test_a_bundle_is_read_without_its_media():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        bundle.writestr("content.otio", timeline(clip("a", 10)).to_json_string())
        bundle.writestr("media/../../evil.mov", b"\0")
    assert read_timeline(".otioz", file.getvalue(), RATE) == [Cut("a", 0, 10)]


def test_a_bundle_that_unfolds_to_gigabytes_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", b" " * (LARGEST + 2))
    assert len(file.getvalue()) < LARGEST // 100
    with pytest.raises(BadRequest, match="timeline within is larger"):
        read_timeline(".otioz", file.getvalue(), RATE)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 500), st.sampled_from([24.0, 25.0, 12.0])), min_size=1),
)
def test_places_are_those_that_opentimelineio_counts(parts):
    gap = otio.schema.Gap
    items = [
        gap(source_range=span(n, rate)) if empty else clip(f"c{place}", n, rate)
        for place, (empty, n, rate) in enumerate(parts)
    ]
    made = timeline(*items)
    first_rate = parts[0][2]
    track = made.tracks[0]
    wanted = [
        (item.name, track.range_of_child(item).start_time.rescaled_to(first_rate).value)
        for item in track
        if not isinstance(item, gap)
    ]
    try:
        found = read(made)
    except BadRequest:
        found = []
    assert [cut.name for cut in found] == [name for name, _ in wanted if name in {c.name for c in found}]
    for cut in found:
        assert abs(cut.start - dict(wanted)[cut.name]) <= 0.5


def deep(levels: int) -> bytes:
    return b'{"OTIO_SCHEMA":"Stack.1","children":[' * levels + b"]}" * levels


def circular() -> bytes:
    stack = {
        "OTIO_SCHEMA": "Stack.1",
        "OTIO_REF_ID": "x",
        "children": [{"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "x"}],
    }
    return orjson.dumps({"OTIO_SCHEMA": "Timeline.1", "tracks": stack})


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        (".csv", b"a;b", r"“\.csv” can't be imported.*\.edl, \.otio"),
        ("", b"a", "without an extension"),
        (".edl", b"\x00\x01\x02", "binary data"),
        (".edl", b"\xff\xfe\x00", "no line of|no events|binary"),
        (".edl", b"x" * (LARGEST + 1), "larger than 32 MB"),
        (".otio", b"{", "not valid JSON"),
        (".otio", b"[1]", "no OTIO timeline"),
        (".otio", b"null", "no OTIO timeline"),
        (".otio", deep(200), "nested deeper than 150"),
        (".otio", deep(100_000), "not valid JSON|nested"),
        (".otio", b"[" * 1_000_000, "not valid JSON"),
        (".otio", circular(), "refers to parts of itself"),
        (".otio", b'{"OTIO_SCHEMA":"Timeline.1","tracks":3}', "no children"),
        (".otioz", b"no zip", "no OTIOZ bundle"),
        (".xml", b"<xmeml>", "not valid XML"),
        (".xml", b"\x00", "not valid XML"),
        (".xml", b"<?xml version='1.0' encoding='x'?><a/>", "not valid XML"),
        (".xml", b"<fcpxml/>", r"another kind \(fcpxml\)"),
        (".xml", b"<xmeml>" + b"<a>" * 500 + b"</a>" * 500 + b"</xmeml>", "nested deeper"),
        (".xml", b'<!DOCTYPE xmeml [<!ENTITY a "b">]><xmeml>&a;</xmeml>', "Line 1: .* entities"),
        (".xml", b'<!DOCTYPE xmeml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xmeml/>', "entities"),
        (".xml", b"<xmeml/>", "holds 0 sequences"),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_reason(suffix, content, message):
    with pytest.raises(BadRequest, match=message):
        read_timeline(suffix, content, RATE)


def xmeml(*items: str) -> bytes:
    track = "".join(items)
    return (
        '<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="4"><project><children><sequence><media>'
        f"<video><track>{track}</track></video><audio><track>{item('music', 0, 9)}</track></audio>"
        "</media></sequence></children></project></xmeml>"
    ).encode()


def item(name: str, start: int | str, end: int | str, tag: str = "clipitem", more: str = "") -> str:
    return f"<{tag}><name>{name}</name><start>{start}</start><end>{end}</end>{more}</{tag}>"


def test_fcp_xml_tells_where_clips_lie():
    content = xmeml(item("a", 10, 20), item("b", 20, 25), item("Title", 25, 30, "generatoritem"))
    assert read_timeline(".xml", content, RATE) == [Cut("a", 10, 10), Cut("b", 20, 5)]


@pytest.mark.parametrize(("alignment", "point"), [("center", 20), ("start", 16), ("end-black", 24)])
def test_a_clip_at_a_transition_is_cut_within_it(alignment, point):
    fade = item("", 16, 24, "transitionitem", f"<alignment>{alignment}</alignment>")
    cuts = read_timeline(".xml", xmeml(item("a", 0, -1), fade, item("b", -1, 30)), RATE)
    assert cuts == [Cut("a", 0, point), Cut("b", point, 30 - point)]


@pytest.mark.parametrize(
    "items",
    [
        [item("a", -1, 10)],
        [item("a", 10, -1)],
        [item("a", "x", 10)],
        [item("a", "1" * 50, 10)],
        ["<clipitem/>"],
    ],
)
def test_a_clip_without_a_place_is_named(items):
    with pytest.raises(BadRequest, match="“"):
        read_timeline(".xml", xmeml(*items), RATE)


def test_a_disabled_clip_is_not_seen():
    hidden = item("b", 5, 9, more="<enabled>FALSE</enabled>")
    assert read_timeline(".xml", xmeml(item("a", 0, 5), hidden), RATE) == [Cut("a", 0, 5)]


DOCUMENT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["Timeline.1", "Track.1", "Stack.1", "Clip.2", "Gap.1", "RationalTime.1", "Video"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["OTIO_SCHEMA", "children", "tracks", "name", "source_range", "duration", "value", "rate"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(DOCUMENT)
def test_any_document_is_read_or_refused(inner):
    track = {"OTIO_SCHEMA": "Track.1", "children": [inner, {"OTIO_SCHEMA": "Clip.2", "source_range": inner}]}
    document = {"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": [track, inner]}}
    try:
        cuts = read_timeline(".otio", orjson.dumps(document), RATE)
    except BadRequest:
        return
    assert all(cut.frames > 0 for cut in cuts)
