"""Which addresses are called, and what is sent there."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address

import pytest
from standardwebhooks.webhooks import Webhook

from kitsu_api.services import outside
from kitsu_api.services.outside import AddressRefused, call, check_url, is_public, look_up
from kitsu_api.services.signatures import key_of, new_secret, signed_headers
from tests.workers.receiver import receiver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_addresses_within_are_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com",
        "file:///etc/passwd",
        "example.com",
        "http://",
        "https://me:pw@example.com",
        "http://a#b",
    ],
)
def test_only_plain_addresses_are_called(url):
    with pytest.raises(AddressRefused):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://127.0.0.1:9",
        "http://2130706433",
        "http://0x7f.1",
        "http://[::1]",
        "http://[::ffff:10.0.0.1]",
        "http://169.254.169.254/latest/meta-data",
        "http://no-such-host.invalid",
    ],
)
async def test_hosts_within_are_refused_however_they_are_spelt(url):
    with pytest.raises(AddressRefused):
        await look_up(check_url(url), allow_private=False)


async def test_a_name_is_looked_up_once_and_connected_to_as_it_was_checked(monkeypatch):
    """DNS rebinding: the second answer of a name server points inwards."""
    async with receiver() as server:
        answers = iter(["8.8.8.8", "127.0.0.1"])
        asked = []

        async def getaddrinfo(self, host, port, **_options):
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        connected = []

        async def post(url, address, body, headers):
            connected.append(address)
            return 200

        loop = "asyncio.base_events.BaseEventLoop.getaddrinfo"
        monkeypatch.setattr(loop, getaddrinfo)
        with monkeypatch.context() as patched:
            patched.setattr(outside, "_post", post)
            first = await call(f"http://hooks.example:{server.port}", b"{}", {}, allow_private=False)
        assert (first.ok, connected, asked) == (True, ["8.8.8.8"], ["hooks.example"])
        second = await call(f"http://hooks.example:{server.port}", b"{}", {}, allow_private=False)
        assert "may not be called" in str(second.error)
        assert server.connections == 0


async def test_one_bad_address_among_good_ones_spoils_the_name(monkeypatch):
    async def getaddrinfo(self, host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", getaddrinfo)
    with pytest.raises(AddressRefused):
        await look_up(check_url("http://mixed.example"), allow_private=False)


async def test_the_name_is_kept_in_the_request_and_redirects_and_proxies_are_not_followed(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with receiver() as server:
        server.answer = lambda _: (302, {})
        outcome = await call(
            f"http://localhost:{server.port}/in?a=b", b"{}", {"x-a": "1"}, allow_private=True
        )
    (request,) = server.received
    assert (request.path, request.headers["host"]) == ("/in?a=b", f"localhost:{server.port}")
    assert (request.headers["x-a"], request.body) == ("1", b"{}")
    assert (outcome.ok, outcome.status) == (False, 302)
    assert "redirect" in str(outcome.error)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "abc", "whsec_not base64!", "whsec_c2hvcnQ=", "whsec_" + "A" * 200]
)
def test_secrets_have_a_form(secret):
    with pytest.raises(ValueError, match=r"secret|base64"):
        key_of(secret)


def test_signatures_are_those_of_the_standard():
    secret, body = new_secret(), b'{"type":"task:update"}'
    headers = signed_headers(secret, "msg_1", int(time.time()), body)
    assert Webhook(secret).verify(body, headers) == {"type": "task:update"}
