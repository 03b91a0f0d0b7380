"""Words of reports, in the language of who reads them: labels of charts, heads of sheets."""

from __future__ import annotations

from dataclasses import dataclass

from kitsu_api.schemas.reports import Measure
from kitsu_api.services.translations import catalog, language_of


@dataclass(frozen=True)
class ReportWords:
    """What is written on a chart or over a sheet."""

    chart: dict[Measure, str]
    """What lines and axes are called."""
    sheet: dict[Measure, str]
    """What columns are called."""
    period: str
    no_department: str
    no_department_in_column: str
    others: str


def words_for(locale: str | None) -> ReportWords:
    """The words for somebody of a locale."""
    _ = catalog(language_of(locale)).gettext
    return ReportWords(
        chart={
            "open": _("Tasks to do"),
            "ideal": _("Evenly to the end"),
            "finished": _("Tasks finished"),
            "retakes": _("Retakes"),
            "planned_minutes": _("Hours planned"),
            "spent_minutes": _("Hours spent"),
        },
        sheet={
            "open": _("Open"),
            "ideal": _("Ideal"),
            "open_minutes": _("Open minutes"),
            "finished": _("Finished"),
            "finished_minutes": _("Finished minutes"),
            "retakes": _("Retakes"),
            "judged": _("Judged"),
            "planned_minutes": _("Planned minutes"),
            "spent_minutes": _("Spent minutes"),
        },
        period=_("Period"),
        no_department=_("No department"),
        no_department_in_column=_("no department"),
        others=_("Others"),
    )
