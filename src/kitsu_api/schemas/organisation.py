"""The studio itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kitsu_api.schemas.base import Number, Payload, RecordRead, Text


class OrganisationRead(RecordRead):
    """An organisation."""

    name: str
    hours_by_day: float
    has_avatar: bool | None = None
    use_original_file_name: bool | None = None
    timesheets_locked: bool | None = None
    format_duration_in_hours: bool | None = None
    hd_by_default: bool | None = None
    chat_token_slack: str | None = None
    chat_webhook_mattermost: str | None = None
    chat_token_discord: str | None = None
    dark_theme_by_default: bool | None = None


class OrganisationCreate(Payload):
    """An organisation to make."""

    name: Annotated[Text, Field(max_length=80)]
    hours_by_day: Number | None = None
    has_avatar: bool | None = None
    use_original_file_name: bool | None = None
    timesheets_locked: bool | None = None
    format_duration_in_hours: bool | None = None
    hd_by_default: bool | None = None
    chat_token_slack: Annotated[Text, Field(max_length=80)] | None = None
    chat_webhook_mattermost: Annotated[Text, Field(max_length=80)] | None = None
    chat_token_discord: Annotated[Text, Field(max_length=80)] | None = None
    dark_theme_by_default: bool | None = None


class OrganisationUpdate(Payload):
    """What may change of an organisation; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    hours_by_day: Number | None = None
    has_avatar: bool | None = None
    use_original_file_name: bool | None = None
    timesheets_locked: bool | None = None
    format_duration_in_hours: bool | None = None
    hd_by_default: bool | None = None
    chat_token_slack: Annotated[Text, Field(max_length=80)] | None = None
    chat_webhook_mattermost: Annotated[Text, Field(max_length=80)] | None = None
    chat_token_discord: Annotated[Text, Field(max_length=80)] | None = None
    dark_theme_by_default: bool | None = None
