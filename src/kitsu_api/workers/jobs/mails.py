"""Jobs that send mails. What is secret in a mail is made here, so that no queue and no log holds it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import aiosmtplib
from arq import Retry

from kitsu_api.db.base import now
from kitsu_api.db.repositories.accounts import Account, AccountRepository, OrganisationRepository
from kitsu_api.db.repositories.playlist_sharing import ShareLinks
from kitsu_api.services import auth, mail_texts, mails, one_time_codes
from kitsu_api.services.mail_texts import Reader
from kitsu_api.services.mails import Mail
from kitsu_api.workers.context import JobContext

logger = logging.getLogger(__name__)

TRIES = 5
FIRST_DELAY = 15
"""Seconds until a mail is tried again; four times as many after each further failure."""

INVITATION_DAYS = 7
"""How long somebody who is invited may take to choose a password."""

DAY = 86_400
"""Seconds of a day."""


class NotDelivered(Exception):
    """A mail could not be sent; the text is the kind of the last error."""


async def _send(ctx: dict[str, Any], mail: Mail) -> None:
    """Send now; when the mail server is away, have the worker come back later.

    Raises:
        NotDelivered: it was away each time, or nobody would come back.
    """
    context: JobContext = ctx["job"]
    try:
        await mails.send(context.settings, mail)
    except (aiosmtplib.SMTPException, OSError) as error:
        attempt = ctx.get("job_try")
        # neither the address nor the server's text: that one may repeat the mail
        logger.warning("A mail could not be sent (try %s): %s", attempt or 1, type(error).__name__)
        if attempt is None or attempt >= TRIES:
            # whoever ran the job logs this with all that it came from
            raise NotDelivered(type(error).__name__) from None
        raise Retry(defer=FIRST_DELAY * 4 ** (attempt - 1)) from error


async def send_mail(ctx: dict[str, Any], *, to: str, subject: str, text: str, html: str) -> None:
    """Send a mail that holds no secret: its text lies in the queue for a while."""
    await _send(ctx, Mail(to, subject, text, html))


async def _account_and_studio(context: JobContext, email: str) -> tuple[Account | None, str]:
    async with context.sessions() as session:
        account = await AccountRepository(session).find_by_login(email)
        studio = await OrganisationRepository(session).name() or "Kitsu"
    usable = account is not None and account.email and account.may_sign_in
    return account if usable else None, studio


def _reader(account: Account, email: str) -> Reader:
    return Reader(email, account.full_name, account.locale)


async def send_password_reset(ctx: dict[str, Any], *, email: str, address: str) -> None:
    """Mail a link to choose a new password, if somebody has this e-mail."""
    context: JobContext = ctx["job"]
    account, studio = await _account_and_studio(context, email)
    if account is None or account.email is None:
        return
    token = await auth.make_reset_token(context.valkey, account.id)
    to = _reader(account, account.email)
    await _send(ctx, mail_texts.password_reset(context.settings, studio, to, token, address, now()))


async def send_invitation(ctx: dict[str, Any], *, email: str) -> None:
    """Invite somebody who has this e-mail; who has no password yet gets a link to choose one."""
    context: JobContext = ctx["job"]
    account, studio = await _account_and_studio(context, email)
    if account is None or account.email is None:
        return
    token: str | None = None
    if not account.password:
        token = await auth.make_reset_token(context.valkey, account.id, INVITATION_DAYS * DAY)
    to = _reader(account, account.email)
    await _send(ctx, mail_texts.invitation(context.settings, studio, to, token, INVITATION_DAYS))


async def send_email_otp(ctx: dict[str, Any], *, email: str, setting_up: bool) -> None:
    """Mail a one-time code, if somebody has this e-mail and uses such codes, or is about to."""
    context: JobContext = ctx["job"]
    account, studio = await _account_and_studio(context, email)
    if account is None or account.email is None or not account.email_otp_secret:
        return
    if not account.email_otp_enabled and not setting_up:
        return
    code = await one_time_codes.make_mail_code(context.valkey, account.id, account.email_otp_secret)
    minutes = one_time_codes.MAIL_SECONDS // 60
    to = _reader(account, account.email)
    await _send(ctx, mail_texts.sign_in_code(studio, to, code, minutes))


async def send_share_invitation(
    ctx: dict[str, Any], *, link_id: str, email: str, sender: str, message: str, locale: str | None = None
) -> None:
    """Mail a share link to a reviewer, unless it was revoked or ran out meanwhile.

    Who works here reads it in their own language, others in `locale`: that of the sender.
    """
    context: JobContext = ctx["job"]
    async with context.sessions() as session:
        shared = await ShareLinks(session).to_mail(UUID(link_id))
        known = await AccountRepository(session).find_by_email(email)
        studio = await OrganisationRepository(session).name() or "Kitsu"
    if shared is not None:
        to = Reader(email, None, (known and known.locale) or locale)
        mail = mail_texts.share_invitation(context.settings, studio, to, sender, shared, message)
        await _send(ctx, mail)


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {
    "send_mail": send_mail,
    "send_password_reset": send_password_reset,
    "send_email_otp": send_email_otp,
    "send_invitation": send_invitation,
    "send_share_invitation": send_share_invitation,
}
