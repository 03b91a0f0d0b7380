"""SAML 2: the service provider's half of the web browser profile, on python3-saml and xmlsec.

python3-saml checks schema, signature, status, issuer and times, and refuses DTDs and entities. It takes some
things as right that are not there, and others by half; these are checked here once more: an assertion names
our audience, our address and our request, and is used once.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Names
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from kitsu_api.errors import BadRequest, Unavailable
from kitsu_api.permissions.sign_in_flows import Flow, new_state, sign, spend, state_of
from kitsu_api.services.auth import SignInDesk
from kitsu_api.services.sso import documents
from kitsu_api.services.sso.identities import Identity
from kitsu_api.services.sso.oidc import Departure
from kitsu_api.services.sso.refusal import refused
from kitsu_api.settings import Settings

LONGEST_RESPONSE = 500_000
"""Characters of an answer in base64; those of providers have a few ten thousand."""

CLOCK_SECONDS = 60
"""How far the provider's clock may be from ours; python3-saml grants as much or more."""

EMAILS = (
    "email",
    "mail",
    "emailAddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)
FIRST_NAMES = (
    "first_name",
    "firstName",
    "givenName",
    "given_name",
    "urn:oid:2.5.4.42",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
)
LAST_NAMES = (
    "last_name",
    "lastName",
    "sn",
    "surname",
    "family_name",
    "urn:oid:2.5.4.4",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
)
"""What providers call these attributes."""


@dataclass(frozen=True)
class Assertion:
    """What a provider says, once it is proved."""

    id: str
    issuer: str
    good_until: float
    """Seconds since 1970."""
    name_id: str
    name_format: str
    attributes: dict[str, list[str]]

    def first(self, names: tuple[str, ...]) -> str:
        """The first value of the first attribute that is there; empty when none is."""
        found = (values[0] for name in names if (values := self.attributes.get(name)))
        return str(next(found, "") or "")


def answer_url(settings: Settings) -> str:
    """Where the provider's answers are posted."""
    return f"{settings.web_url}/api/auth/saml/sso"


def entity_id(settings: Settings) -> str:
    """Our name at the provider."""
    return settings.saml_entity_id or answer_url(settings)


async def begin(desk: SignInDesk) -> Departure:
    """Send somebody to the provider.

    Raises:
        BadRequest: the settings don't name one.
        Unavailable: it does not answer.
    """
    settings, state = desk.settings, new_state()
    known = await _library_settings(desk)
    request = OneLogin_Saml2_Authn_Request(known, set_nameid_policy=False)
    # the request is known by the name of the flow, so that the answer to it is the browser's own
    xml = request.get_xml().replace(request.get_id(), state, 1)
    query = {"SAMLRequest": OneLogin_Saml2_Utils.deflate_and_base64_encode(xml)}
    url = OneLogin_Saml2_Utils.redirect(known.get_idp_sso_url(), query, request_data={"http_host": ""})
    return Departure(url, sign(settings, Flow.SAML, state))


async def _library_settings(desk: SignInDesk, *, anew: bool = False) -> OneLogin_Saml2_Settings:
    settings, url = desk.settings, desk.settings.saml_metadata_url
    if not url:
        raise refused("SAML_METADATA_URL must be set")
    metadata = await documents.fetch(desk.valkey, url, anew=anew)
    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(
            metadata, required_sso_binding=Names.BINDING_HTTP_REDIRECT
        )
        return OneLogin_Saml2_Settings(
            {
                "strict": True,
                "debug": False,
                "sp": {
                    "entityId": entity_id(settings),
                    "assertionConsumerService": {
                        "url": answer_url(settings),
                        "binding": Names.BINDING_HTTP_POST,
                    },
                },
                "idp": found["idp"],
                "security": {
                    "wantAssertionsSigned": True,
                    "wantNameId": True,
                    "wantAttributeStatement": False,
                    "requestedAuthnContext": False,
                    "rejectDeprecatedAlgorithm": True,
                    "allowRepeatAttributeName": True,
                },
            }
        )
    except Exception as error:  # the library raises whatever its XML parser does
        raise documents.unreachable(url, error) from error


async def finish(desk: SignInDesk, response: str, cookie: str | None) -> Identity:
    """Whom the provider answers for.

    Raises:
        BadRequest: nobody: the answer is not for us, not for this browser, not signed, or not new.
        Unavailable: the provider's metadata can't be had.
    """
    request_id = state_of(desk.settings, Flow.SAML, cookie)
    if request_id is None:
        raise refused("the browser has asked for no sign-in, or too long ago")
    if not response or len(response) > LONGEST_RESPONSE:
        raise refused("the answer is empty or too long")
    known = await _library_settings(desk)
    await desk.accounts.release()
    try:
        assertion = await asyncio.to_thread(_checked, desk.settings, known, response, request_id)
    except BadRequest:
        fresh = await _changed_settings(desk, known)
        if fresh is None:
            raise
        assertion = await asyncio.to_thread(_checked, desk.settings, fresh, response, request_id)
    left = int(assertion.good_until - time.time()) + 2 * CLOCK_SECONDS + 600
    digest = hashlib.sha256(f"{assertion.issuer}\n{assertion.id}".encode()).hexdigest()
    for name in (request_id, digest):
        if not await spend(desk.valkey, name, max(left, 600)):
            raise refused("the answer was used before")
    return _identity(desk.settings, assertion)


async def _changed_settings(
    desk: SignInDesk, known: OneLogin_Saml2_Settings
) -> OneLogin_Saml2_Settings | None:
    """The metadata as they are now, if they are no longer those that are kept: the provider may sign with a
    key that came since. None when they are, or can't be had."""
    try:
        fresh = await _library_settings(desk, anew=True)
    except Unavailable:
        return None
    return None if fresh.get_idp_data() == known.get_idp_data() else fresh


def _checked(settings: Settings, known: OneLogin_Saml2_Settings, response: str, request_id: str) -> Assertion:
    here = urlsplit(answer_url(settings))
    request = {
        "https": "on" if here.scheme == "https" else "off",
        "http_host": here.netloc,
        "script_name": here.path,
    }
    try:
        read = OneLogin_Saml2_Response(known, response)
        read.is_valid(request, request_id=request_id, raise_exceptions=True)
        problem = _problem(settings, read, request_id)
        if problem is None:
            return Assertion(
                id=read.get_assertion_id(),
                issuer=known.get_idp_data()["entityId"],
                good_until=float(_confirmation(settings, read, request_id) or 0),
                name_id=read.get_nameid() or "",
                name_format=read.get_nameid_format() or "",
                attributes=read.get_attributes(),
            )
    except Exception as error:  # whatever the library or its parser raise over a stranger's XML
        raise refused(f"the answer does not hold: {error}") from error
    raise refused(problem)


def _problem(settings: Settings, read: Any, request_id: str) -> str | None:
    """What the library lets pass and must not."""
    document = read.get_xml_document()
    if document.get("Destination") != answer_url(settings):
        return "the answer was sent to another address"
    if document.get("InResponseTo") != request_id:
        return "the answer is to another request"
    if read.get_audiences() != [entity_id(settings)] and entity_id(settings) not in read.get_audiences():
        return "the assertion is for another audience"
    if read.encrypted:
        return "the assertion is encrypted, and there is no key for it"
    if not read.get_assertion_id():
        return "the assertion has no id"
    if _confirmation(settings, read, request_id) is None:
        return "nothing confirms that the assertion is for this request, here and now"
    return None


def _confirmation(settings: Settings, read: Any, request_id: str) -> int | None:
    """Until when the assertion may be shown, by a confirmation that names our request and our address."""
    path = "/samlp:Response/saml:Assertion/saml:Subject/saml:SubjectConfirmation"
    for node in read.get_xml_document().xpath(path, namespaces=Names.NSMAP):
        data = node.find("saml:SubjectConfirmationData", namespaces=Names.NSMAP)
        if node.get("Method") != Names.CM_BEARER or data is None:
            continue
        if data.get("InResponseTo") != request_id or data.get("Recipient") != answer_url(settings):
            continue
        until = data.get("NotOnOrAfter")
        moment = OneLogin_Saml2_Utils.parse_SAML_to_time(until) if until else None
        if moment is not None and moment > time.time() - CLOCK_SECONDS:
            return int(moment)
    return None


def _identity(settings: Settings, assertion: Assertion) -> Identity:
    chosen = settings.saml_subject_attribute
    subject = assertion.first((chosen,)) if chosen else assertion.name_id
    if not chosen and assertion.name_format == Names.NAMEID_TRANSIENT:
        raise refused("the NameID is transient: set SAML_SUBJECT_ATTRIBUTE")
    email = assertion.first(EMAILS)
    if not email and assertion.name_format == Names.NAMEID_EMAIL_ADDRESS:
        email = assertion.name_id
    return Identity(
        "saml",
        assertion.issuer,
        subject,
        email or None,
        assertion.first(FIRST_NAMES),
        assertion.first(LAST_NAMES),
    )
