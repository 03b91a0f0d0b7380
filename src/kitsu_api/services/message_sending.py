"""Messages: which events bring them about, and how each is sent."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import aiosmtplib

from kitsu_api.db.base import now
from kitsu_api.db.models import Channel, MessageStatus
from kitsu_api.db.repositories.actors import ActorRow, find_actors
from kitsu_api.db.repositories.event_feed import LogEntry
from kitsu_api.db.repositories.messages import (
    ChatAccess,
    DueMessage,
    Messages,
    NotificationFacts,
    Recipient,
)
from kitsu_api.permissions.authentication import actor_of_row
from kitsu_api.services import chats_outside, mails, message_texts, report_mails
from kitsu_api.services.chats_outside import NotSent
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork

DELAYS = (15, 60, 240, 960, 3_600)
"""Seconds between one attempt and the next; after the last the message has failed."""

EVENT = "notification:new"


@dataclass(frozen=True)
class Letter:
    """A message with all that is needed to send it."""

    message: DueMessage
    recipient: Recipient
    words: message_texts.Words
    access: ChatAccess


async def follow_notifications(uow: UnitOfWork, entries: Sequence[LogEntry]) -> None:
    """Note the messages that new notifications bring about."""
    ids = []
    for entry in entries:
        if entry.name == EVENT:
            with suppress(ValueError):
                ids.append(UUID(str(entry.data.get("notification_id"))))
    if ids:
        await Messages(uow.session).add_for_notifications(ids)


def _may_know(row: ActorRow | None, facts: NotificationFacts) -> bool:
    """Whether somebody may still see what a notification is about."""
    actor = actor_of_row(row) if row is not None else None
    return actor is not None and actor.sees(facts.project_id)


async def prepare(uow: UnitOfWork, settings: Settings, due: Sequence[DueMessage]) -> list[Letter]:
    """The words of messages, in the languages of those who get them.

    Messages about what is gone, to people who may no longer know of it, or on a chat that the studio has not
    set up are dropped.
    """
    messages = Messages(uow.session)
    people = {message.person_id for message in due}
    recipients, actors = await messages.recipients(people), await find_actors(uow.session, people)
    facts = await messages.facts([one.notification_id for one in due if one.notification_id])
    access = await messages.chat_access()
    of_reports = await report_mails.words_of(uow, settings, due, recipients, actors)
    letters = []
    for message in due:
        recipient = recipients.get(message.person_id)
        words = None
        if recipient is not None and (
            message.channel is Channel.EMAIL or chats_outside.has_access(message.channel, access)
        ):
            words = (
                of_reports.get(message.id)
                if message.kind == report_mails.KIND
                else _words(settings, message, recipient, facts, actors)
            )
        if recipient is None or words is None:
            await messages.note(message, {"status": MessageStatus.DROPPED.value, "next_attempt_at": None})
        else:
            letters.append(Letter(message, recipient, words, access))
    return letters


def _words(
    settings: Settings,
    message: DueMessage,
    recipient: Recipient,
    facts: dict[UUID, NotificationFacts],
    actors: dict[UUID, ActorRow],
) -> message_texts.Words | None:
    if message.notification_id is None:
        return message_texts.of_notice(message.kind, message.about, settings.web_url, recipient.locale)
    about = facts.get(message.notification_id)
    if about is None or not _may_know(actors.get(recipient.id), about):
        return None
    return message_texts.of_notification(about, settings.web_url, recipient.locale)


async def send(settings: Settings, letter: Letter) -> NotSent | None:
    """Send a message; what went wrong, or None. Never raises."""
    recipient, words = letter.recipient, letter.words
    try:
        if letter.message.channel is Channel.EMAIL:
            mail = message_texts.as_mail(
                words, str(recipient.email), recipient.first_name, letter.access.studio, recipient.locale
            )
            await mails.send(settings, mail)
        else:
            text = message_texts.as_chat(words)
            await chats_outside.send(settings, letter.message.channel, letter.access, recipient, text)
    except NotSent as error:
        return error
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        # neither the address nor the server's text: that one may repeat the mail
        return NotSent(f"email: {type(error).__name__}", again=True)
    except ValueError as error:
        # an address or a name that no head of a mail can hold; others are sent at the same time
        return NotSent(f"email: {type(error).__name__}", again=False)
    return None


async def settle(uow: UnitOfWork, message: DueMessage, fault: NotSent | None) -> None:
    """Write down what became of a message, and when it is tried again."""
    values: dict[str, Any] = {"next_attempt_at": None, "error": None}
    if fault is None:
        values["status"] = MessageStatus.SENT.value
    elif fault.again and message.attempts <= len(DELAYS):
        seconds = max(DELAYS[message.attempts - 1], fault.after or 0)
        values |= {
            "status": MessageStatus.WAITING.value,
            "next_attempt_at": now() + timedelta(seconds=min(seconds, 86_400)),
            "error": fault.reason,
        }
    else:
        values |= {"status": MessageStatus.FAILED.value, "error": fault.reason}
    await Messages(uow.session).note(message, values)
