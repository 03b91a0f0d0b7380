"""Charts of figures over time, as SVG or PNG."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from kitsu_api.media.lettering import font_paths

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# matplotlib and what it brings take a second and 60 MB: only processes that draw pay for it, once they do

INCHES: Final = (10.0, 5.0)
DOTS_PER_INCH: Final = 110
GROUPS_AT_MOST: Final = 8
"""Bars that are told apart; the others are drawn as one."""

# colours that people who see no red or green tell apart (Okabe and Ito)
COLOURS: Final = (*("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"),)
TICKS_AT_MOST: Final = 16

_drawing = threading.Lock()
"""matplotlib keeps what it knows of fonts in one place for all threads."""


@dataclass(frozen=True)
class Shape:
    """One row of bars or one line: a value for each period."""

    label: str
    values: Sequence[float]
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """Bars upon each other, and lines over them; `unit` says what the axis counts."""

    title: str
    unit: str
    periods: Sequence[dt.date]
    bars: Sequence[Shape] = ()
    lines: Sequence[Shape] = ()
    others: str = "Others"


def gathered(bars: Sequence[Shape], others: str) -> list[Shape]:
    """As many bars as can be told apart: the largest by themselves, the rest as one."""
    if len(bars) <= GROUPS_AT_MOST:
        return list(bars)
    large = sorted(bars, key=lambda bar: -sum(bar.values))[: GROUPS_AT_MOST - 1]
    kept = [bar for bar in bars if bar in large]
    rest = [bar.values for bar in bars if bar not in large]
    return [*kept, Shape(others, [sum(column) for column in zip(*rest, strict=True)])]


@lru_cache(maxsize=1)
def _matplotlib() -> Any:
    """The library, told how this house draws."""
    import matplotlib as library
    from matplotlib import font_manager

    # fonts that lack a letter are no news: boxes show it
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    families = []
    for path in font_paths():
        font_manager.fontManager.addfont(path)
        families.append(font_manager.FontProperties(fname=path).get_name())
    library.rcParams.update(
        {
            "font.family": [*dict.fromkeys([*families, "DejaVu Sans"])],
            # names may hold dollar signs, which would be formulas
            "text.parse_math": False,
            # letters become outlines: the picture is the same on every machine
            "svg.fonttype": "path",
            "svg.hashsalt": "kitsu-api",
        }
    )
    return library


def draw(chart: Chart, target: Path, format: Literal["svg", "png"]) -> None:
    """Write a chart into a file. It takes a second or so: call it in a thread."""
    with _drawing:
        _matplotlib()
        from matplotlib.figure import Figure

        figure = Figure(figsize=INCHES, layout="constrained")
        axes = figure.add_subplot()
        handles, labels = _shapes(axes, chart)
        axes.set_title(chart.title)
        axes.set_ylabel(chart.unit)
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, axis="y", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        every = -(-len(chart.periods) // TICKS_AT_MOST)
        places = list(range(0, len(chart.periods), every))
        axes.set_xticks(
            places, [chart.periods[place].isoformat() for place in places], rotation=45, ha="right"
        )
        if handles:
            # labels that begin with an underscore would be left out: they are set afterwards
            numbers = [str(number) for number in range(len(handles))]
            legend = figure.legend(handles, numbers, frameon=False, loc="outside right upper")
            for text, label in zip(legend.get_texts(), labels, strict=True):
                text.set_text(label)
        unsigned = {"Date": None, "Creator": None} if format == "svg" else {"Software": None}
        figure.savefig(target, format=format, dpi=DOTS_PER_INCH, metadata=unsigned)
        figure.clear()


def _shapes(axes: Axes, chart: Chart) -> tuple[list[Any], list[str]]:
    places = range(len(chart.periods))
    handles: list[Any] = []
    labels: list[str] = []
    below = [0.0] * len(chart.periods)
    bars = gathered(chart.bars, chart.others)
    for bar, colour in zip(bars, COLOURS, strict=False):
        handles.append(axes.bar(places, bar.values, bottom=below, color=colour, width=0.8))
        labels.append(bar.label)
        below = [under + value for under, value in zip(below, bar.values, strict=True)]
    colours = ("#000000", "#D55E00") if bars else COLOURS
    for line, colour in zip(chart.lines, colours, strict=False):
        style = "--" if line.dashed else "-"
        marker = "o" if len(chart.periods) == 1 else None
        handles.extend(axes.plot(places, line.values, color=colour, linestyle=style, marker=marker))
        labels.append(line.label)
    return handles, labels
