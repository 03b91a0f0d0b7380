"""Security keys, with an authenticator in software."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from soft_webauthn import SoftWebauthnDevice
from webauthn.helpers import parse_cbor

from kitsu_api.db.models import Person
from kitsu_api.services import security_keys
from tests import factories
from tests.routers.auth.steps import log_in

ORIGIN = "https://localhost:8080"


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def as_json(value: Any) -> Any:
    """A browser's answer in JSON."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return text(value)
    return value


def create(device: SoftWebauthnDevice, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
    ready = {**options, "challenge": data(options["challenge"])}
    answer = device.create({"publicKey": ready}, origin)
    return as_json(answer) | {"id": text(answer["rawId"])}


def get(device: SoftWebauthnDevice, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
    ready = {**options, "challenge": data(options["challenge"])}
    answer = device.get({"publicKey": ready}, origin)
    return as_json(answer) | {"id": text(answer["rawId"])}


async def register(client, headers, name="Blue key", device=None):
    """A new device and the answer to its registration."""
    device = device or SoftWebauthnDevice()
    options = (await client.put("/auth/fido", headers=headers)).json()
    payload = {"registration_response": create(device, options), "device_name": name}
    return device, await client.post("/auth/fido", json=payload, headers=headers)


async def challenge(client, person):
    answer = await client.get("/auth/fido", params={"email": person.email})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_key_signs_in(client, make, sign_in, session):
    person = await make(factories.person())
    device, added = await register(client, sign_in(person))
    assert added.status_code == 200
    assert len(added.json()["otp_recovery_codes"]) == 16
    missing = await log_in(client, person)
    assert missing.json()["two_factor_authentication_enabled"] == ["recovery_code", "fido"]
    options = await challenge(client, person)
    assert options["rpId"] == "localhost"
    assert options["allowCredentials"][0]["id"] == text(device.credential_id)
    login = await log_in(client, person, fido_authentication_response=get(device, options))
    assert login.status_code == 200
    assert login.json()["user"]["fido_devices"] == ["Blue key"]
    (stored,) = (await session.get(Person, person.id)).fido_credentials
    assert set(stored) == {"aaguid", "public_key", "device_name", "credential_id"}
    assert stored["credential_id"] == int.from_bytes(device.credential_id, "big")


async def test_an_answer_is_good_once(client, make, sign_in):
    person = await make(factories.person())
    device, _ = await register(client, sign_in(person))
    answer = get(device, await challenge(client, person))
    assert (await log_in(client, person, fido_authentication_response=answer)).status_code == 200
    again = await log_in(client, person, fido_authentication_response=answer)
    assert again.json()["wrong_OTP"] is True


async def test_a_strangers_challenge_does_not_spoil_the_owners(app, client, make, sign_in):
    person = await make(factories.person())
    device, _ = await register(client, sign_in(person))
    options = await challenge(client, person)
    mine = client.cookies["session"]
    client.cookies.clear()
    await challenge(client, person)
    client.cookies.clear()
    client.cookies.set("session", mine)
    login = await log_in(client, person, fido_authentication_response=get(device, options))
    assert login.status_code == 200


async def test_another_browsers_challenge_is_worth_nothing(client, make, sign_in):
    person = await make(factories.person())
    device, _ = await register(client, sign_in(person))
    options = await challenge(client, person)
    client.cookies.clear()
    login = await log_in(client, person, fido_authentication_response=get(device, options))
    assert login.json()["wrong_OTP"] is True


async def test_another_origin_is_refused(client, make, sign_in):
    person = await make(factories.person())
    device, _ = await register(client, sign_in(person))
    answer = get(device, await challenge(client, person), "https://phishing.example")
    assert (await log_in(client, person, fido_authentication_response=answer)).status_code == 400


async def test_somebody_elses_key_is_refused(client, make, sign_in):
    person, other = await make(factories.person(), factories.person())
    await register(client, sign_in(person))
    theirs, _ = await register(client, sign_in(other))
    answer = get(theirs, await challenge(client, person))
    assert (await log_in(client, person, fido_authentication_response=answer)).status_code == 400


@pytest.mark.parametrize(
    "nonsense", [{"id": "fake"}, {"id": 3}, {"id": "aaaa", "response": None}, {"x": {"y": []}}, {"id": "é"}]
)
async def test_nonsense_is_a_400(client, make, sign_in, nonsense):
    person = await make(factories.person())
    headers = sign_in(person)
    await client.put("/auth/fido", headers=headers)
    payload = {"registration_response": nonsense, "device_name": "Key"}
    assert (await client.post("/auth/fido", json=payload, headers=headers)).status_code == 400
    await register(client, headers)
    await challenge(client, person)
    login = await log_in(client, person, fido_authentication_response=nonsense)
    assert login.status_code == 400


async def test_a_key_needs_a_challenge_before(client, make, sign_in):
    headers = sign_in(await make(factories.person()))
    payload = {"registration_response": {"id": "fake"}, "device_name": "Key"}
    answer = await client.post("/auth/fido", json=payload, headers=headers)
    assert answer.status_code == 400


async def test_names_and_keys_are_registered_once(client, make, sign_in):
    headers = sign_in(await make(factories.person()))
    await register(client, headers)
    _, same_name = await register(client, headers)
    assert same_name.status_code == 400
    _, other = await register(client, headers, "Red key")
    assert other.status_code == 200
    assert "otp_recovery_codes" not in other.json()
    options = (await client.put("/auth/fido", headers=headers)).json()
    assert len(options["excludeCredentials"]) >= 2


async def test_a_key_goes_with_a_proof_alone(client, make, sign_in, session):
    person = await make(factories.person())
    headers = sign_in(person)

    async def remove(**payload):
        return await client.request("DELETE", "/auth/fido", json=payload, headers=headers)

    assert (await remove(device_name="Blue key", recovery_code="x")).status_code == 400
    device, added = await register(client, headers)
    codes = added.json()["otp_recovery_codes"]
    assert (await remove(device_name="Blue key")).json()["wrong_OTP"] is True
    assert (await remove(device_name="Green key", recovery_code=codes[0])).status_code == 400
    proof = get(device, await challenge(client, person))
    assert (await remove(device_name="Blue key", fido_authentication_response=proof)).status_code == 200
    row = await session.get(Person, person.id)
    assert (row.fido_enabled, row.fido_credentials, row.otp_recovery_codes) == (False, [], None)
    assert (await log_in(client, person)).status_code == 200


@pytest.mark.parametrize("values", [{}, {"active": False, "fido_enabled": True, "fido_credentials": []}])
async def test_no_challenge_for_those_without_a_key_or_with_a_closed_account(client, make, values):
    person = await make(factories.person(**values))
    for email in (person.email, "nobody@example.com"):
        answer = await client.get("/auth/fido", params={"email": email})
        assert answer.status_code == 400


class FixedIdDevice(SoftWebauthnDevice):
    """A key whose id begins with a zero byte, which storage as a number drops."""

    def cred_init(self, rp_id, user_handle):
        super().cred_init(rp_id, user_handle)
        self.credential_id = b"\0" + self.credential_id[1:]


async def test_leading_zeros_survive_storage_as_a_number(client, make, sign_in):
    person = await make(factories.person())
    device, _ = await register(client, sign_in(person), device=FixedIdDevice())
    options = await challenge(client, person)
    assert text(device.credential_id) in [each["id"] for each in options["allowCredentials"]]
    login = await log_in(client, person, fido_authentication_response=get(device, options))
    assert login.status_code == 200


def test_a_coordinate_with_leading_zeros_is_restored():
    key = {1: 2, 3: -7, -1: 1, -2: b"\0\0" + b"x" * 30, -3: b"y" * 32}
    restored = parse_cbor(security_keys._restored(security_keys._stored(key)))
    assert restored == key
