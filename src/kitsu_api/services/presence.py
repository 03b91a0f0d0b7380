"""Who was there on which day, as a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from kitsu_api.db.repositories.person_time_spents import Period
from kitsu_api.db.repositories.presence import Presence

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With what a cell begins that spreadsheets would run."""


def presence_sheet(period: Period, people: Sequence[Presence]) -> str:
    """A month as CSV with semicolons: a row a person, a column a day, an X where they were there."""
    days = range(1, period.last.day + 1)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([period.first.year, *days])
    for name, present in people:
        shown = f"'{name}" if name.startswith(FORMULAS) else name
        writer.writerow([shown, *("X" if day in present else "" for day in days)])
    return text.getvalue()
