"""Mails, and how they are sent. What they say is in `mail_texts` and `message_texts`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib

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
