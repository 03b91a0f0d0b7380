"""Signing in, second factors and passwords."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, SecretStr

from kitsu_api.schemas.base import JsonObject, Payload, Schema, Text
from kitsu_api.schemas.organisation import OrganisationRead
from kitsu_api.schemas.persons import PersonRead

Login = Annotated[Text, Field(min_length=1, max_length=255)]
Email = Annotated[Text, Field(min_length=3, max_length=255, examples=["ada@studio.example"])]
Password = Annotated[SecretStr, Field(max_length=1024, description="At most 72 bytes in UTF-8.")]
Code = Annotated[Text, Field(max_length=64)]


class SecondFactor(Payload):
    """Proof of a second factor; one of these is enough."""

    totp: Code | None = Field(default=None, description="Code of an authenticator app.", examples=["492039"])
    email_otp: Code | None = Field(default=None, description="Code that came by mail.", examples=["134051"])
    fido_authentication_response: JsonObject | None = Field(
        default=None, description="What `navigator.credentials.get` gave, in JSON (base64url)."
    )
    recovery_code: Code | None = Field(
        default=None, description="One of the recovery codes, good once.", examples=["G5SD26EOUA"]
    )

    @property
    def is_given(self) -> bool:
        """Whether there is a proof at all."""
        proofs = (self.totp, self.email_otp, self.fido_authentication_response, self.recovery_code)
        return any(proofs)


class LoginCredentials(SecondFactor):
    """Who signs in, and with what."""

    email: Login = Field(description="E-mail or desktop login.", examples=["ada@studio.example"])
    password: Password = Field(examples=["correct horse"])


class ProfileRead(PersonRead):
    """What somebody sees of themselves."""

    full_name: str
    fido_devices: list[str] = Field(description="Names of the security keys.")


class LoginRead(Schema):
    """A finished sign-in."""

    login: bool = Field(description="Always true.")
    user: ProfileRead
    organisation: OrganisationRead
    access_token: str = Field(description="Send it as `Authorization: Bearer …`.")
    refresh_token: str = Field(description="Good for `/auth/refresh-token` alone.")
    two_factor_authentication_required: bool = Field(
        description="The tokens open nothing but the routes that set up a second factor."
    )


class AuthenticatedRead(Schema):
    """Who is signed in."""

    authenticated: bool = Field(description="Always true.")
    user: ProfileRead
    organisation: OrganisationRead


class LogoutRead(Schema):
    """The session is over."""

    logout: bool = True


class AccessTokenRead(Schema):
    """A new access token."""

    access_token: str


class Success(Schema):
    """It is done."""

    success: bool = True


class Registration(Payload):
    """Somebody who registers."""

    email: Email
    password: Password
    password_2: Password = Field(description="The password again.")
    first_name: Annotated[Text, Field(min_length=1, max_length=80)]
    last_name: Annotated[Text, Field(min_length=1, max_length=80)]


class RegistrationRead(Schema):
    """The account is there."""

    registration_success: bool = True


class NewPassword(Payload):
    """A change of one's own password."""

    old_password: Password
    password: Password
    password_2: Password = Field(description="The new password again.")


class PasswordChangeRead(Schema):
    """Earlier sessions are over; these tokens go on."""

    success: bool = True
    access_token: str
    refresh_token: str


class PasswordResetRequest(Payload):
    """Who forgot the password."""

    email: Email


class PasswordResetRequestRead(Schema):
    """The same for every e-mail, so that nobody learns who has an account."""

    success: str = "Reset token sent"


class PasswordReset(Payload):
    """A new password, by a mailed token."""

    email: Email
    token: Annotated[SecretStr, Field(max_length=256)]
    password: Password
    password2: Password = Field(description="The new password again.")


class TotpPreparationRead(Schema):
    """What an authenticator app needs."""

    totp_provisionning_uri: str = Field(description="Show it as a QR code.")
    otp_secret: str = Field(description="The same secret, to be typed in.")


class TotpActivation(Payload):
    """The code that the authenticator app shows."""

    totp: Code = Field(examples=["492039"])


class EmailOtpActivation(Payload):
    """The code that came by mail."""

    email_otp: Code = Field(examples=["134051"])


class FactorEnabledRead(Schema):
    """A second factor is set up; these tokens open everything."""

    otp_recovery_codes: list[str] | None = Field(
        default=None, description="Sixteen codes, with the first factor alone. They are shown this once."
    )
    access_token: str
    refresh_token: str


class RecoveryCodesRead(Schema):
    """New recovery codes; the old ones are worth nothing."""

    otp_recovery_codes: list[str] = Field(description="Sixteen codes, shown this once.")


class KeyDescriptor(Schema):
    """The id of a security key."""

    type: str
    id: str = Field(description="In base64url.")


class RelyingParty(Schema):
    """Whom a security key is bound to."""

    name: str
    id: str = Field(description="Host name of the web client.")


class KeyUser(Schema):
    """Whose key it is."""

    name: str
    id: str = Field(description="In base64url.")
    displayName: str  # noqa: N815 (WebAuthn's name)


class KeyParameters(Schema):
    """An algorithm that will do."""

    type: str
    alg: int = Field(description="COSE number.")


class KeySelection(Schema):
    """Which keys will do."""

    authenticatorAttachment: str  # noqa: N815 (WebAuthn's name)
    residentKey: str  # noqa: N815 (WebAuthn's name)
    userVerification: str  # noqa: N815 (WebAuthn's name)
    requireResidentKey: bool  # noqa: N815 (WebAuthn's name)


class KeyCreationOptions(Schema):
    """What `navigator.credentials.create` takes, in JSON (base64url)."""

    rp: RelyingParty
    user: KeyUser
    challenge: str
    pubKeyCredParams: list[KeyParameters]  # noqa: N815 (WebAuthn's name)
    excludeCredentials: list[KeyDescriptor]  # noqa: N815 (WebAuthn's name)
    authenticatorSelection: KeySelection  # noqa: N815 (WebAuthn's name)


class KeyRequestOptions(Schema):
    """What `navigator.credentials.get` takes, in JSON (base64url)."""

    challenge: str
    rpId: str  # noqa: N815 (WebAuthn's name)
    allowCredentials: list[KeyDescriptor]  # noqa: N815 (WebAuthn's name)


class KeyRegistration(Payload):
    """A new security key."""

    registration_response: Annotated[dict[str, Any], Field(description="What the browser gave, in JSON.")]
    device_name: Annotated[Text, Field(min_length=1, max_length=80, examples=["Blue key"])]


class KeyRemoval(SecondFactor):
    """A security key to forget, and a proof of a second factor."""

    device_name: Annotated[Text, Field(min_length=1, max_length=80)]


class AppCodeRequest(Payload):
    """An app that wants to sign in."""

    code_challenge: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")] = Field(
        description="SHA-256 of the app's verifier, in base64url (RFC 7636).",
        examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
    )


class AppCodeRead(Schema):
    """A code for the app: good once, for two minutes."""

    code: str


class AppTokenRequest(Payload):
    """An app that shows its code."""

    code: Annotated[SecretStr, Field(max_length=256)]
    code_verifier: Annotated[SecretStr, Field(max_length=128)] = Field(
        description="43 to 128 characters, whose SHA-256 was the challenge."
    )
