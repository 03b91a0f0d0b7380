"""Directories and identity providers that know the people."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import Names, setting


class SignIn(BaseSettings):
    """Directories and identity providers that know the people."""

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
