"""Reports that a path names, and the proof that a mail of one carries."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Report
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.reports import Reports
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.guard import allow, guard, required
from kitsu_api.permissions.policies.reports import changes_report, oversees_something, sees_report
from kitsu_api.settings import Settings

UNSUBSCRIBING = b"report-mail:"
"""What the signature of a mail is for: none of another kind is good here."""

SIGNATURE = 32
"""Characters of it."""


async def existing_report(report_id: UUID, session: Session) -> Report:
    """A report.

    Raises:
        NotFound: there is none.
    """
    return required(await Records(session, Report).find(report_id))


async def locked_report(report_id: UUID, session: Session) -> Report:
    """A report, locked until the request is over.

    Raises:
        NotFound: there is none.
    """
    return required(await Reports(session).locked(report_id))


def _signature(settings: Settings, id: UUID) -> str:
    signed = hmac.new(settings.signing_key().encode(), UNSUBSCRIBING + id.bytes, hashlib.sha256)
    return signed.hexdigest()[:SIGNATURE]


def mail_token(settings: Settings, subscription_id: UUID) -> str:
    """What a mail carries, so that its reader can end the subscription without signing in."""
    return f"{subscription_id.hex}{_signature(settings, subscription_id)}"


async def mailed_subscription(
    settings: AppSettings,
    token: Annotated[str, Path(description="As the link in the mail has it.", max_length=100)],
) -> UUID:
    """The id of the subscription that a mail came from.

    Raises:
        NotFound: no mail of this server has such a link.
    """
    try:
        id = UUID(hex=token[:32])
    except ValueError as error:
        raise NotFound from error
    if not hmac.compare_digest(token[32:].encode(), _signature(settings, id).encode()):
        raise NotFound
    return id


ReportReader = Annotated[Actor, allow(oversees_something)]
SeenReport = Annotated[Report, guard(existing_report, sees_report)]
OwnReport = Annotated[Report, guard(locked_report, changes_report)]
MailedSubscription = Annotated[UUID, Depends(mailed_subscription)]
