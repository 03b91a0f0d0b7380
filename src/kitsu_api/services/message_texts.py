"""The words of messages: what happened, in the reader's language, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kitsu_api.db.repositories.messages import NotificationFacts
from kitsu_api.schemas.reports import Measure, ReportData
from kitsu_api.services.mail_templates import rendered
from kitsu_api.services.mails import Mail
from kitsu_api.services.report_data import totals
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
    unsubscribe: str | None = None
    """Where its reader says that they want no more of these; it needs no signing in."""


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
        case "preview-broken":
            headline = _("The preview %(name)s could not be processed. Upload it again.") % about
        case "webhook-disabled":
            headline = _("The webhook %(name)s was switched off.") % about
        case _:
            raise LookupError(f"There is no kind of notices named {kind}.")
    reason, link = about.get("reason"), about.get("path")
    return Words(headline, headline, str(reason) if reason else None, f"{web_url}{link}" if link else None)


PERIODS = 6
"""The last periods of a report that a mail tells of."""


def of_report(data: ReportData, link: str, unsubscribe: str, locale: str | None) -> Words:
    """What somebody is mailed of a report: its last periods over all departments, the newest first."""
    _ = catalog(language_of(locale)).gettext
    labels: dict[Measure, str] = {
        "open": _("tasks to do: %(number)s"),
        "open_minutes": _("hours to do: %(number)s"),
        "finished": _("tasks finished: %(number)s"),
        "finished_minutes": _("hours finished: %(number)s"),
        "retakes": _("retakes: %(number)s"),
        "judged": _("judged in all: %(number)s"),
        "planned_minutes": _("hours planned: %(number)s"),
        "spent_minutes": _("hours spent: %(number)s"),
    }
    sums = totals(data)
    lines = []
    for place in reversed(range(max(len(data.periods) - PERIODS, 0), len(data.periods))):
        told = [
            label % {"number": f"{values[place] / (60 if measure.endswith('_minutes') else 1):.10g}"}
            for measure, label in labels.items()
            if (values := [round(value, 1) for value in sums.get(measure, ())])
        ]
        lines.append(f"{data.periods[place].isoformat()}  {', '.join(told)}")
    quote = "\n".join(lines) if sums else _("There is nothing to count yet.")
    headline = _("Your report %(name)s of %(project)s.") % {"name": data.name, "project": data.project}
    return Words(f"[{data.project}] {data.name}", headline, quote, link, unsubscribe)


def as_mail(words: Words, to: str, first_name: str, studio: str, locale: str | None) -> Mail:
    """A message as a mail, in both forms. Everything in it is escaped: it comes from strangers."""
    values = {
        "first_name": first_name,
        "studio": studio,
        "headline": words.headline,
        "quote": words.quote,
        "link": words.link,
        "unsubscribe": words.unsubscribe,
    }
    text, page = rendered("message", language_of(locale), values)
    return Mail(to, " ".join(words.subject.split()), text, page, words.unsubscribe)


def as_chat(words: Words) -> str:
    """A message as plain lines for a chat."""
    quote = "\n".join(f"> {line}" for line in words.quote.splitlines()) if words.quote else None
    return "\n".join(filter(None, (words.headline, quote, words.link)))
