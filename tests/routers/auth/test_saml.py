"""Signing in by SAML, at an identity provider that signs with a library other than the server's."""

from __future__ import annotations

import base64
import datetime as dt
import http.server
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from httpx import AsyncClient, Response
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner, methods
from sqlalchemy import select

from kitsu_api.db.models import Person
from tests import factories
from tests.routers.auth.steps import BROWSER, set_up_totp

IDP = "https://idp.test/metadata"
HERE = "http://kitsu.test/api/auth/saml/sso"
ACCESS = "access_token_cookie"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
NAMES = {"p": "urn:oasis:names:tc:SAML:2.0:protocol", "a": "urn:oasis:names:tc:SAML:2.0:assertion"}


def instant(seconds: float) -> str:
    """The moment so many seconds from now, as SAML writes it."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Pair:
    """A key, and its certificate."""

    key: Any
    certificate: str

    @classmethod
    def make(cls) -> Pair:
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.test")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate.public_bytes(Encoding.PEM).decode())

    @property
    def body(self) -> str:
        return "".join(self.certificate.splitlines()[1:-1])


@dataclass
class Said:
    """What an identity provider says; tests change it."""

    request: str
    subject: str = "u-17"
    name_format: str = PERSISTENT
    destination: str | None = HERE
    response_to: str | None = "(request)"
    confirmed_for: str | None = "(request)"
    recipient: str | None = HERE
    confirmed_until: str | None = field(default_factory=lambda: instant(300))
    not_before: str = field(default_factory=lambda: instant(-30))
    until: str = field(default_factory=lambda: instant(300))
    audience: str | None = HERE
    issuer: str = IDP
    attributes: dict[str, str] = field(default_factory=lambda: {"email": "nina@studio.test"})
    id: str = field(default_factory=lambda: f"_{uuid4().hex}")

    def xml(self) -> Any:
        def given(name: str, value: str | None) -> str:
            return "" if value is None else f' {name}="{self.request if value == "(request)" else value}"'

        audience = self.audience
        limit = f"<a:AudienceRestriction><a:Audience>{audience}</a:Audience></a:AudienceRestriction>"
        values = "".join(
            f'<a:Attribute Name="{name}"><a:AttributeValue>{value}</a:AttributeValue></a:Attribute>'
            for name, value in self.attributes.items()
        )
        confirmation = "".join(
            (
                given("InResponseTo", self.confirmed_for),
                given("Recipient", self.recipient),
                given("NotOnOrAfter", self.confirmed_until),
            )
        )
        return etree.fromstring(
            f'<p:Response xmlns:p="{NAMES["p"]}" xmlns:a="{NAMES["a"]}" ID="_{uuid4().hex}" Version="2.0" '
            f'IssueInstant="{instant(0)}"{given("Destination", self.destination)}'
            f"{given('InResponseTo', self.response_to)}>"
            f"<a:Issuer>{self.issuer}</a:Issuer><p:Status>"
            '<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>'
            f'<a:Assertion ID="{self.id}" Version="2.0" IssueInstant="{instant(0)}">'
            f"<a:Issuer>{self.issuer}</a:Issuer><a:Subject>"
            f'<a:NameID Format="{self.name_format}">{self.subject}</a:NameID>'
            '<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f"<a:SubjectConfirmationData{confirmation}/></a:SubjectConfirmation></a:Subject>"
            f'<a:Conditions NotBefore="{self.not_before}" NotOnOrAfter="{self.until}">'
            f"{limit if audience else ''}</a:Conditions>"
            f'<a:AuthnStatement AuthnInstant="{instant(0)}"><a:AuthnContext><a:AuthnContextClassRef>'
            "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef></a:AuthnContext>"
            f"</a:AuthnStatement><a:AttributeStatement>{values}</a:AttributeStatement>"
            "</a:Assertion></p:Response>"
        )


class WeakSigner(XMLSigner):
    """Signs with SHA-1, as old providers do."""

    def check_deprecated_methods(self) -> None:
        """Whoever signs so knows it."""


def sign(element: Any, pair: Pair, *, weak: bool = False) -> Any:
    """An element with an enveloped signature after its issuer, where the schema wants it."""
    kind = WeakSigner if weak else XMLSigner
    signer = kind(
        method=methods.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA1 if weak else SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA1 if weak else DigestAlgorithm.SHA256,
        c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#",
    )
    place = etree.Element("{http://www.w3.org/2000/09/xmldsig#}Signature", Id="placeholder")
    element.insert(1, place)
    return signer.sign(element, key=pair.key, cert=pair.certificate, reference_uri=element.get("ID"))


class IdentityProvider:
    """An identity provider: publishes its metadata, and signs what tests have it say."""

    def __init__(self) -> None:
        self.own, self.stranger = Pair.make(), Pair.make()
        self.asked = 0
        self.address = ""

    def metadata(self) -> bytes:
        return (
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{IDP}">'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
            f"<ds:X509Data><ds:X509Certificate>{self.own.body}</ds:X509Certificate></ds:X509Data>"
            "</ds:KeyInfo></md:KeyDescriptor>"
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
            'Location="https://idp.test/sso?tenant=1"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        ).encode()

    def answer(self, said: Said, *, pair: Pair | None = None, weak: bool = False) -> bytes:
        response = said.xml()
        assertion = response.find("a:Assertion", NAMES)
        signed = sign(assertion, pair or self.own, weak=weak)
        response.replace(response.find("a:Assertion", NAMES), signed)
        return etree.tostring(response)


@pytest.fixture(scope="module")
def idp() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the library calls
            provider.asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(provider.metadata())

        def log_message(self, *_: Any) -> None:
            """Tests have nothing to read here."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}/metadata"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def studio(configure, idp, valkey) -> Callable[..., Any]:
    """`studio(...)`: settings with SAML by that provider."""

    def change(**changes: Any):
        known = {
            "saml_enabled": True,
            "saml_metadata_url": idp.address,
            "domain_name": "kitsu.test",
            "domain_protocol": "http",
        }
        return configure(**{**known, **changes})

    return change


