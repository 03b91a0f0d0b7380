"""Edit decision lists: which clips are seen when, and what is said of a broken list."""

from __future__ import annotations

import opentimelineio.opentime as opentime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitsu_api.errors import BadRequest
from kitsu_api.services.edl import Cut, frame_of, read_edl


def event(number: int, record: str, name: str | None = None, channel: str = "V", kind: str = "C") -> str:
    line = f"{number:03}  AX       {channel}     {kind}        00:00:00:00 00:00:01:00 {record}"
    return line + (f"\n* FROM CLIP NAME: {name}" if name else "")


def listed(*events: str, fcm: str = "NON-DROP FRAME") -> str:
    return "\n".join(("TITLE: Reel one", f"FCM: {fcm}", "", *events))


def test_an_edit_that_begins_at_ten_hours_begins_at_frame_zero():
    text = listed(
        event(1, "10:00:00:00 10:00:02:00", "A_1-1.mov"), event(2, "10:00:02:00 10:00:02:12", "A_1-2.mov")
    )
    assert read_edl(text, 24) == [Cut("A_1-1.mov", 0, 48), Cut("A_1-2.mov", 48, 12)]


def test_a_gap_keeps_later_clips_in_their_place():
    text = listed(event(1, "01:00:00:00 01:00:01:00", "a"), event(2, "01:00:05:00 01:00:06:00", "b"))
    assert [cut.start for cut in read_edl(text, 25)] == [0, 125]


def test_timecode_at_23_976_counts_24_frames_a_second():
    assert read_edl(listed(event(1, "00:59:59:23 01:00:10:00", "a")), 23.976) == [Cut("a", 0, 241)]


def test_twelve_frames_a_second_have_timecode_too():
    assert read_edl(listed(event(1, "00:00:00:11 00:00:01:01", "a")), 12)[0].frames == 2
    with pytest.raises(BadRequest, match=r"Line 4: .*12 frames a second"):
        read_edl(listed(event(1, "00:00:00:12 00:00:01:01", "a")), 12)


@pytest.mark.parametrize(
    ("record", "fcm"),
    [
        ("00:00:59;29 00:01:00;02", "NON-DROP FRAME"),
        ("00:00:59:29 00:01:00:02", "DROP FRAME"),
    ],
)
def test_drop_frame_timecode_leaves_two_numbers_out_each_minute(record, fcm):
    assert read_edl(listed(event(1, record, "a"), fcm=fcm), 29.97)[0].frames == 1


def test_a_number_that_drop_frame_leaves_out_is_refused():
    with pytest.raises(BadRequest, match="Line 4: 00:01:00;00 is a frame that drop-frame"):
        read_edl(listed(event(1, "00:01:00;00 00:01:00;02", "a")), 29.97)


def test_drop_frame_timecode_of_another_rate_names_the_rate_to_mend():
    with pytest.raises(BadRequest, match=r"Line 4: .*29\.97.*runs at 25"):
        read_edl(listed(event(1, "00:00:00;00 00:00:01;00", "a")), 25)


@given(
    st.integers(0, 23 * 3600 * 23), st.sampled_from([30000 / 1001, 60000 / 1001, 24.0, 25.0, 24000 / 1001])
)
def test_timecode_means_what_opentimelineio_says(frame, rate):
    drop = opentime.RationalTime.is_smpte_timecode_rate(rate) and round(rate) in (30, 60)
    text = opentime.to_timecode(opentime.RationalTime(frame, rate), rate, drop)
    assert frame_of(text, rate) == frame


def test_sound_and_black_are_no_shots():
    text = listed(
        event(1, "00:00:00:00 00:00:01:00", "music", channel="A"),
        event(2, "00:00:00:00 00:00:01:00", "sound", channel="AA"),
        event(3, "00:00:00:00 00:00:01:00").replace("AX", "BL"),
        event(4, "00:00:01:00 00:00:02:00", "both", channel="AA/V"),
        event(5, "00:00:02:00 00:00:03:00", "second track", channel="V2"),
        event(6, "00:00:03:00 00:00:04:00", "picture and sound", channel="B"),
    )
    assert [cut.name for cut in read_edl(text, 24)] == ["both", "second track", "picture and sound"]


