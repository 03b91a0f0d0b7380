"""Ending the mails of a report by the link in them, without signing in.

The page alone ends nothing: programs that look through mails follow links. They do send no form.
"""

from __future__ import annotations

from functools import lru_cache

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from kitsu_api.errors import NotFound, errors
from kitsu_api.permissions.report_places import MailedSubscription
from kitsu_api.services import report_mails
from kitsu_api.unit_of_work import Uow

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
}

router = APIRouter(
    prefix="/data/report-mails",
    tags=["Reports"],
    default_response_class=HTMLResponse,
    responses=errors(NotFound),
)


@lru_cache(maxsize=2)
def _page(*, done: bool) -> str:
    environment = Environment(
        loader=PackageLoader("kitsu_api", "templates/reports"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("unsubscribe.html").render(done=done)


@router.get(
    "/{token}", operation_id="show_report_unsubscription", summary="Ask whether to end mails of a report"
)
async def show_unsubscription(subscription_id: MailedSubscription) -> HTMLResponse:
    """The page that the link in a mail leads to. It changes nothing."""
    return HTMLResponse(_page(done=False), headers=HEADERS)


@router.post("/{token}", operation_id="end_report_mails", summary="End mails of a report")
async def end_mails(subscription_id: MailedSubscription, uow: Uow) -> HTMLResponse:
    """Mail the report no more; also what mail programs call by themselves (RFC 8058)."""
    await report_mails.end(uow, subscription_id)
    return HTMLResponse(_page(done=True), headers=HEADERS)
