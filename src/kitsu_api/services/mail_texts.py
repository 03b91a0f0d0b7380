"""The words of mails about accounts and shared playlists, in the language of who reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from kitsu_api.db.repositories.playlist_sharing import SharedLink
from kitsu_api.services.mail_templates import rendered
from kitsu_api.services.mails import Mail
from kitsu_api.services.translations import catalog, language_of
from kitsu_api.settings import Settings


@dataclass(frozen=True)
class Reader:
    """Whom a mail goes to. Without a name they are greeted without one."""

    email: str
    name: str | None
    locale: str | None


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a mail; with a link, the text is what the reader clicks on."""

    text: str
    link: str | None = None


def compose(studio: str, to: Reader, subject: str, paragraphs: tuple[Paragraph, ...]) -> Mail:
    """A mail out of paragraphs, which are in the reader's language already."""
    language = language_of(to.locale)
    _ = catalog(language).gettext
    greeting = _("Hello %(name)s,") % {"name": to.name} if to.name else _("Hello,")
    values = {"studio": studio, "greeting": greeting, "paragraphs": paragraphs}
    text, page = rendered("letter", language, values)
    return Mail(to.email, " ".join(subject.split()), text, page)


def reset_link(settings: Settings, email: str, token: str) -> str:
    """Where the web client lets somebody choose a new password."""
    return f"{settings.web_url}/reset-change-password?{urlencode({'email': email, 'token': token})}"


def password_reset(
    settings: Settings, studio: str, to: Reader, token: str, address: str, at: datetime
) -> Mail:
    """The mail that lets somebody choose a new password; `at` is UTC."""
    _ = catalog(language_of(to.locale)).gettext
    asked = {"address": address or _("an unknown address"), "time": f"{at:%Y-%m-%d %H:%M} UTC"}
    return compose(
        studio,
        to,
        _("%(studio)s - password reset") % {"studio": studio},
        (
            Paragraph(_("Choose a new password"), reset_link(settings, to.email, token)),
            Paragraph(_("The link is good for one hour, and once.")),
            Paragraph(_("It was asked for from %(address)s on %(time)s.") % asked),
            Paragraph(_("If that was not you, do nothing: your password stays as it is.")),
        ),
    )


def invitation(settings: Settings, studio: str, to: Reader, token: str | None, days: int) -> Mail:
    """The mail that invites somebody; without a token it is for somebody who has a password."""
    _ = catalog(language_of(to.locale)).gettext
    invited = _("%(studio)s invites you to its productions. Your login is %(login)s")
    paragraphs = [Paragraph(invited % {"studio": studio, "login": to.email})]
    if token is None:
        paragraphs += [
            Paragraph(_("Sign in"), settings.web_url),
            Paragraph(_("If you don't remember your password, choose a new one on that page.")),
        ]
    else:
        last = _("The link is good for %(days)s days, and once. Then sign in on %(place)s")
        paragraphs += [
            Paragraph(_("Choose a password"), reset_link(settings, to.email, token)),
            Paragraph(last % {"days": days, "place": settings.web_url}),
        ]
    return compose(studio, to, _("%(studio)s - invitation") % {"studio": studio}, tuple(paragraphs))


def sign_in_code(studio: str, to: Reader, code: str, minutes: int) -> Mail:
    """The mail with a one-time code."""
    _ = catalog(language_of(to.locale)).gettext
    return compose(
        studio,
        to,
        _("%(studio)s - verification code") % {"studio": studio},
        (
            Paragraph(_("Your verification code is %(code)s") % {"code": code}),
            Paragraph(_("It is good for %(minutes)s minutes, and once.") % {"minutes": minutes}),
            Paragraph(_("If you are not signing in, somebody has your password: change it.")),
        ),
    )


def playlist_ready(studio: str, to: Reader, author: str, playlist: str, link: str) -> Mail:
    """The mail that tells a client of a playlist to watch; `playlist` names it and its production."""
    _ = catalog(language_of(to.locale)).gettext
    names = {"studio": studio, "author": author, "playlist": playlist}
    return compose(
        studio,
        to,
        _("%(studio)s - %(playlist)s is ready") % names,
        (
            Paragraph(_("%(author)s has a playlist ready for you: %(playlist)s") % names),
            Paragraph(_("Watch it"), link),
        ),
    )


def shared_link(settings: Settings, token: str) -> str:
    """Where the web client shows a shared playlist."""
    return f"{settings.web_url}/shared/playlists/{quote(token, safe='')}"


def share_invitation(
    settings: Settings, studio: str, to: Reader, sender: str, shared: SharedLink, message: str
) -> Mail:
    """The mail that sends a share link to a reviewer; it tells of a password, not which."""
    _ = catalog(language_of(to.locale)).gettext
    names = {
        "studio": studio,
        "sender": sender,
        "playlist": shared.playlist,
        "production": shared.project,
        "time": f"{shared.expiration_date:%Y-%m-%d %H:%M} UTC" if shared.expiration_date else "",
    }
    paragraphs = [
        Paragraph(_("%(sender)s shares the playlist %(playlist)s of %(production)s with you.") % names),
        *(Paragraph(line) for line in message.splitlines() if line.strip()),
        Paragraph(_("Review the playlist"), shared_link(settings, shared.token)),
    ]
    if shared.expiration_date is not None:
        paragraphs.append(Paragraph(_("The link closes on %(time)s.") % names))
    if shared.has_password:
        paragraphs.append(Paragraph(_("It asks for a password: %(sender)s will tell you.") % names))
    subject = _("%(studio)s - playlist to review: %(playlist)s") % names
    return compose(studio, to, subject, tuple(paragraphs))
