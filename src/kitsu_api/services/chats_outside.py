"""Sends messages to Slack, Mattermost and Discord."""

from __future__ import annotations

from typing import Any

import httpx

from kitsu_api.db.models import Channel
from kitsu_api.db.repositories.messages import ChatAccess, Recipient
from kitsu_api.settings import Settings

SECONDS = 15.0
SLACK_LATER = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
"""Answers of Slack after which it is worth to try again."""

DISCORD_LENGTH = 2_000
"""Characters of a message that Discord takes."""


class NotSent(Exception):
    """A message was not sent.

    `reason` holds no token, `again` says whether it may work another time, `after` how many seconds the other
    side wants us to wait.
    """

    def __init__(self, reason: str, *, again: bool, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.again, self.after = reason, again, after


def has_access(channel: Channel, access: ChatAccess) -> bool:
    """Whether the studio has set up a chat."""
    return bool(
        {
            Channel.SLACK: access.slack_token,
            Channel.MATTERMOST: access.mattermost_webhook,
            Channel.DISCORD: access.discord_token,
        }.get(channel)
    )


async def send(
    settings: Settings, channel: Channel, access: ChatAccess, recipient: Recipient, text: str
) -> None:
    """Send a message to one person.

    Raises:
        NotSent: the chat did not take it.
    """
    async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
        try:
            if channel is Channel.SLACK:
                await _slack(client, settings, access, str(recipient.slack), text)
            elif channel is Channel.MATTERMOST:
                await _mattermost(client, access, str(recipient.mattermost), text)
            else:
                await _discord(client, settings, access, str(recipient.discord), text)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotSent(f"{channel.value}: {type(error).__name__}", again=True) from None


async def _slack(
    client: httpx.AsyncClient, settings: Settings, access: ChatAccess, user: str, text: str
) -> None:
    # the only characters that Slack reads as markup of its own (links, calls of everybody)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    lines = "\n".join(line.replace("&gt; ", "> ", 1) for line in escaped.split("\n"))
    answer = await client.post(
        f"{settings.slack_url}/chat.postMessage",
        headers={"authorization": f"Bearer {access.slack_token}"},
        json={"channel": user if user.startswith(("@", "U", "D", "C")) else f"@{user}", "text": lines},
    )
    _check(Channel.SLACK, answer)
    said = _json(answer)
    if not said.get("ok"):
        error = str(said.get("error", "no answer"))
        raise NotSent(f"slack: {error}", again=error in SLACK_LATER)


async def _mattermost(client: httpx.AsyncClient, access: ChatAccess, user: str, text: str) -> None:
    body = {"channel": f"@{user.removeprefix('@')}", "username": "Kitsu", "text": text}
    _check(Channel.MATTERMOST, await client.post(access.mattermost_webhook, json=body))


async def _discord(
    client: httpx.AsyncClient, settings: Settings, access: ChatAccess, user: str, text: str
) -> None:
    if not user.isdecimal():
        raise NotSent("discord: the id of a person is a number; copy it in Discord.", again=False)
    headers = {"authorization": f"Bot {access.discord_token}"}
    opened = await client.post(
        f"{settings.discord_url}/users/@me/channels", headers=headers, json={"recipient_id": user}
    )
    _check(Channel.DISCORD, opened)
    channel = str(_json(opened).get("id", ""))
    if not channel.isdecimal():
        raise NotSent("discord: no channel to the person.", again=True)
    answer = await client.post(
        f"{settings.discord_url}/channels/{channel}/messages",
        headers=headers,
        json={"content": text[:DISCORD_LENGTH], "allowed_mentions": {"parse": []}},
    )
    _check(Channel.DISCORD, answer)


def _check(channel: Channel, answer: httpx.Response) -> None:
    """Tell what worked from what may work later, and from what never will."""
    if answer.is_success:
        return
    again = answer.status_code == 429 or answer.status_code >= 500
    try:
        after = float(answer.headers["retry-after"]) if answer.status_code == 429 else None
    except (KeyError, ValueError):
        after = None
    raise NotSent(f"{channel.value}: answered {answer.status_code}", again=again, after=after)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
