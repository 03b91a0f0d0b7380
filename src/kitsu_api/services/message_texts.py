"""The words of messages: what happened, in the reader's language, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kitsu_api.db.repositories.messages import NotificationFacts
from kitsu_api.services.mail_templates import rendered
from kitsu_api.services.mails import Mail
from kitsu_api.services.translations import catalog, language_of

QUOTED = 2_000
"""Characters of a comment that a message quotes."""

PLACES = {
    "Shot": "shots",
    "Sequence": "sequences",
    "Episode": "episodes",
    "Edit": "edits",
    "Concept": "concepts",
}
"""Where the web client shows the tasks of a kind of entities; the others are assets."""


@dataclass(frozen=True)
class Words:
    """A message before it takes the form of a channel."""

    subject: str
    headline: str
    quote: str | None = None
    link: str | None = None


def of_notification(facts: NotificationFacts, web_url: str, locale: str | None) -> Words:
    """What somebody is told of a notification."""
    _ = catalog(language_of(locale)).gettext
    task = " / ".join(filter(None, (facts.entity, facts.task_type))) or _("a task")
    names = {"author": facts.author, "task": task, "status": facts.status, "playlist": facts.playlist}
    match facts.kind:
        case "assignation":
            headline = _("%(author)s assigned you to %(task)s.")
        case "mention":
            headline = _("%(author)s mentioned you on %(task)s.")
        case "reply":
            headline = _("%(author)s replied to a comment on %(task)s.")
        case "reply-mention":
            headline = _("%(author)s mentioned you in a reply on %(task)s.")
        case "playlist-ready":
            headline = _("%(author)s invites you to review the playlist %(playlist)s.")
        case _ if facts.change and facts.status:
            headline = _("%(author)s changed the status of %(task)s to %(status)s.")
        case _:
            headline = _("%(author)s commented on %(task)s.")
    about = facts.playlist if facts.kind == "playlist-ready" else task
    subject = f"[{facts.project}] {about}" if facts.project else str(about)
    text = (facts.text or "").strip()
    quote = text[:QUOTED] + ("…" if len(text) > QUOTED else "") if text else None
    return Words(subject, headline % names, quote, _link(facts, web_url))


def _link(facts: NotificationFacts, web_url: str) -> str | None:
    place = f"{web_url}/productions/{facts.project_id}"
    if facts.task_id is not None:
        return f"{place}/{PLACES.get(facts.entity_kind or '', 'assets')}/tasks/{facts.task_id}"
    return f"{place}/playlists/{facts.playlist_id}" if facts.playlist_id is not None else None


def of_notice(kind: str, about: Mapping[str, Any], web_url: str, locale: str | None) -> Words:
    """What somebody is told of something that is no notification.

    Raises:
        LookupError: there is no such kind.
    """
    _ = catalog(language_of(locale)).gettext
    match kind:
        case "preview-ready":
            headline = _("The preview %(name)s is ready to be reviewed.") % about
        case "preview-broken":
            headline = _("The preview %(name)s could not be processed. Upload it again.") % about
        case "webhook-disabled":
            headline = _("The webhook %(name)s was switched off.") % about
        case _:
            raise LookupError(f"There is no kind of notices named {kind}.")
    reason, link = about.get("reason"), about.get("path")
    return Words(headline, headline, str(reason) if reason else None, f"{web_url}{link}" if link else None)


def as_mail(words: Words, to: str, first_name: str, studio: str, locale: str | None) -> Mail:
    """A message as a mail, in both forms. Everything in it is escaped: it comes from strangers."""
    values = {
        "first_name": first_name,
        "studio": studio,
        "headline": words.headline,
        "quote": words.quote,
        "link": words.link,
    }
    text, page = rendered("message", language_of(locale), values)
    return Mail(to, " ".join(words.subject.split()), text, page)


def as_chat(words: Words) -> str:
    """A message as plain lines for a chat."""
    quote = "\n".join(f"> {line}" for line in words.quote.splitlines()) if words.quote else None
    return "\n".join(filter(None, (words.headline, quote, words.link)))
