"""Keys, passwords and how long somebody stays signed in."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import MINIMUM_KEY_BYTES, Names, setting


class Sessions(BaseSettings):
    """Keys, passwords and how long somebody stays signed in."""

    secret_key: SecretStr | None = setting(
        "secret_key",
        "SECRET_KEY",
        default=None,
        about="Key that signs tokens, at least 32 bytes. The embedded mode makes and keeps one.",
    )
    access_token_days: float = setting(
        "access_token_days", default=7.0, about="Days that an access token is good for."
    )
    refresh_token_days: float = setting(
        "refresh_token_days", default=15.0, about="Days that a refresh token is good for."
    )
    cookie_secure: bool = setting(
        "cookie_secure",
        default=False,
        about="Send cookies over HTTPS only, always; else where a request came by HTTPS.",
    )
    hsts_seconds: int = setting(
        "hsts_seconds",
        default=0,
        ge=0,
        about="Seconds that browsers shall use HTTPS alone, told in answers by HTTPS; 0 tells nothing.",
    )
    cookie_csrf_protect: bool = setting(
        "cookie_csrf_protect",
        "JWT_COOKIE_CSRF_PROTECT",
        default=False,
        about="Ask of cookie sessions that writes repeat the `csrf_access_token` cookie in `X-CSRF-TOKEN`.",
    )
    auth_strategy: Literal["auth_local_classic", "auth_local_no_password", "auth_remote_ldap"] = setting(
        "auth_strategy", "AUTH_STRATEGY", default="auth_local_classic", about="How passwords are checked."
    )
    bcrypt_log_rounds: int = setting(
        "bcrypt_log_rounds", "BCRYPT_LOG_ROUNDS", default=12, about="Cost of a password hash, 2^n rounds."
    )
    min_password_length: int = setting(
        "min_password_length", "MIN_PASSWORD_LENGTH", default=8, about="Characters that a password needs."
    )
    registration: Literal["open", "closed"] = setting(
        "registration",
        default="closed",
        about="Whether people may register themselves (POST /auth/register).",
    )
    protected_accounts: Names = setting(
        "protected_accounts",
        "PROTECTED_ACCOUNTS",
        default=(),
        about="E-mails of accounts that only their owner may change.",
    )
    enforce_2fa: bool = setting(
        "enforce_2fa",
        "ENFORCE_2FA",
        default=False,
        about="People without a second factor get a token that only lets them set one up.",
    )
    two_factor_exempt_users: Names = setting(
        "two_factor_exempt_users",
        "2FA_EXEMPT_USERS",
        default=(),
        about="E-mails of people whom ENFORCE_2FA leaves alone.",
    )
    login_failures_before_lock: int = setting(
        "login_failures_before_lock", default=5, about="Failed sign-ins after which an account is locked."
    )
    login_lock_seconds: int = setting(
        "login_lock_seconds", default=60, about="Seconds that a lock lasts; later failures don't prolong it."
    )
    rate_limits: bool = setting(
        "rate_limits",
        default=True,
        about="Limit attempts at sign-in per account and address, and all requests per address and session.",
    )
    requests_per_minute_of_address: int = setting(
        "requests_per_minute_of_address",
        default=60_000,
        ge=0,
        about="Requests that one address may send in a minute before it gets a 429; 0: any number.",
    )
    requests_per_minute_of_token: int = setting(
        "requests_per_minute_of_token",
        default=30_000,
        ge=0,
        about="Requests that one session or bot may send in a minute before it gets a 429; 0: any number.",
    )
    login_attempts_per_minute: int = setting(
        "login_attempts_per_minute",
        default=30,
        about="Sign-ins that one address may try in a minute before it gets a 429.",
    )
    user_limit: int = setting(
        "user_limit", "USER_LIMIT", default=100, about="Active people who fit the licence."
    )
    admin_token: SecretStr | None = setting(
        "admin_token", "ADMIN_TOKEN", default=None, about="Key of the /admin routes; absent: no such routes."
    )

    admin_email: str = setting(
        "admin_email", default="admin@example.com", about="E-mail of the first admin, made by `kitsu-api up`."
    )
    admin_password: SecretStr | None = setting(
        "admin_password", default=None, about="Password of the first admin; absent: a random one, shown once."
    )

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        """Refuse short keys, and PEM or DER public keys posing as an HMAC secret."""
        if key is None:
            return None
        text = key.get_secret_value()
        if len(text.encode()) < MINIMUM_KEY_BYTES:
            raise ValueError(
                f"SECRET_KEY is shorter than {MINIMUM_KEY_BYTES} bytes. Make one with:"
                ' python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        if text.lstrip().startswith(("-----BEGIN", "ssh-", "ecdsa-")):
            raise ValueError("SECRET_KEY must be a random string, not a public or private key file.")
        return key

    @field_validator("bcrypt_log_rounds")
    @classmethod
    def _rounds(cls, rounds: int) -> int:
        """bcrypt knows 4 to 31 rounds."""
        if not 4 <= rounds <= 31:
            raise ValueError("BCRYPT_LOG_ROUNDS must lie between 4 and 31.")
        return rounds

    def signing_key(self) -> str:
        """The key that signs tokens.

        Raises:
            RuntimeError: no SECRET_KEY is set; there is no default, since whoever knows it is admin.
        """
        if self.secret_key is None:
            raise RuntimeError(
                "SECRET_KEY is not set. Set it to a random string of at least 32 bytes,"
                " or start with `kitsu-api up`, which makes and keeps one."
            )
        return self.secret_key.get_secret_value()
