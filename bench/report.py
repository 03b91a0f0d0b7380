"""What was measured, as a table, as JSON and as a picture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape


@dataclass
class Row:
    """One scenario: milliseconds of each run, by target (`ours`, `floor`, `peer`)."""

    name: str
    taken: dict[str, list[float]] = field(default_factory=dict)
    size: int = 0
    statements: float | None = None
    per_second: dict[str, float] = field(default_factory=dict)
    p95_busy: dict[str, float] = field(default_factory=dict)

    def median(self, target: str) -> float | None:
        """The median of a target, in milliseconds."""
        return median(self.taken[target]) if self.taken.get(target) else None

    def p95(self, target: str) -> float | None:
        """The 95th percentile of a target, in milliseconds."""
        ordered = sorted(self.taken.get(target, ()))
        return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)] if ordered else None

    def ratio(self, other: str) -> float | None:
        """How many times as long as ours the other takes; for the floor: ours by the floor."""
        ours, theirs = self.median("ours"), self.median(other)
        if not ours or not theirs:
            return None
        return ours / theirs if other == "floor" else theirs / ours


def _number(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


HEADER = f"{'scenario':48}{'median':>10}{'p95':>10}{'bytes':>13}{'SQL':>6}{'x floor':>9}{'req/s':>9}{'peer':>10}{'x peer':>9}{'its req/s':>11}"


def line(row: Row) -> str:
    """A row of the table; times in milliseconds."""
    cells = [
        f"{row.name:48}",
        f"{_number(row.median('ours')):>10}",
        f"{_number(row.p95('ours')):>10}",
        f"{row.size:>13,}",
        f"{_number(row.statements, 0):>6}",
        f"{_number(row.ratio('floor'), 2):>9}",
        f"{_number(row.per_second.get('ours'), 0):>9}",
        f"{_number(row.median('peer')):>10}",
        f"{_number(row.ratio('peer'), 2):>9}",
        f"{_number(row.per_second.get('peer'), 0):>11}",
    ]
    return "".join(cells)


def write(folder: Path, rows: list[Row], about: dict[str, object]) -> None:
    """`results.json` and `medians.svg` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [asdict(row) | {"median": row.median("ours"), "p95": row.p95("ours")} for row in rows]
    (folder / "results.json").write_text(json.dumps({"about": about, "rows": found}, indent=1) + "\n")
    (folder / "medians.svg").write_text(picture(rows))


def picture(rows: list[Row]) -> str:
    """Bars of the medians, on a logarithmic scale from 0.1 ms to 10 s."""
    from math import log10

    def width(value: float) -> float:
        return max(log10(max(value, 0.1)) + 1, 0) * 100

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{len(rows) * 32 + 40}"'
        ' font-family="sans-serif" font-size="12">'
    ]
    for number, row in enumerate(rows):
        top = number * 32 + 10
        ours, floor, peer = (row.median(target) for target in ("ours", "floor", "peer"))
        parts.append(f'<text x="230" y="{top + 14}" text-anchor="end">{escape(row.name)}</text>')
        if ours is not None:
            parts.append(f'<rect x="240" y="{top}" width="{width(ours):.0f}" height="12" fill="#3273dc"/>')
            parts.append(f'<text x="{250 + width(ours):.0f}" y="{top + 11}">{ours:,.1f} ms</text>')
        if floor is not None:
            parts.append(f'<rect x="240" y="{top + 13}" width="{width(floor):.0f}" height="5" fill="#bbb"/>')
        if peer is not None:
            parts.append(
                f'<rect x="240" y="{top + 19}" width="{width(peer):.0f}" height="7" fill="#e07b39"/>'
            )
    parts.append(
        f'<text x="240" y="{len(rows) * 32 + 30}">blue: this server; grey: the SQL floor; orange: the peer (log scale)</text>'
    )
    return "\n".join([*parts, "</svg>", ""])
