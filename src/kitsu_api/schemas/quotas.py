"""Quotas: what people finished by day, week, month and year."""

from __future__ import annotations

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Schema


class YearQuota(Schema):
    """Sums by period; the keys name it: `2026-03-02`, `2026-10` (week of ISO 8601), `2026-03`, `2026`."""

    frames: dict[str, int]
    seconds: dict[str, float]
    count: dict[str, float] = Field(description="Shots; a part of one when its work took several days.")
    drawings: dict[str, int]


class PeriodQuota(YearQuota):
    """Sums by day, week or month, and in how many of them work was finished."""

    entries: dict[str, int] = Field(
        description="Periods with finished work: days by month, weeks and months by year."
    )


class Quota(Schema):
    """What one person, or all, finished."""

    day: PeriodQuota
    week: PeriodQuota
    month: PeriodQuota
    year: YearQuota


class QuotaTable(RootModel[dict[str, Quota]]):
    """Quotas by person, or by task type; `total` sums them up."""
