"""Mails of reports: noted when they are due, written when they are sent, for who may read them then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import ReportSubscription
from kitsu_api.db.repositories.actors import ActorRow
from kitsu_api.db.repositories.messages import DueMessage, Messages, Recipient
from kitsu_api.db.repositories.reports import Reports
from kitsu_api.permissions.authentication import actor_of_row
from kitsu_api.permissions.policies.reports import sees_report
from kitsu_api.permissions.report_places import mail_token
from kitsu_api.schemas.reports import Every, ReportData
from kitsu_api.services import message_texts
from kitsu_api.services.report_data import ask
from kitsu_api.services.reports import next_time
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork

KIND: Final = "report"
"""The kind of these messages."""

RHYTHMS: Final[tuple[Every, ...]] = ("day", "week")


async def note_due(uow: UnitOfWork, every: Every, moment: dt.datetime, limit: int) -> int:
    """Note the mails that are due, each once; how many there were. What was missed while no worker ran is
    made up for by one mail."""
    due = await Reports(uow.session).claim_due(moment, every, next_time(every, moment), limit)
    rows = [
        (
            mail.person_id,
            f"{KIND}:{mail.subscription_id}:{mail.due:%Y-%m-%dT%H}",
            {"subscription_id": str(mail.subscription_id), "report_id": str(mail.report_id)},
        )
        for mail in due
    ]
    await Messages(uow.session).add_mails(KIND, rows)
    return len(due)


async def words_of(
    uow: UnitOfWork,
    settings: Settings,
    due: Sequence[DueMessage],
    recipients: Mapping[UUID, Recipient],
    actors: Mapping[UUID, ActorRow],
) -> dict[UUID, message_texts.Words]:
    """What mails of reports say, by message. A report is counted once, however many get it.

    Absent are those who unsubscribed, whose report is gone, or who may no longer see it.
    """
    mails = [message for message in due if message.kind == KIND]
    if not mails:
        return {}
    reports = Reports(uow.session)
    found = await reports.with_productions({UUID(mail.about["report_id"]) for mail in mails})
    open_ones = await reports.subscriptions({UUID(mail.about["subscription_id"]) for mail in mails})
    counted: dict[UUID, ReportData] = {}
    words = {}
    for mail in mails:
        id, subscription_id = UUID(mail.about["report_id"]), UUID(mail.about["subscription_id"])
        row, recipient = actors.get(mail.person_id), recipients.get(mail.person_id)
        actor = actor_of_row(row) if row is not None else None
        if id not in found or subscription_id not in open_ones or actor is None or recipient is None:
            continue
        if not recipient.email or not sees_report(actor, found[id][0]):
            continue
        if id not in counted:
            counted[id] = await ask(uow.session, *found[id], now().date())
        place = f"{settings.web_url}/api/data"
        words[mail.id] = message_texts.of_report(
            counted[id],
            f"{place}/reports/{id}/data.csv",
            f"{place}/report-mails/{mail_token(settings, subscription_id)}",
            recipient.locale,
        )
    return words


async def end(uow: UnitOfWork, subscription_id: UUID) -> None:
    """Mail a report no more. One that is not mailed any more is no error."""
    await Reports(uow.session).unsubscribe(ReportSubscription.id == subscription_id)
