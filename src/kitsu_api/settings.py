"""Every setting of the server, read once from the environment; nothing else reads it.

Each setting answers to its own name (``KITSU_…``) and, where an existing installation already sets a
variable of the same meaning, to that one too. Ours wins when both are set.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MINIMUM_KEY_BYTES = 32
"""An HS256 key shorter than the hash's output weakens it (RFC 7518, section 3.2)."""


def _split(value: Any) -> Any:
    """``"a, b"`` as a tuple of its parts; empty parts are dropped."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def setting(name: str, *older: str, about: str, default: Any = ..., ge: int | None = None) -> Any:
    """A setting that reads ``KITSU_<NAME>``, then the ``older`` variables, in that order."""
    return Field(
        default=default,
        validation_alias=AliasChoices(f"KITSU_{name.upper()}", *older, name),
        description=about,
        ge=ge,
    )


class Settings(BaseSettings):
    """What an operator may choose. Frozen: a change of the environment needs a restart."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=False, env_ignore_empty=True, populate_by_name=True
    )

    # --- where things are -----------------------------------------------------------------------
    data_dir: Path = setting(
        "data_dir", default=Path(".kitsu"), about="Folder of everything the embedded mode keeps."
    )
    database_url: str | None = setting(
        "database_url",
        "DATABASE_URL",
        default=None,
        about="PostgreSQL URL. When absent, DB_HOST and the like are used, else the embedded server.",
    )
    db_host: str | None = setting("db_host", "DB_HOST", default=None, about="PostgreSQL host.")
    db_port: int = setting("db_port", "DB_PORT", default=5432, about="PostgreSQL port.")
    db_username: str = setting("db_username", "DB_USERNAME", default="postgres", about="PostgreSQL user.")
    db_password: SecretStr = setting(
        "db_password", "DB_PASSWORD", default=SecretStr(""), about="PostgreSQL password."
    )
    db_database: str = setting("db_database", "DB_DATABASE", default="zoudb", about="PostgreSQL database.")
    db_pool_size: int = setting(
        "db_pool_size", "DB_POOL_SIZE", "BD_POOL_SIZE", default=10, about="Connections kept open per process."
    )
    db_max_overflow: int = setting(
        "db_max_overflow", "DB_MAX_OVERFLOW", default=10, about="Connections opened above the pool's size."
    )
    db_pool_recycle: int = setting(
        "db_pool_recycle",
        "DB_POOL_RECYCLE",
        default=3600,
        about="Seconds after which a connection is renewed.",
    )
    db_pool_pre_ping: bool = setting(
        "db_pool_pre_ping",
        "DB_POOL_PRE_PING",
        default=False,
        about="Test a connection before its use (one more round trip); for networks that drop idle ones.",
    )
    db_pool_timeout: float = setting(
        "db_pool_timeout", default=10.0, about="Seconds to wait for a free connection before a 503."
    )
    db_statement_timeout: int = setting(
        "db_statement_timeout", default=60_000, about="Milliseconds after which PostgreSQL ends a statement."
    )
    redis_url: str | None = setting(
        "redis_url",
        "REDIS_URL",
        default=None,
        about="Valkey or Redis URL. When absent, KV_HOST is used, else the embedded server.",
    )
    kv_host: str | None = setting("kv_host", "KV_HOST", default=None, about="Valkey or Redis host.")
    kv_port: int = setting("kv_port", "KV_PORT", default=6379, about="Valkey or Redis port.")
    kv_password: SecretStr = setting(
        "kv_password", "KV_PASSWORD", default=SecretStr(""), about="Valkey or Redis password."
    )
    preview_folder: Path | None = setting(
        "preview_folder",
        "PREVIEW_FOLDER",
        "THUMBNAIL_FOLDER",
        default=None,
        about="Folder of uploaded files when they lie on the local disk; default `previews` in DATA_DIR.",
    )

    # --- who listens ----------------------------------------------------------------------------
    host: str = setting("host", "DEBUG_HOST", default="127.0.0.1", about="Address the server listens on.")
    port: int = setting("port", "DEBUG_PORT", default=8000, about="Port the server listens on.")
    domain_name: str = setting(
        "domain_name", "DOMAIN_NAME", default="localhost:8080", about="Host name in links of mails."
    )
    domain_protocol: Literal["http", "https"] = setting(
        "domain_protocol", "DOMAIN_PROTOCOL", default="https", about="Scheme in links of mails."
    )
    cors_allowed_origins: Names = setting(
        "cors_allowed_origins",
        "CORS_ALLOWED_ORIGINS",
        default=(),
        about="Origins that may call from a browser with credentials; `*` allows all, without credentials.",
    )
    trusted_proxies: Names = setting(
        "trusted_proxies",
        default=("127.0.0.1", "::1"),
        about="Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    log_level: str = setting("log_level", "LOGLEVEL", default="INFO", about="Lowest level that is logged.")
    log_format: Literal["text", "json"] = setting(
        "log_format", default="text", about="`json`: one object a line, with the id of the request."
    )
    slow_request_ms: int = setting(
        "slow_request_ms", default=0, ge=0, about="Log requests that take so many milliseconds; 0: none."
    )
    slow_statement_ms: int = setting(
        "slow_statement_ms",
        default=0,
        ge=0,
        about="Log SQL statements that take so many milliseconds, without their values; 0: none.",
    )
    metrics_enabled: bool = setting(
        "prometheus_metrics_enabled",
        "PROMETHEUS_METRICS_ENABLED",
        default=False,
        about="Count requests, and answer Prometheus at /metrics.",
    )
    metrics_token: SecretStr | None = setting(
        "metrics_token",
        default=None,
        about="What Prometheus has to send as bearer token; absent: /metrics is open to who reaches it.",
    )
    sentry_enabled: bool = setting(
        "sentry_enabled",
        "SENTRY_ENABLED",
        default=False,
        about="Report errors to Sentry; needs the extra `sentry`.",
    )
    sentry_dsn: SecretStr | None = setting(
        "sentry_dsn", "SENTRY_DSN", default=None, about="Where errors are reported to."
    )
    sentry_sample_rate: float = setting(
        "sentry_sr", "SENTRY_SR", default=0.1, about="Share of requests whose trace is sent to Sentry."
    )
    otlp_endpoint: str = setting(
        "otlp_endpoint",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        default="",
        about="Base address of an OpenTelemetry collector (OTLP over HTTP); needs the extra `opentelemetry`.",
    )
    debug: bool = setting("debug", "DEBUG", default=False, about="Log every SQL statement.")
    web_folder: Path | None = setting(
        "web_folder",
        "WEB_FOLDER",
        default=None,
        about="Folder of a built web client (with `index.html`) that is served at `/` beside the API.",
    )
    web_content_security_policy: str = setting(
        "web_content_security_policy",
        default="",
        about="Content-Security-Policy of the web client, in place of one that lets it load itself alone.",
    )
    temporary_folder: Path | None = setting(
        "tmp_dir", "TMP_DIR", default=None, about="Folder of temporary files; default the system's."
    )

    # --- keys and sessions ----------------------------------------------------------------------
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

    # --- signing in elsewhere -------------------------------------------------------------------
    ldap_host: str = setting(
        "ldap_host", "LDAP_HOST", default="127.0.0.1", about="Host of the directory, or its `ldap://` URL."
    )
    ldap_port: int = setting(
        "ldap_port", "LDAP_PORT", default=389, about="Port of the directory; 636 is usual with LDAP_SSL."
    )
    ldap_ssl: bool = setting(
        "ldap_ssl", "LDAP_SSL", default=False, about="TLS from the first byte (LDAPS); certificates count."
    )
    ldap_ca_file: Path | None = setting(
        "ldap_ca_file",
        default=None,
        about="Who may certify the directory; default the system's authorities.",
    )
    ldap_base_dn: str = setting(
        "ldap_base_dn",
        "LDAP_BASE_DN",
        default="cn=Users,dc=studio,dc=local",
        about="Entry under which people are.",
    )
    ldap_group: str = setting(
        "ldap_group",
        "LDAP_GROUP",
        default="",
        about="Group whose members alone sign in and are synchronised: its DN, or its name under the base.",
    )
    ldap_domain: str = setting(
        "ldap_domain", "LDAP_DOMAIN", default="studio.local", about="Domain of an Active Directory."
    )
    ldap_is_ad: bool = setting(
        "ldap_is_ad", "LDAP_IS_AD", default=False, about="Active Directory; passwords are shown by NTLM."
    )
    ldap_is_ad_simple: bool = setting(
        "ldap_is_ad_simple",
        "LDAP_IS_AD_SIMPLE",
        default=False,
        about="Active Directory; passwords are shown by a simple bind. Use it with LDAP_SSL.",
    )
    ldap_user: str = setting(
        "ldap_user", "LDAP_USER", default="", about="Account that reads the directory: a DN, or a name."
    )
    ldap_password: SecretStr = setting(
        "ldap_password", "LDAP_PASSWORD", default=SecretStr(""), about="Its password."
    )
    ldap_fallback: bool = setting(
        "ldap_fallback",
        "LDAP_FALLBACK",
        default=False,
        about="Admins may sign in with the password kept here while the directory can't be reached.",
    )
    ldap_excluded_accounts: Names = setting(
        "ldap_excluded_accounts",
        "LDAP_EXCLUDED_ACCOUNTS",
        default=(),
        about="E-mails or logins whose passwords are kept here, and that no synchronisation touches.",
    )
    email_domain: str = setting(
        "email_domain",
        "EMAIL_DOMAIN",
        "LDAP_EMAIL_DOMAIN",
        default="studio.local",
        about="Domain of the e-mails of people for whom the directory has none.",
    )
    saml_enabled: bool = setting("saml_enabled", "SAML_ENABLED", default=False, about="Offer SAML sign-in.")
    saml_idp_name: str = setting(
        "saml_idp_name", "SAML_IDP_NAME", default="", about="Name on the SAML button."
    )
    saml_metadata_url: str = setting(
        "saml_metadata_url",
        "SAML_METADATA_URL",
        default="",
        about="Address of the identity provider's metadata, with the key that it signs with.",
    )
    saml_entity_id: str = setting(
        "saml_entity_id",
        default="",
        about="Name of this server at the identity provider; default the address that answers are sent to.",
    )
    saml_subject_attribute: str = setting(
        "saml_subject_attribute",
        "SAML_SUBJECT_ATTRIBUTE",
        default="",
        about="Attribute that tells people apart for good; default the NameID.",
    )
    saml_skip_2fa: bool = setting(
        "saml_skip_2fa",
        "SAML_SKIP_2FA",
        default=False,
        about="Ask for no second factor after SAML: the identity provider did.",
    )
    oidc_enabled: bool = setting("oidc_enabled", "OIDC_ENABLED", default=False, about="Offer OpenID Connect.")
    oidc_idp_name: str = setting(
        "oidc_idp_name", "OIDC_IDP_NAME", default="", about="Name on the OIDC button."
    )
    oidc_discovery_url: str = setting(
        "oidc_discovery_url",
        "OIDC_DISCOVERY_URL",
        default="",
        about="Address of the provider's `/.well-known/openid-configuration`.",
    )
    oidc_client_id: str = setting(
        "oidc_client_id", "OIDC_CLIENT_ID", default="", about="Name of this server at the provider."
    )
    oidc_client_secret: SecretStr = setting(
        "oidc_client_secret",
        "OIDC_CLIENT_SECRET",
        default=SecretStr(""),
        about="Secret shared with the provider; a public client has none.",
    )
    oidc_scopes: str = setting(
        "oidc_scopes", "OIDC_SCOPES", default="openid email profile", about="What the provider is asked for."
    )
    oidc_email_claim: str = setting(
        "oidc_email_claim", "OIDC_EMAIL_CLAIM", default="email", about="Claim that holds the e-mail."
    )
    oidc_given_name_claim: str = setting(
        "oidc_given_name_claim",
        "OIDC_GIVEN_NAME_CLAIM",
        default="given_name",
        about="Claim that holds the first name.",
    )
    oidc_family_name_claim: str = setting(
        "oidc_family_name_claim",
        "OIDC_FAMILY_NAME_CLAIM",
        default="family_name",
        about="Claim that holds the last name.",
    )
    oidc_require_email_verified: bool = setting(
        "oidc_require_email_verified",
        "OIDC_REQUIRE_EMAIL_VERIFIED",
        default=True,
        about="Refuse e-mails that the provider says nothing of; those it calls unverified always are.",
    )
    oidc_skip_2fa: bool = setting(
        "oidc_skip_2fa",
        "OIDC_SKIP_2FA",
        default=False,
        about="Ask for no second factor after OpenID Connect: the provider did.",
    )
    sso_create_people: bool = setting(
        "sso_create_people",
        default=True,
        about="Make whoever signs in by SAML or OpenID Connect for the first time an artist.",
    )

    # --- habits ---------------------------------------------------------------------------------
    default_locale: str = setting(
        "default_locale", "DEFAULT_LOCALE", default="en_US", about="Language of new people."
    )
    default_timezone: str = setting(
        "default_timezone", "DEFAULT_TIMEZONE", default="Europe/Paris", about="Time zone of new people."
    )
    default_file_tree: str = setting(
        "default_file_tree", "DEFAULT_FILE_TREE", default="default", about="File tree of new productions."
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
    fs_backend: Literal["local", "s3"] = setting(
        "fs_backend", "FS_BACKEND", default="local", about="Where files lie: `local` disk, or an `s3` store."
    )
    fs_bucket_prefix: str = setting(
        "fs_bucket_prefix", "FS_BUCKET_PREFIX", default="", about="What the names of buckets begin with."
    )
    fs_s3_region: str | None = setting(
        "fs_s3_region", "FS_S3_REGION", default=None, about="Region of the object store."
    )
    fs_s3_endpoint: str | None = setting(
        "fs_s3_endpoint", "FS_S3_ENDPOINT", default=None, about="Address of the object store, unless AWS."
    )
    fs_s3_access_key: str | None = setting(
        "fs_s3_access_key", "FS_S3_ACCESS_KEY", default=None, about="Key id for the object store."
    )
    fs_s3_secret_key: SecretStr | None = setting(
        "fs_s3_secret_key", "FS_S3_SECRET_KEY", default=None, about="Secret for the object store."
    )
    fs_s3_signed_seconds: int = setting(
        "fs_s3_signed_seconds",
        default=0,
        ge=0,
        about="Seconds that addresses are good for which send browsers to the object store; 0: none do.",
    )
    max_json_mb: int = setting(
        "max_json_mb", default=32, ge=1, about="Megabytes that a body without files may have, such as JSON."
    )
    max_upload_mb: int = setting(
        "max_upload_mb", default=10_240, ge=1, about="Megabytes that an uploaded file may have."
    )
    max_guest_upload_mb: int = setting(
        "max_guest_upload_mb",
        default=100,
        ge=1,
        about="Megabytes that guests of a share link may attach to a comment at a time.",
    )
    upload_expiry_hours: int = setting(
        "upload_expiry_hours",
        default=24,
        ge=1,
        about="Hours after its last byte at which a resumable upload is dropped, finished or not.",
    )
    max_open_uploads: int = setting(
        "max_open_uploads", default=50, ge=1, about="Resumable uploads that one person may have open."
    )
    max_open_upload_mb: int = setting(
        "max_open_upload_mb",
        default=51_200,
        ge=1,
        about="Megabytes that the open resumable uploads of one person may have together.",
    )
    event_retention_days: int = setting(
        "event_retention_days",
        default=0,
        ge=0,
        about="Days that the event log goes back; the worker deletes older events each night. 0 keeps all.",
    )
    answer_cache_mb: int = setting(
        "answer_cache_mb",
        default=1_024,
        ge=0,
        about="Megabytes of finished boards kept in `cache` in the data folder; 0 keeps none.",
    )
    is_self_hosted: bool = setting(
        "is_self_hosted", "IS_SELF_HOSTED", default=True, about="Told to the web client in /config."
    )
    crisp_token: str = setting(
        "crisp_token", "CRISP_TOKEN", default="", about="Told to the web client in /config."
    )
    indexer_key: SecretStr | None = setting(
        "indexer_key", "INDEXER_KEY", default=None, about="Key of the full-text index; absent: no index."
    )
    movie_highdef_bitrate: int = setting(
        "movie_highdef_bitrate",
        "MOVIE_HIGHDEF_BITRATE",
        default=28,
        about="Mbit/s of high definition movies.",
    )
    movie_lowdef_bitrate: int = setting(
        "movie_lowdef_bitrate", "MOVIE_LOWDEF_BITRATE", default=6, about="Mbit/s of low definition movies."
    )
    skip_normalization: bool = setting(
        "skip_normalization_full",
        "SKIP_NORMALIZATION_FULL",
        default=False,
        about="Keep movies as they are uploaded.",
    )
    skip_normalization_high: bool = setting(
        "skip_normalization_highdef",
        "SKIP_NORMALIZATION_HIGHDEF",
        default=False,
        about="Keep movies as they are uploaded, beside the low definition that is made of them.",
    )
    preview_save_source_file: bool = setting(
        "preview_save_source_file",
        "PREVIEW_SAVE_SOURCE_FILE",
        default=False,
        about="Keep the uploaded movie beside those that are made of it.",
    )
    movie_encoding_preset: str = setting(
        "movie_encoding_preset",
        "MOVIE_ENCODING_PRESET",
        default="veryfast",
        about="Preset of x264: faster ones make larger movies.",
    )
    movie_vbv_bufsize_factor: float = setting(
        "movie_vbv_bufsize_factor",
        "MOVIE_VBV_BUFSIZE_FACTOR",
        default=2.0,
        about="How far movies may swing above their bit rate: the decoder's buffer in seconds of it.",
    )
    max_image_pixels: int = setting(
        "max_image_pixels",
        "MAX_IMAGE_PIXELS",
        default=268_435_456,
        ge=1,
        about="Pixels that a picture may have.",
    )
    media_requests: int = setting(
        "media_max_concurrent_requests",
        "MEDIA_MAX_CONCURRENT_REQUESTS",
        default=0,
        ge=0,
        about="Requests that may work on pictures and movies at once, in each process; 0: any number.",
    )
    media_wait: float = setting(
        "media_slot_wait_timeout",
        "MEDIA_SLOT_WAIT_TIMEOUT",
        default=10.0,
        about="Seconds that such a request waits for its turn before a 503.",
    )
    preview_recheck_delay: int = setting(
        "preview_missing_file_recheck_delay",
        "PREVIEW_MISSING_FILE_RECHECK_DELAY",
        default=300,
        ge=0,
        about="Seconds that a file of a preview which isn't in storage isn't looked for again.",
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

    # --- mail -----------------------------------------------------------------------------------
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

    # --- jobs -----------------------------------------------------------------------------------
    jobs_inline: bool = setting(
        "jobs_inline",
        default=False,
        about="Run jobs before the answer, in the API process: small installations and conformance runs.",
    )
    job_timeout: int = setting(
        "job_queue_timeout", "JOB_QUEUE_TIMEOUT", default=3600, about="Seconds after which a job is ended."
    )
    worker_concurrency: int = setting(
        "worker_concurrency", default=4, ge=1, about="Quick jobs that a worker runs at once."
    )
    worker_media_concurrency: int = setting(
        "worker_media_concurrency", default=1, ge=1, about="Media jobs that a worker runs at once."
    )
    job_heartbeat_seconds: float = setting(
        "job_heartbeat_seconds",
        default=5.0,
        about="Seconds between a running job's heartbeats; after four missed ones another worker takes it.",
    )
    job_retention_days: int = setting(
        "job_retention_days", default=30, ge=1, about="Days that jobs are remembered after their end."
    )
    trash_days: int = setting(
        "trash_days",
        default=30,
        ge=0,
        about="Days that deleted assets, shots and the like can be restored; 0: not at all.",
    )
    deleted_file_days: int = setting(
        "deleted_file_days",
        default=7,
        ge=0,
        about="Days that a deleted file stays in storage, so that a restored backup of the database has it.",
    )
    outbox_relay: bool = setting(
        "outbox_relay", default=True, about="Send what an earlier process committed and could not publish."
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

    @model_validator(mode="after")
    def _one_way_of_tls(self) -> Self:
        """STARTTLS and TLS from the first byte exclude each other."""
        if self.mail_use_tls and self.mail_use_ssl:
            raise ValueError("Set MAIL_USE_TLS or MAIL_USE_SSL, not both.")
        return self

    @property
    def postgres_url(self) -> str | None:
        """The database's URL for asyncpg through SQLAlchemy; None when nothing says where it is."""
        if self.database_url:
            _, found, rest = self.database_url.partition("://")
            return f"postgresql+asyncpg://{rest}" if found else self.database_url
        if self.db_host:
            password = quote(self.db_password.get_secret_value(), safe="")
            user = quote(self.db_username, safe="") + (f":{password}" if password else "")
            return f"postgresql+asyncpg://{user}@{self.db_host}:{self.db_port}/{quote(self.db_database)}"
        return None

    @property
    def valkey_url(self) -> str | None:
        """The Valkey URL; None when nothing says where it is."""
        if self.redis_url:
            return self.redis_url
        if self.kv_host:
            password = quote(self.kv_password.get_secret_value(), safe="")
            return f"redis://{':' + password + '@' if password else ''}{self.kv_host}:{self.kv_port}/0"
        return None

    @property
    def previews(self) -> Path:
        """Folder of uploaded files on the local disk."""
        return self.preview_folder or self.data_dir / "previews"

    @property
    def web_url(self) -> str:
        """Address of the web client, without a trailing slash; links in mails start with it."""
        return f"{self.domain_protocol}://{self.domain_name}"

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


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
