"""What clients may know of the settings, and which settings deserve a look."""

from __future__ import annotations

from kitsu_api.schemas.configuration import ClientConfig, ConfigCheck, SentryConfig, SettingAdvice
from kitsu_api.settings import Settings


def client_config(settings: Settings, *, dark_theme: bool) -> ClientConfig:
    """What the web client asks for first. There is no full-text index in this release."""
    sentry = (
        SentryConfig(dsn=settings.sentry_kitsu_dsn, sample_rate=settings.sentry_kitsu_sample_rate)
        if settings.sentry_kitsu_enabled
        else None
    )
    config = ClientConfig(
        is_self_hosted=settings.is_self_hosted,
        crisp_token=settings.crisp_token,
        dark_theme_by_default=dark_theme,
        indexer_configured=False,
        saml_enabled=settings.saml_enabled,
        saml_idp_name=settings.saml_idp_name,
        oidc_enabled=settings.oidc_enabled,
        oidc_idp_name=settings.oidc_idp_name,
        default_locale=settings.default_locale,
        default_timezone=settings.default_timezone,
        enforce_2fa=settings.enforce_2fa,
        movie_highdef_bitrate=settings.movie_highdef_bitrate,
        movie_lowdef_bitrate=settings.movie_lowdef_bitrate,
        preview_accounts_enabled=True,
    )
    return config if sentry is None else config.model_copy(update={"sentry": sentry})


def check_settings(settings: Settings) -> ConfigCheck:
    """Advice on settings that suit a trial and not a studio on the open network."""
    risks = (
        (
            settings.domain_protocol == "https" and not settings.cookie_secure,
            "KITSU_COOKIE_SECURE",
            "Session cookies also travel over plain HTTP. Set it to true behind TLS.",
        ),
        (
            not settings.cookie_csrf_protect,
            "JWT_COOKIE_CSRF_PROTECT",
            "Cookie sessions rely on SameSite=Lax alone. Set it to true when every client repeats the token.",
        ),
        (
            not settings.rate_limits,
            "KITSU_RATE_LIMITS",
            "Passwords can be guessed without a pause. Set it to true.",
        ),
        (
            settings.registration == "open",
            "KITSU_REGISTRATION",
            "Anybody who reaches the server can make an account. Set it to closed.",
        ),
        (
            settings.auth_strategy == "auth_local_no_password",
            "AUTH_STRATEGY",
            "Nobody is asked for a password. Use it on a closed network only.",
        ),
        (
            settings.bcrypt_log_rounds < 10,
            "BCRYPT_LOG_ROUNDS",
            "Password hashes are cheap to break. Set it to 12.",
        ),
        (
            "*" in settings.cors_allowed_origins,
            "CORS_ALLOWED_ORIGINS",
            "Pages of every origin may read answers. Name the origins that you trust.",
        ),
        (settings.debug, "DEBUG", "Every SQL statement is logged. Set it to false."),
        (
            settings.mail_enabled and settings.mail_to_log,
            "KITSU_MAIL_TO_LOG",
            "Mails go to the log, with the links to new passwords. Name an SMTP server.",
        ),
    )
    advice = [SettingAdvice(setting=name, advice=text) for is_risky, name, text in risks if is_risky]
    return ConfigCheck(ok=not advice, advice=advice)
