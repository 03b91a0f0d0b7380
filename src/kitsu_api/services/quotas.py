"""Quotas: what people finished by day, week, month and year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from kitsu_api.db.repositories.quotas import CountMode, Share
from kitsu_api.errors import BadRequest
from kitsu_api.schemas.quotas import PeriodQuota, Quota, QuotaTable, YearQuota

MISSPELT = {"weigtheddone": "weighteddone"}
"""Old documents misspell a mode; clients that follow them are understood."""

PERIODS = ("day", "week", "month", "year")


def read_count_mode(text: str | None) -> CountMode:
    """The way of counting that a client asks for; `weighted` when it does not say.

    Raises:
        BadRequest: there is no such way.
    """
    if not text:
        return CountMode.WEIGHTED
    try:
        return CountMode(MISSPELT.get(text, text))
    except ValueError as error:
        modes = ", ".join(CountMode)
        raise BadRequest(f"count_mode must be one of: {modes}.") from error


@dataclass
class _Sums:
    """Sums of one period, by its name."""

    frames: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    count: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    drawings: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    entries: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, share: Share, name: str, above: str | None) -> None:
        """Count a share in the period called `name`, which lies in the one called `above`."""
        self.frames[name] += share.frames * share.weight
        self.seconds[name] += share.frames * share.weight / share.fps
        self.count[name] += share.weight
        self.drawings[name] += share.drawings * share.weight
        if above is not None:
            self.entries[above].add(name)


def _period_names(share: Share) -> dict[str, tuple[str, str | None]]:
    """The periods that a share lies in, and what each of them lies in; weeks are those of ISO 8601."""
    day = share.day
    year, month = f"{day.year:04}", f"{day.year:04}-{day.month:02}"
    week_year, week, _ = day.isocalendar()
    return {
        "day": (day.isoformat(), month),
        "week": (f"{week_year:04}-{week:02}", f"{week_year:04}"),
        "month": (month, year),
        "year": (year, None),
    }


def _quota(sums: dict[str, _Sums]) -> Quota:
    def values(period: str) -> dict[str, dict[str, float]]:
        found = sums[period]
        return {
            "frames": {name: round(value) for name, value in found.frames.items()},
            "seconds": {name: round(value, 2) for name, value in found.seconds.items()},
            "count": {name: round(value, 2) for name, value in found.count.items()},
            "drawings": {name: round(value) for name, value in found.drawings.items()},
        }

    def period(name: str) -> PeriodQuota:
        entries = {above: len(names) for above, names in sums[name].entries.items()}
        return PeriodQuota.model_validate({**values(name), "entries": entries})

    year = YearQuota.model_validate(values("year"))
    return Quota(day=period("day"), week=period("week"), month=period("month"), year=year)


def table_of(shares: Iterable[Share], row_of: Callable[[Share], UUID]) -> QuotaTable:
    """Sums of shares by row (a person, a task type) and period, and of all rows.

    In the row `total` a shot that was delivered by several people counts once.
    """
    rows: dict[str, dict[str, _Sums]] = defaultdict(lambda: {name: _Sums() for name in PERIODS})
    total = rows["total"]
    whole: set[UUID] = set()
    for share in shares:
        targets = [rows[str(row_of(share))]]
        if share.weight < 1 or share.task_id not in whole:
            targets.append(total)
        if share.weight >= 1:
            whole.add(share.task_id)
        for period, (name, above) in _period_names(share).items():
            for sums in targets:
                sums[period].add(share, name, above)
    return QuotaTable({name: _quota(sums) for name, sums in rows.items()})


def weights_of(shares: Iterable[Share]) -> dict[UUID, float]:
    """How much of each shot the shares make up, by the shot's id: 1 for the whole."""
    weights: dict[UUID, float] = defaultdict(float)
    for share in shares:
        weights[share.shot_id] += share.weight
    return {shot_id: round(weight, 2) for shot_id, weight in weights.items()}