async def depart(client: AsyncClient) -> Any:
    """Begin to sign in; the request that the provider gets."""
    answer = await client.get("/auth/saml/login", headers=BROWSER)
    assert answer.status_code == 302, answer.text
    url = urlsplit(answer.headers["location"])
    assert (url.netloc, url.path) == ("idp.test", "/sso")
    query = parse_qs(url.query)
    assert query["tenant"] == ["1"]
    return etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))


async def show(client: AsyncClient, xml: bytes) -> Response:
    form = {"SAMLResponse": base64.b64encode(xml).decode(), "RelayState": "https://evil.test"}
    return await client.post("/auth/saml/sso", data=form, headers=BROWSER)


async def sign_in_at(idp: IdentityProvider, client: AsyncClient, **said: Any) -> Response:
    request = await depart(client)
    return await show(client, idp.answer(Said(request.get("ID"), **said)))


async def test_somebody_new_becomes_an_artist_without_a_password(client, studio, idp, session):
    settings = studio()
    told = {"email": "nina@studio.test", "first_name": "Nina", "last_name": "Sokol", "role": "admin"}
    answer = await sign_in_at(idp, client, attributes=told)
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"] == settings.web_url
    person = (await session.scalars(select(Person).where(Person.saml_subject == "u-17"))).one()
    assert (person.first_name, person.last_name, person.role) == ("Nina", "Sokol", "user")
    assert (person.email, person.password, person.saml_issuer) == ("nina@studio.test", None, IDP)
    assert (await client.get("/auth/authenticated")).json()["user"]["id"] == str(person.id)


async def test_a_known_email_is_linked_and_role_and_state_stay(client, studio, idp, make, session):
    studio()
    person = await make(factories.person(email="chief@studio.test", role="manager"))
    told = {"email": "chief@studio.test", "role": "admin", "active": "false"}
    assert (await sign_in_at(idp, client, attributes=told)).status_code == 302
    row = (await session.scalars(select(Person).where(Person.id == person.id))).one()
    assert (row.role, row.active, row.saml_subject) == ("manager", True, "u-17")


async def test_the_request_is_ours_and_new_each_time(client, studio):
    studio()
    first, second = await depart(client), await depart(client)
    assert first.get("ID") != second.get("ID")
    assert first.get("AssertionConsumerServiceURL") == HERE
    assert first.findtext("a:Issuer", namespaces=NAMES) == HERE


