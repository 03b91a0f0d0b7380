"""People: their accounts, departments, studios and sign-in logs."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kitsu_api.db.base import Base, Json, Record

if TYPE_CHECKING:
    from kitsu_api.db.models.departments import Department


class Person(Record):
    """Somebody who signs in: a person, a bot or a guest."""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "only_one_email_by_person",
            "email",
            "is_bot",
            unique=True,
            postgresql_where=sql("is_bot IS NOT TRUE"),
        ),
        UniqueConstraint("oidc_issuer", "oidc_subject", name="person_oidc_identity_uc"),
        UniqueConstraint("saml_issuer", "saml_subject", name="person_saml_identity_uc"),
    )

    first_name: Mapped[str] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(255))
    phone: Mapped[str | None] = mapped_column(String(30))
    contract_type: Mapped[str] = mapped_column(
        String(255), default="open-ended", server_default=sql("'open-ended'::character varying")
    )
    active: Mapped[bool | None] = mapped_column(default=True)
    archived: Mapped[bool | None] = mapped_column(default=False)
    last_presence: Mapped[dt.date | None]
    password: Mapped[bytes | None]
    desktop_login: Mapped[str | None] = mapped_column(String(80))
    login_failed_attemps: Mapped[int | None] = mapped_column(default=0)
    last_login_failed: Mapped[datetime | None]
    totp_enabled: Mapped[bool | None] = mapped_column(default=False)
    totp_secret: Mapped[str | None] = mapped_column(String(32))
    email_otp_enabled: Mapped[bool | None] = mapped_column(default=False)
    email_otp_secret: Mapped[str | None] = mapped_column(String(32))
    fido_enabled: Mapped[bool | None] = mapped_column(default=False)
    fido_credentials: Mapped[list[Any] | None] = mapped_column(ARRAY(JSONB(none_as_null=True)))
    otp_recovery_codes: Mapped[list[bytes] | None] = mapped_column(ARRAY(LargeBinary))
    preferred_two_factor_authentication: Mapped[str | None] = mapped_column(String(255))
    shotgun_id: Mapped[int | None] = mapped_column(unique=True)
    timezone: Mapped[str | None] = mapped_column(String(50))
    locale: Mapped[str | None] = mapped_column(String(10))
    data: Mapped[Json] = mapped_column(nullable=True)
    role: Mapped[str] = mapped_column(String(255), default="user")
    position: Mapped[str | None] = mapped_column(String(255), default="artist")
    seniority: Mapped[str | None] = mapped_column(String(255), default="mid")
    daily_salary: Mapped[int | None] = mapped_column(default=0)
    has_avatar: Mapped[bool | None] = mapped_column(default=False)
    notifications_enabled: Mapped[bool | None] = mapped_column(default=False)
    notifications_slack_enabled: Mapped[bool | None] = mapped_column(default=False)
    notifications_slack_userid: Mapped[str | None] = mapped_column(String(60), default="")
    notifications_mattermost_enabled: Mapped[bool | None] = mapped_column(default=False)
    notifications_mattermost_userid: Mapped[str | None] = mapped_column(String(60), default="")
    notifications_discord_enabled: Mapped[bool | None] = mapped_column(default=False)
    notifications_discord_userid: Mapped[str | None] = mapped_column(String(60), default="")
    is_bot: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    jti: Mapped[str | None] = mapped_column(String(60), unique=True)
    expiration_date: Mapped[dt.date | None]
    studio_id: Mapped[UUID | None] = mapped_column(ForeignKey("studio.id"), index=True)
    is_generated_from_ldap: Mapped[bool | None] = mapped_column(default=False)
    ldap_uid: Mapped[str | None] = mapped_column(String(60), unique=True)
    is_guest: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    country: Mapped[str | None] = mapped_column(String(2))
    use_12_hour_clock: Mapped[bool | None] = mapped_column(default=False)
    display_date_format: Mapped[str | None] = mapped_column(String(20), default="YYYY-MM-DD")
    oidc_issuer: Mapped[str | None]
    oidc_subject: Mapped[str | None] = mapped_column(String(255))
    saml_issuer: Mapped[str | None]
    saml_subject: Mapped[str | None] = mapped_column(String(255))
    preview_project_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("project.id", use_alter=True), index=True
    )
    preview_opened_at: Mapped[datetime | None]
    preview_open_until: Mapped[datetime | None]

    departments: Mapped[list[Department]] = relationship(
        secondary="department_link",
        primaryjoin="Person.id == DepartmentLink.person_id",
        secondaryjoin="Department.id == DepartmentLink.department_id",
        viewonly=True,
        lazy="raise",
    )


class DepartmentLink(Base):
    """Rows of `department_link`."""

    __tablename__ = "department_link"
    __table_args__ = (UniqueConstraint("person_id", "department_id", name="department_link_uc"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), primary_key=True, index=True)


class DesktopLoginLog(Record):
    """Rows of `desktop_login_log`."""

    __tablename__ = "desktop_login_log"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    date: Mapped[datetime]


class LoginLog(Record):
    """Rows of `login_log`."""

    __tablename__ = "login_log"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    ip_address: Mapped[str | None] = mapped_column(String(50))
    origin: Mapped[str | None] = mapped_column(String(255))


class Studio(Record):
    """Rows of `studio`."""

    __tablename__ = "studio"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    color: Mapped[str] = mapped_column(String(7))
    archived: Mapped[bool | None] = mapped_column(default=False)