def test_a_dissolve_has_the_name_of_the_clip_that_it_leads_to():
    text = listed(
        event(1, "00:00:00:00 00:00:01:00", "one"),
        "002  AX  V  C      00:00:01:00 00:00:01:00 00:00:01:00 00:00:01:00",
        "002  AX  V  D  012 00:00:00:00 00:00:02:00 00:00:01:00 00:00:03:00",
        "* FROM CLIP NAME: one",
        "* TO CLIP NAME: two",
    )
    assert read_edl(text, 24) == [Cut("one", 0, 24), Cut("two", 24, 48)]


def test_the_events_of_a_split_share_their_name():
    text = listed(
        "SPLIT:    AUDIO DELAY=  00:00:00:05",
        event(1, "00:00:00:00 00:00:01:00"),
        event(2, "00:00:01:00 00:00:02:00"),
        "* FROM CLIP NAME: shared",
        event(3, "00:00:02:00 00:00:03:00", "own"),
    )
    assert [cut.name for cut in read_edl(text, 24)] == ["shared", "shared", "own"]


def test_without_a_name_the_file_and_then_the_reel_names_a_clip():
    text = listed(
        event(1, "00:00:00:00 00:00:01:00") + "\n* FROM FILE: D:\\media\\A_1-1.mov",
        event(2, "00:00:01:00 00:00:02:00").replace("AX", "A_1-2"),
    )
    assert [cut.name for cut in read_edl(text, 24)] == ["A_1-1.mov", "A_1-2"]


def test_a_source_of_another_speed_is_as_long_as_it_is_seen():
    line = "001  AX  V  C  00:00:00:00 00:00:04:00 00:00:00:00 00:00:02:00\nM2 AX 048.0 00:00:00:00"
    assert read_edl(listed(line + "\n* FROM CLIP NAME: fast"), 24) == [Cut("fast", 0, 48)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no events"),
        ("TITLE: nothing", "no events"),
        ("hello", "Line 1: “hello” is no line"),
        (listed("001 AX V C 00:00:00:00"), "Line 4: .* is no event"),
        (listed("1" * 3000), "Line 4: it is longer"),
        (listed("١٢٣ AX V C 00:00:00:00 00:00:00:00 00:00:00:00 00:00:00:00"), "Line 4"),
        (listed(event(1, "00:00:02:00 00:00:01:00", "a")), "Line 4: the event ends before it begins"),
        (listed(event(1, "00:00:xx:00 00:00:01:00", "a")), "Line 4: 00:00:xx:00 is no timecode"),
        (listed(event(1, "00:61:00:00 00:62:01:00", "a")), "Line 4: .* no time of a day"),
        (listed(event(1, "9999999999 99999999999", "a")), "Line 4: .* too far"),
        (listed(event(1, "0 1", "a") + "\n" + event(2, "0 1", kind="X")), "Line 6: .* is no event"),
    ],
)
def test_a_broken_list_is_refused_by_its_line(text, message):
    with pytest.raises(BadRequest, match=message):
        read_edl(text, 24)


def test_a_list_with_too_many_events_is_refused():
    line = event(1, "0 1") + "\n"
    with pytest.raises(BadRequest, match="more than 20000 events"):
        read_edl(line * 20_001, 24)


LINES = st.one_of(
    st.sampled_from(["TITLE: x", "FCM: DROP FRAME", "SPLIT: AUDIO DELAY= 0", "* FROM CLIP NAME: a", "M2 a"]),
    st.from_regex(r"[0-9]{1,3} [A-Z]{1,4} (V|A|B|V2) (C|D 010|W001|K B) [0-9:;]{1,11} [0-9]+ [0-9]+ [0-9]+"),
    st.text(max_size=40),
)


@given(st.lists(LINES, max_size=12), st.floats(1, 240))
def test_any_text_is_read_or_refused(lines, rate):
    try:
        cuts = read_edl("\n".join(lines), rate)
    except BadRequest:
        return
    assert all(cut.frames > 0 and cut.start >= 0 for cut in cuts)


NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


@given(
    st.lists(st.tuples(NAMES, st.integers(1, 5000)), min_size=1, max_size=20),
    st.sampled_from([12, 23.976, 24, 25, 30, 48]),
    st.integers(0, 23),
)
def test_a_list_that_is_written_is_read_back(clips, rate, hour):
    counted = round(rate)

    def code(frame: int) -> str:
        seconds = frame // counted
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frame % counted:02}"

    first = at = hour * 3600 * counted
    events, cuts = [], []
    for number, (name, frames) in enumerate(clips, 1):
        events.append(event(number, f"{code(at)} {code(at + frames)}", name))
        cuts.append(Cut(name, at - first, frames))
        at += frames
    assert read_edl(listed(*events), rate) == cuts
