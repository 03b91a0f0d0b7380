"""People: their accounts, departments, studios and sign-in logs."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import (
    Day,
    Integer,
    JsonDocument,
    OptionalId,
    Payload,
    RecordRead,
    Text,
    Timestamp,
)
from kitsu_api.schemas.countries import CountryCode

ContractType = Literal["open-ended", "fixed-term", "short-term", "freelance", "apprentice", "internship"]


class PersonRead(RecordRead):
    """A person; of others than admins and managers some columns only."""

    first_name: str
    last_name: str
    full_name: str | None = None
    email: str | None = None
    phone: str | None = None
    contract_type: ContractType | None = None
    active: bool | None = None
    archived: bool | None = None
    last_presence: Day | None = None
    desktop_login: str | None = None
    totp_enabled: bool | None = None
    email_otp_enabled: bool | None = None
    fido_enabled: bool | None = None
    preferred_two_factor_authentication: Literal["totp", "email_otp", "fido"] | None = None
    shotgun_id: int | None = None
    timezone: str | None = None
    locale: str | None = None
    data: JsonDocument = None
    role: Literal["user", "admin", "supervisor", "manager", "client", "vendor"]
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    daily_salary: int | None = None
    has_avatar: bool | None = None
    notifications_enabled: bool | None = None
    notifications_slack_enabled: bool | None = None
    notifications_slack_userid: str | None = None
    notifications_mattermost_enabled: bool | None = None
    notifications_mattermost_userid: str | None = None
    notifications_discord_enabled: bool | None = None
    notifications_discord_userid: str | None = None
    is_bot: bool | None = None
    expiration_date: Day | None = None
    studio_id: UUID | None = None
    is_generated_from_ldap: bool | None = None
    ldap_uid: str | None = None
    is_guest: bool | None = None
    country: str | None = None
    use_12_hour_clock: bool | None = None
    display_date_format: str | None = None
    preview_project_id: UUID | None = None
    preview_opened_at: Timestamp | None = None
    preview_open_until: Timestamp | None = None
    departments: list[UUID] | None = None


class PersonCreated(PersonRead):
    """A person who was just made."""

    access_token: str | None = Field(
        default=None, description="Of bots only, and only in this answer: the token that the bot works with."
    )


class PersonCreate(Payload):
    """A person to make."""

    first_name: Annotated[Text, Field(max_length=80)]
    last_name: Annotated[Text, Field(max_length=80)]
    email: Annotated[Text, Field(max_length=255)] | None = None
    password: str | None = Field(
        default=None,
        description="What the person signs in with; otherwise an invitation lets them choose.",
    )
    phone: Annotated[Text, Field(max_length=30)] | None = None
    contract_type: (
        Literal["open-ended", "fixed-term", "short-term", "freelance", "apprentice", "internship"] | None
    ) = None
    active: bool | None = None
    archived: bool | None = None
    last_presence: Day | None = None
    desktop_login: Annotated[Text, Field(max_length=80)] | None = None
    shotgun_id: Integer | None = None
    timezone: Annotated[Text, Field(max_length=50)] | None = None
    locale: Annotated[Text, Field(max_length=10)] | None = None
    data: JsonDocument = None
    role: Literal["user", "admin", "supervisor", "manager", "client", "vendor"] | None = None
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    daily_salary: Integer | None = None
    has_avatar: bool | None = None
    notifications_enabled: bool | None = None
    notifications_slack_enabled: bool | None = None
    notifications_slack_userid: Annotated[Text, Field(max_length=60)] | None = None
    notifications_mattermost_enabled: bool | None = None
    notifications_mattermost_userid: Annotated[Text, Field(max_length=60)] | None = None
    notifications_discord_enabled: bool | None = None
    notifications_discord_userid: Annotated[Text, Field(max_length=60)] | None = None
    is_bot: bool | None = None
    expiration_date: Day | None = None
    studio_id: OptionalId = None
    country: CountryCode = None
    use_12_hour_clock: bool | None = None
    display_date_format: Annotated[Text, Field(max_length=20)] | None = None
    departments: list[UUID] | None = None


class PersonUpdate(Payload):
    """What may change of a person; what is absent stays."""

    first_name: Annotated[Text, Field(max_length=80)] | None = None
    last_name: Annotated[Text, Field(max_length=80)] | None = None
    email: Annotated[Text, Field(max_length=255)] | None = None
    phone: Annotated[Text, Field(max_length=30)] | None = None
    contract_type: (
        Literal["open-ended", "fixed-term", "short-term", "freelance", "apprentice", "internship"] | None
    ) = None
    active: bool | None = None
    archived: bool | None = None
    last_presence: Day | None = None
    desktop_login: Annotated[Text, Field(max_length=80)] | None = None
    shotgun_id: Integer | None = None
    timezone: Annotated[Text, Field(max_length=50)] | None = None
    locale: Annotated[Text, Field(max_length=10)] | None = None
    data: JsonDocument = None
    role: Literal["user", "admin", "supervisor", "manager", "client", "vendor"] | None = None
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    daily_salary: Integer | None = None
    has_avatar: bool | None = None
    notifications_enabled: bool | None = None
    notifications_slack_enabled: bool | None = None
    notifications_slack_userid: Annotated[Text, Field(max_length=60)] | None = None
    notifications_mattermost_enabled: bool | None = None
    notifications_mattermost_userid: Annotated[Text, Field(max_length=60)] | None = None
    notifications_discord_enabled: bool | None = None
    notifications_discord_userid: Annotated[Text, Field(max_length=60)] | None = None
    is_bot: bool | None = None
    expiration_date: Day | None = None
    studio_id: OptionalId = None
    country: CountryCode = None
    use_12_hour_clock: bool | None = None
    display_date_format: Annotated[Text, Field(max_length=20)] | None = None
    departments: list[UUID] | None = None


class StudioRead(RecordRead):
    """A studio."""

    name: str
    color: str
    archived: bool | None = None


class StudioCreate(Payload):
    """A studio to make."""

    name: Annotated[Text, Field(max_length=80)]
    color: Annotated[Text, Field(max_length=7)]
    archived: bool | None = None


class StudioUpdate(Payload):
    """What may change of a studio; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    color: Annotated[Text, Field(max_length=7)] | None = None
    archived: bool | None = None
