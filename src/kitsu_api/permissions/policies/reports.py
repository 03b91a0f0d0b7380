"""Who keeps, sees and changes reports: they tell how people work, so only who oversees them reads them."""

from __future__ import annotations

from kitsu_api.db.models import Report
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.quotas import oversees_project
from kitsu_api.permissions.scopes import supervised_by


def oversees_something(actor: Actor) -> bool:
    """Supervisors and managers of any production, and admins."""
    return actor.is_admin or bool(supervised_by(actor))


def sees_report(actor: Actor, report: Report) -> bool:
    """One's own reports and shared ones, as long as one oversees their production."""
    return oversees_project(actor, report.project_id) and (report.shared or report.owner_id == actor.id)


def changes_report(actor: Actor, report: Report) -> bool:
    """One's own reports; shared ones also for who runs the production."""
    if not sees_report(actor, report):
        return False
    return report.owner_id == actor.id or actor.manages(report.project_id)