async def test_metadata_is_asked_for_once(client, studio, idp):
    studio()
    before = idp.asked
    for _ in range(3):
        await depart(client)
    assert idp.asked == before + 1


async def test_the_cookie_survives_the_post_of_another_site_over_https(client, studio):
    studio(domain_protocol="https")
    cookie = (await client.get("/auth/saml/login")).headers["set-cookie"].lower()
    assert "samesite=none" in cookie
    assert "secure" in cookie
    assert "httponly" in cookie


async def test_the_settings_name_what_tells_people_apart(client, studio, idp, session):
    studio(saml_subject_attribute="employee")
    told = {"email": "nina@studio.test", "employee": "4711"}
    answer = await sign_in_at(idp, client, attributes=told, name_format=TRANSIENT)
    assert answer.status_code == 302, answer.text
    assert (await session.scalars(select(Person.saml_subject).where(Person.saml_issuer == IDP))).all() == [
        "4711"
    ]


async def test_a_name_for_one_session_names_nobody(client, studio, idp):
    studio()
    assert (await sign_in_at(idp, client, name_format=TRANSIENT)).status_code == 400


async def test_the_name_may_be_the_email(client, studio, idp, session):
    studio()
    said = {"subject": "by.name@studio.test", "name_format": EMAIL, "attributes": {"sn": "Name"}}
    assert (await sign_in_at(idp, client, **said)).status_code == 302
    person = (await session.scalars(select(Person).where(Person.email == "by.name@studio.test"))).one()
    assert (person.first_name, person.last_name) == ("by.name", "Name")


