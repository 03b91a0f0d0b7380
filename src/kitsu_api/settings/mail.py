"""The server that takes mails."""

from __future__ import annotations

from typing import Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import setting


class Mail(BaseSettings):
    """The server that takes mails."""

    mail_enabled: bool = setting("mail_enabled", "MAIL_ENABLED", default=True, about="Send mails at all.")
    mail_to_log: bool = setting(
        "mail_to_log", default=False, about="Print mails to the log in place of sending them (embedded mode)."
    )
    mail_server: str = setting("mail_server", "MAIL_SERVER", default="localhost", about="SMTP host.")
    mail_port: int = setting("mail_port", "MAIL_PORT", default=25, about="SMTP port.")
    mail_username: str = setting("mail_username", "MAIL_USERNAME", default="", about="SMTP user.")
    mail_password: SecretStr = setting(
        "mail_password", "MAIL_PASSWORD", default=SecretStr(""), about="SMTP password."
    )
    mail_use_tls: bool = setting(
        "mail_use_tls", "MAIL_USE_TLS", default=False, about="STARTTLS after connecting."
    )
    mail_use_ssl: bool = setting(
        "mail_use_ssl", "MAIL_USE_SSL", default=False, about="TLS from the first byte."
    )
    mail_default_sender: str = setting(
        "mail_default_sender", "MAIL_DEFAULT_SENDER", default="no-reply@localhost", about="From: of mails."
    )

    @model_validator(mode="after")
    def _one_way_of_tls(self) -> Self:
        """STARTTLS and TLS from the first byte exclude each other."""
        if self.mail_use_tls and self.mail_use_ssl:
            raise ValueError("Set MAIL_USE_TLS or MAIL_USE_SSL, not both.")
        return self
