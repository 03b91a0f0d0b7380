"""What of the studio's own row is for admins alone."""

from __future__ import annotations

from kitsu_api.permissions.actor import Actor

CHAT_SECRETS = frozenset({"chat_token_slack", "chat_webhook_mattermost", "chat_token_discord"})


def organisation_secrets(actor: Actor) -> frozenset[str]:
    """Columns that this caller may not read: whoever has the chat tokens can post as the studio."""
    return frozenset() if actor.is_admin else CHAT_SECRETS
