"""How the studio works: defaults, pages, messages, what the web client is told."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import setting


class Habits(BaseSettings):
    """How the studio works: defaults, pages, messages, what the web client is told."""

    default_locale: str = setting(
        "default_locale", "DEFAULT_LOCALE", default="en_US", about="Language of new people."
    )
    default_timezone: str = setting(
        "default_timezone", "DEFAULT_TIMEZONE", default="Europe/Paris", about="Time zone of new people."
    )
    default_file_tree: str = setting(
        "default_file_tree",
        "DEFAULT_FILE_TREE",
        default="default",
        about="File tree of productions that come from ShotGrid.",
    )
    records_per_page: int = setting(
        "nb_records_per_page",
        "NB_RECORDS_PER_PAGE",
        default=100,
        about="Rows of a page when `limit` is absent.",
    )
    max_records_per_page: int = setting(
        "max_records_per_page", default=5_000, about="Highest `limit` granted."
    )
    event_retention_days: int = setting(
        "event_retention_days",
        default=0,
        ge=0,
        about="Days that the event log goes back; the worker deletes older events each night. 0 keeps all.",
    )
    is_self_hosted: bool = setting(
        "is_self_hosted", "IS_SELF_HOSTED", default=True, about="Told to the web client in /config."
    )
    crisp_token: str = setting(
        "crisp_token", "CRISP_TOKEN", default="", about="Told to the web client in /config."
    )
    indexer_key: SecretStr | None = setting(
        "indexer_key",
        "INDEXER_KEY",
        default=None,
        about="Read and not used: searching needs no server beside the database.",
    )
    sentry_kitsu_enabled: bool = setting(
        "sentry_kitsu_enabled",
        "SENTRY_KITSU_ENABLED",
        default=False,
        about="Told to the web client in /config.",
    )
    sentry_kitsu_dsn: str = setting(
        "sentry_kitsu_dsn", "SENTRY_KITSU_DSN", default="", about="Told to the web client in /config."
    )
    sentry_kitsu_sample_rate: float = setting(
        "sentry_kitsu_sr", "SENTRY_KITSU_SR", default=0.1, about="Told to the web client in /config."
    )

    review_place_seconds: int = setting(
        "review_place_seconds",
        default=30,
        ge=1,
        about="Seconds after which people of a server that died leave their review rooms.",
    )

    webhooks_allow_private: bool = setting(
        "webhooks_allow_private",
        default=False,
        about="Let webhooks call private and loopback addresses, for whoever runs a production.",
    )
    event_handlers_folder: Path | None = setting(
        "event_handlers_folder",
        "EVENT_HANDLERS_FOLDER",
        default=None,
        about="Folder of Python files that the worker runs on events.",
    )
    event_handler_seconds: int = setting(
        "event_handler_seconds",
        default=60,
        ge=1,
        about="Seconds that an event handler may take, unless it sets TIME_LIMIT (600 at most).",
    )
    slack_url: str = setting(
        "slack_url",
        default="https://slack.com/api",
        about="Address of Slack's API, without a trailing slash.",
    )
    discord_url: str = setting(
        "discord_url",
        default="https://discord.com/api/v10",
        about="Address of Discord's API, without a trailing slash.",
    )