WRONG: dict[str, dict[str, Any]] = {
    "sent elsewhere": {"destination": "http://kitsu.test/api/auth/saml/sso/evil"},
    "sent nowhere": {"destination": None},
    "to another request": {"response_to": "_another"},
    "to no request": {"response_to": None, "confirmed_for": None},
    "response to no request": {"response_to": None},
    "confirmed for another request": {"confirmed_for": "_another"},
    "confirmed for no request": {"confirmed_for": None},
    "confirmed for another address": {"recipient": f"https://evil.test/?{HERE}"},
    "confirmed for no address": {"recipient": None},
    "confirmed for ever": {"confirmed_until": None},
    "confirmed too long ago": {"confirmed_until": instant(-3600)},
    "out of date": {"until": instant(-3600)},
    "not yet": {"not_before": instant(3600)},
    "another audience": {"audience": "https://other.test"},
    "no audience": {"audience": None},
    "another issuer": {"issuer": "https://evil.test"},
    "nobody": {"subject": ""},
    "no e-mail": {"attributes": {"sn": "Nobody"}},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
async def test_what_an_answer_must_say(client, studio, idp, said):
    studio()
    answer = await sign_in_at(idp, client, **said)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(("Signing in at the identity", "The identity provider gives"))
    assert "evil" not in answer.text
    assert ACCESS not in client.cookies


async def test_an_answer_counts_once_even_for_the_browser_that_asked(client, browser, studio, idp):
    studio()
    said = Said((await depart(client)).get("ID"))
    xml, cookie = idp.answer(said), client.cookies["sign_in_saml"]
    assert (await show(client, xml)).status_code == 302
    again = browser()
    again.cookies.set("sign_in_saml", cookie)
    assert (await show(again, xml)).status_code == 400


async def test_an_assertion_counts_once_whatever_request_it_comes_to(client, studio, idp):
    studio()
    assert (await sign_in_at(idp, client, id="_same")).status_code == 302
    assert (await sign_in_at(idp, client, id="_same")).status_code == 400
    assert (await sign_in_at(idp, client, id="_other")).status_code == 302


async def test_an_answer_that_nobody_asked_for_is_refused(client, browser, studio, idp):
    studio()
    xml = idp.answer(Said((await depart(client)).get("ID")))
    assert (await show(browser(), xml)).status_code == 400


async def test_a_signature_of_somebody_else_counts_for_nothing(client, studio, idp):
    studio()
    said = Said((await depart(client)).get("ID"))
    assert (await show(client, idp.answer(said, pair=idp.stranger))).status_code == 400


async def test_a_key_that_came_since_counts_once_the_metadata_name_it(client, studio, idp, monkeypatch):
    studio()
    assert (await sign_in_at(idp, client)).status_code == 302
    monkeypatch.setattr(idp, "own", idp.stranger)
    assert (await sign_in_at(idp, client)).status_code == 302
    # strangers can't have them fetched again and again
    asked = idp.asked
    for _ in range(3):
        request = await depart(client)
        answer = idp.answer(Said(request.get("ID")), pair=Pair.make())
        assert (await show(client, answer)).status_code == 400
    assert idp.asked == asked


async def test_an_old_hash_counts_for_nothing(client, studio, idp):
    studio()
    said = Said((await depart(client)).get("ID"))
    assert (await show(client, idp.answer(said, weak=True))).status_code == 400


async def test_the_assertion_itself_must_be_signed(client, studio, idp):
    studio()
    said = Said((await depart(client)).get("ID"))
    assert (await show(client, etree.tostring(said.xml()))).status_code == 400
    assert (await show(client, etree.tostring(sign(said.xml(), idp.own)))).status_code == 400


async def test_what_was_changed_after_signing_counts_for_nothing(client, studio, idp):
    studio()
    xml = idp.answer(Said((await depart(client)).get("ID")))
    assert (await show(client, xml.replace(b"nina@", b"boss@"))).status_code == 400


@pytest.mark.parametrize("place", ["before", "after", "around"])
async def test_a_signed_assertion_lends_nothing_to_another(client, studio, idp, place, make):
    studio()
    await make(factories.person(email="boss@studio.test", role="admin"))
    said = Said((await depart(client)).get("ID"))
    response = etree.fromstring(idp.answer(said))
    signed = response.find("a:Assertion", NAMES)
    forged = Said(said.request, subject="boss", attributes={"email": "boss@studio.test"}).xml()
    forged = forged.find("a:Assertion", NAMES)
    if place == "before":
        signed.addprevious(forged)
    elif place == "after":
        signed.addnext(forged)
    else:
        response.replace(signed, forged)
        forged.find(".//a:AttributeValue", NAMES).append(signed)
    assert (await show(client, etree.tostring(response))).status_code == 400
    assert ACCESS not in client.cookies


async def test_a_comment_does_not_cut_a_name_short(client, studio, idp, session):
    studio()
    said = Said((await depart(client)).get("ID"), subject="boss<!-- -->.evil")
    answer = await show(client, idp.answer(said))
    found = (await session.scalars(select(Person.saml_subject).where(Person.saml_issuer == IDP))).all()
    assert answer.status_code == 400 or found == ["boss.evil"]


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE r [<!ENTITY e0 "ha">{BOMB}]>',
        '<!DOCTYPE r [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/evil.dtd">',
    ],
    ids=["bomb", "file", "outside"],
)
async def test_documents_with_a_doctype_are_not_read(client, studio, idp, doctype):
    studio()
    xml = idp.answer(Said((await depart(client)).get("ID"))).decode()
    answer = await show(client, (doctype + xml.replace("u-17", "&e9;")).encode())
    assert answer.status_code == 400
    assert (await show(client, (doctype + xml).encode())).status_code == 400
    assert "root:" not in answer.text


@pytest.mark.parametrize("text", ["", "fake", "PHhtbC8+", "%%%", "QUFB" * 200_000])
async def test_what_is_no_answer_is_refused(client, studio, idp, text):
    studio()
    await depart(client)
    assert (await client.post("/auth/saml/sso", data={"SAMLResponse": text})).status_code == 400


async def test_a_provider_without_usable_metadata_is_told_without_internals(client, studio):
    studio(saml_metadata_url="http://127.0.0.1:9/metadata")
    answer = await client.get("/auth/saml/login")
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text
    studio(saml_metadata_url="")
    assert (await client.get("/auth/saml/login")).status_code == 400


@pytest.mark.parametrize("skips", [False, True])
async def test_the_provider_may_stand_in_for_a_second_factor(client, studio, idp, make, sign_in, skips):
    settings = studio(saml_skip_2fa=skips)
    person = await make(factories.person(email="nina@studio.test"))
    await set_up_totp(client, sign_in(person))
    answer = await sign_in_at(idp, client)
    path = "" if skips else "/api/auth/sso/second-factor"
    assert answer.headers["location"] == f"{settings.web_url}{path}"
    assert (ACCESS in client.cookies) is skips
