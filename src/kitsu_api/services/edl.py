"""Edit decision lists (CMX 3600): which clip is seen from which frame to which.

The adapter of OpenTimelineIO for this format refuses rates that productions have (12, 23.976 as people
write it), refuses lists whose sources run at another rate than the edit, and doesn't say which line is
wrong. Only the record side and the names of clips count here, so that this reads them by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from kitsu_api.errors import BadRequest

LONGEST_LINE = 2_000
"""Characters; what lists are written by stays far below."""

MOST_EVENTS = 20_000
MOST_NAMED = 4
"""Events that share their comments: a transition has two, a split of transitions four."""

TIMECODE = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})([:;.,])(\d{1,3})", re.ASCII)
CUT = re.compile(r"C|D|W\d{0,3}|KB?|KO", re.ASCII)
HEADER = ("TITLE:", "FCM", "SPLIT", "*", ">>>", "#", ";", "M2")
"""What may stand before the first event."""

NAMES = re.compile(r"\*?\s*(FROM|TO) (CLIP NAME|CLIP|FILE)\s*:\s*(.+)", re.IGNORECASE)
NO_REEL = ("AX", "BL", "BLACK")
"""Reels that name no source: anything without a tape, and black."""

DROPPING = {30: 2, 60: 4}
"""Frame numbers that drop-frame timecode leaves out each minute, by the whole rate that it counts in."""


@dataclass(frozen=True)
class Cut:
    """A clip in the edit. `start` and `frames` count frames of the edit."""

    name: str
    start: int
    frames: int


@dataclass
class _Event:
    number: str
    kind: str
    reel: str
    start: int
    end: int
    names: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What is seen: the clip that a transition leads to, else the one that is cut to, else the reel."""
        order = ("FROM", "TO") if self.kind == "C" else ("TO", "FROM")
        found = next((self.names[key] for key in order if key in self.names), "")
        return found or ("" if self.reel.upper() in NO_REEL else self.reel)


def counted_rate(rate: float) -> int:
    """The whole number of frames that timecode of a rate counts in a second: 24 at 23.976."""
    return min(max(int(rate + 0.5), 1), 999)


def frame_of(text: str, rate: float, *, drop: bool = False) -> int:
    """The number of a frame, from timecode or as a bare number, counted from 00:00:00:00.

    `drop`: the list says that its timecode drops frame numbers; a `;` before the frames says it as well.

    Raises:
        ValueError: it is no timecode, or none of this rate; the message says why.
    """
    if text.isascii() and text.isdigit():
        if len(text) > 9:
            raise ValueError(f"frame {text[:20]} is too far away")
        return int(text)
    match = TIMECODE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]} is no timecode")
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    counted = counted_rate(rate)
    if minutes > 59 or seconds > 59:
        raise ValueError(f"{text} is no time of a day")
    if frames >= counted:
        raise ValueError(
            f"{text} has a frame {frames}, but the production runs at {rate:g} frames a second:"
            " set its frame rate to that of the edit"
        )
    dropped = DROPPING.get(counted)
    if match[4] == ";" and dropped is None:
        raise ValueError(
            f"{text} is drop-frame timecode, which is for 29.97 and 59.94 frames a second, but the production"
            f" runs at {rate:g}: set its frame rate to that of the edit"
        )
    total = ((hours * 60 + minutes) * 60 + seconds) * counted + frames
    if dropped is None or not (drop or match[4] == ";"):
        return total
    if seconds == 0 and frames < dropped and minutes % 10:
        raise ValueError(f"{text} is a frame that drop-frame timecode leaves out")
    whole = hours * 60 + minutes
    return total - dropped * (whole - whole // 10)


def read_edl(text: str, rate: float) -> list[Cut]:
    """The clips of the picture, as they follow in the list; the edit begins at frame 0.

    `rate` is in frames a second, as the production has it: the list doesn't tell.

    Raises:
        BadRequest: the text is no edit decision list, naming the line.
    """
    cuts = [
        Cut(event.name, event.start, event.end - event.start)
        for event in _events(text, rate)
        if event.end > event.start
    ]
    first = min((cut.start for cut in cuts), default=0)
    return [Cut(cut.name, cut.start - first, cut.frames) for cut in cuts]


def _events(text: str, rate: float) -> list[_Event]:
    """The events that show a picture, named."""
    events: list[_Event] = []
    seen = 0
    named: list[_Event] = []  # those that the comments that follow speak of
    joined = 0  # events still to come that share the comments of a SPLIT
    drop = False
    for number, line in _lines(text):
        if line[0] in "0123456789":
            event, pictured = _event(number, line, rate, drop)
            seen += 1
            if seen > MOST_EVENTS:
                raise BadRequest(f"Line {number}: the list has more than {MOST_EVENTS} events: split it.")
            if named and (named[-1].number == event.number or joined == 1):
                named = [*named[1 - MOST_NAMED :], event]
            else:
                named = [event]
            joined = max(joined - 1, 0)
            if pictured:
                events.append(event)
        elif line.upper().startswith("FCM"):
            drop = "NON" not in line.upper() and "DROP" in line.upper()
        elif line.startswith("SPLIT"):
            joined = 2
        elif not seen and not line.upper().startswith(HEADER):
            raise BadRequest(f"Line {number}: {_quoted(line)} is no line of an edit decision list.")
        elif (match := NAMES.fullmatch(line)) is not None:
            for event in named:
                _name(event, *match.groups())
    if not seen:
        raise BadRequest("The edit decision list has no events.")
    return events


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(text.splitlines(), 1):
        if len(raw) > LONGEST_LINE:
            raise BadRequest(f"Line {number}: it is longer than {LONGEST_LINE} characters.")
        if line := raw.strip().lstrip("\ufeff"):
            yield number, line


def _event(number: int, line: str, rate: float, drop: bool) -> tuple[_Event, bool]:
    """The event of a line, and whether it is one of the picture."""
    fields = line.split()
    if len(fields) < 8 or CUT.fullmatch(fields[3]) is None:
        raise BadRequest(
            f"Line {number}: {_quoted(line)} is no event. An event has a number, a reel, a channel, a kind of"
            " cut and four timecodes."
        )
    try:
        times = [frame_of(field, rate, drop=drop) for field in fields[-2:]]
    except ValueError as error:
        raise BadRequest(f"Line {number}: {error}.") from error
    if times[1] < times[0]:
        raise BadRequest(f"Line {number}: the event ends before it begins.")
    channel = fields[2].upper()
    pictured = not channel.startswith(("A", "NONE")) or channel.endswith("/V")
    black = fields[1].upper() in NO_REEL[1:]
    return _Event(fields[0], fields[3][0], fields[1], times[0], times[1]), pictured and not black


def _name(event: _Event, side: str, what: str, value: str) -> None:
    side = side.upper()
    if what.upper() == "CLIP NAME":
        event.names[side] = value.strip()
    else:
        event.names.setdefault(side, PurePosixPath(value.strip().replace("\\", "/")).name)


def _quoted(line: str) -> str:
    """The beginning of a line, fit for a message."""
    text = "".join(character if character.isprintable() else "?" for character in line[:60])
    return f"“{text}”"
