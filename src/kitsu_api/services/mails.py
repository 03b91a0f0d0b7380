"""Mails: what they say, and how they are sent."""

from __future__ import annotations

import html
import logging
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import quote, urlencode

import aiosmtplib

from kitsu_api.db.repositories.playlist_sharing import SharedLink
from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)

SMTP_SECONDS = 20
"""How long a mail server may take for an answer."""


@dataclass(frozen=True, repr=False)
class Mail:
    """A mail in two forms, plain text and HTML."""

    to: str
    subject: str
    text: str
    html: str
    unsubscribe: str | None = None
    """Where programs and people say that no more of these are wanted (RFC 8058)."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a mail; with a link, the text is what the reader clicks on."""

    text: str
    link: str | None = None


def compose(to: str, subject: str, greeting: str, paragraphs: tuple[Paragraph, ...]) -> Mail:
    """A mail out of paragraphs. Everything is escaped: names and addresses come from strangers."""
    subject = " ".join(subject.split())
    lines = [greeting, *(f"{part.text}\n{part.link}" if part.link else part.text for part in paragraphs)]
    blocks = [f"<p>{html.escape(greeting)}</p>"]
    for part in paragraphs:
        shown = html.escape(part.text)
        if part.link:
            shown = f'<a href="{html.escape(part.link, quote=True)}">{shown}</a>'
        blocks.append(f"<p>{shown}</p>")
    body = "\n".join(blocks)
    page = f'<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body>\n{body}\n</body></html>\n'
    return Mail(to, subject, "\n\n".join(lines) + "\n", page)


def reset_link(settings: Settings, email: str, token: str) -> str:
    """Where the web client lets somebody choose a new password."""
    return f"{settings.web_url}/reset-change-password?{urlencode({'email': email, 'token': token})}"


def password_reset(
    settings: Settings, studio: str, to: str, name: str, token: str, address: str, at: datetime
) -> Mail:
    """The mail that lets somebody choose a new password; `at` is UTC."""
    return compose(
        to,
        f"{studio} - password reset",
        f"Hello {name},",
        (
            Paragraph("Choose a new password", reset_link(settings, to, token)),
            Paragraph("The link is good for one hour, and once."),
            Paragraph(f"It was asked for from {address or 'an unknown address'} on {at:%Y-%m-%d %H:%M} UTC."),
            Paragraph("If that was not you, do nothing: your password stays as it is."),
        ),
    )


def invitation(settings: Settings, studio: str, to: str, name: str, token: str | None, days: int) -> Mail:
    """The mail that invites somebody; without a token it is for somebody who has a password."""
    first_step = (
        Paragraph("Sign in", settings.web_url)
        if token is None
        else Paragraph("Choose a password", reset_link(settings, to, token))
    )
    last_step = (
        Paragraph("If you don't remember your password, choose a new one on that page.")
        if token is None
        else Paragraph(f"The link is good for {days} days, and once. Then sign in on {settings.web_url}")
    )
    return compose(
        to,
        f"{studio} - invitation",
        f"Hello {name},",
        (
            Paragraph(f"{studio} invites you to its productions. Your login is {to}"),
            first_step,
            last_step,
        ),
    )


def sign_in_code(studio: str, to: str, name: str, code: str, minutes: int) -> Mail:
    """The mail with a one-time code."""
    return compose(
        to,
        f"{studio} - verification code",
        f"Hello {name},",
        (
            Paragraph(f"Your verification code is {code}"),
            Paragraph(f"It is good for {minutes} minutes, and once."),
            Paragraph("If you are not signing in, somebody has your password: change it."),
        ),
    )


def playlist_ready(studio: str, to: str, name: str, author: str, playlist: str, link: str) -> Mail:
    """The mail that tells a client of a playlist to watch; `playlist` names it and its production."""
    return compose(
        to,
        f"{studio} - {playlist} is ready",
        f"Hello {name},",
        (
            Paragraph(f"{author} has a playlist ready for you: {playlist}"),
            Paragraph("Watch it", link),
        ),
    )


def shared_link(settings: Settings, token: str) -> str:
    """Where the web client shows a shared playlist."""
    return f"{settings.web_url}/shared/playlists/{quote(token, safe='')}"


def share_invitation(
    settings: Settings, studio: str, to: str, sender: str, shared: SharedLink, message: str
) -> Mail:
    """The mail that sends a share link to a reviewer; it tells of a password, not which."""
    lines = tuple(Paragraph(line) for line in message.splitlines() if line.strip())
    notes = []
    if shared.expiration_date is not None:
        notes.append(Paragraph(f"The link closes on {shared.expiration_date:%Y-%m-%d %H:%M} UTC."))
    if shared.has_password:
        notes.append(Paragraph(f"It asks for a password: {sender} will tell you."))
    return compose(
        to,
        f"{studio} - playlist to review: {shared.playlist}",
        "Hello,",
        (
            Paragraph(f"{sender} shares the playlist {shared.playlist} of {shared.project} with you."),
            *lines,
            Paragraph("Review the playlist", shared_link(settings, shared.token)),
            *notes,
        ),
    )


def as_message(settings: Settings, mail: Mail) -> EmailMessage:
    """The mail in the form of RFC 5322."""
    message = EmailMessage()
    message["From"] = settings.mail_default_sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=settings.domain_name.partition(":")[0] or "localhost")
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


async def send(settings: Settings, mail: Mail) -> None:
    """Send a mail now, or print it to the log where the settings say so.

    Raises:
        aiosmtplib.SMTPException: the mail server refused it or can't be reached.
    """
    if not settings.mail_enabled:
        logger.info("Mails are turned off; one was not sent.")
        return
    if settings.mail_to_log:
        logger.warning("Mail to %s\nSubject: %s\n\n%s", mail.to, mail.subject, mail.text)
        return
    await aiosmtplib.send(
        as_message(settings, mail),
        hostname=settings.mail_server,
        port=settings.mail_port,
        username=settings.mail_username or None,
        password=settings.mail_password.get_secret_value() or None,
        use_tls=settings.mail_use_ssl,
        start_tls=settings.mail_use_tls,
        timeout=SMTP_SECONDS,
    )
    logger.info("A mail was sent.")
