"""Days in paths and query strings."""

from __future__ import annotations

import datetime as dt

from kitsu_api.errors import BadRequest


def read_day(text: str) -> dt.date:
    """A day, `2026-03-02`.

    Raises:
        BadRequest: it is none.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest("Wrong date format.") from error


def read_days(first: str | None, last: str | None) -> tuple[dt.date | None, dt.date | None]:
    """The two ends of a range of days, both or none.

    Raises:
        BadRequest: one of them is missing, or no day.
    """
    if bool(first) != bool(last):
        raise BadRequest(
            "If querying for a range of dates, both a `start_date` and an `end_date` must be given."
        )
    if not first or not last:
        return None, None
    return read_day(first), read_day(last)
