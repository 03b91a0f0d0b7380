"""What the server tells of its settings."""

from __future__ import annotations

from pydantic import Field

from kitsu_api.schemas.base import Schema


class SentryConfig(Schema):
    """Where the web client sends its crash reports."""

    dsn: str
    sample_rate: float = Field(description="Share of errors that are sent, 0 to 1.")


class ClientConfig(Schema):
    """What the web client needs before anybody signs in. No secret is among it."""

    is_self_hosted: bool
    crisp_token: str
    dark_theme_by_default: bool
    indexer_configured: bool = Field(description="Whether a full-text index answers searches.")
    saml_enabled: bool
    saml_idp_name: str
    oidc_enabled: bool
    oidc_idp_name: str
    default_locale: str
    default_timezone: str
    enforce_2fa: bool
    movie_highdef_bitrate: int = Field(description="Mbit/s.")
    movie_lowdef_bitrate: int = Field(description="Mbit/s.")
    preview_accounts_enabled: bool
    sentry: SentryConfig | None = Field(default=None, description="Absent when crash reports are off.")


class SettingAdvice(Schema):
    """A setting that deserves a look."""

    setting: str = Field(description="Name of the environment variable.")
    advice: str = Field(description="What is risky about its value, and what to do.")


class ConfigCheck(Schema):
    """The outcome of a look at the settings. It never shows a value."""

    ok: bool = Field(description="Whether there is no advice.")
    advice: list[SettingAdvice]
