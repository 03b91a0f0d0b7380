"""Calls to addresses that users chose: never into the network that the server itself is in.

The address is looked up once, checked, and connected to as it was checked, so that a name which points
elsewhere a moment later (DNS rebinding) leads nowhere. Redirects are not followed, and proxies of the
environment are not used: both would connect to what nobody has checked.
"""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from kitsu_api import __version__

SECONDS = 15.0
"""How long a call may take, all in all."""

LOOK_UP_SECONDS = 5.0
ANSWER_BYTES = 2_048
"""What is read of an answer at most: nobody needs it, and it may have no end."""

NAT64 = ip_network("64:ff9b::/96")
"""IPv4 addresses within IPv6 ones (RFC 6052)."""

Address = IPv4Address | IPv6Address


class AddressRefused(Exception):
    """The address may not be called; the text says why, and is fit for users."""


@dataclass(frozen=True)
class Outcome:
    """What became of a call."""

    status: int | None
    error: str | None
    duration_ms: int

    @property
    def ok(self) -> bool:
        """Whether the other side has taken it."""
        return self.status is not None and 200 <= self.status < 300


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet's: not private, loopback, link-local (there, clouds keep
    their metadata), shared, multicast or reserved, nor one of these in the clothes of another protocol."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner is None and address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check_url(url: str) -> httpx.URL:
    """An address that can be called.

    Raises:
        AddressRefused: it is none.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused("The URL is not valid.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise AddressRefused("The URL must begin with https:// or http:// and name a host.")
    if parsed.userinfo or parsed.fragment:
        raise AddressRefused("The URL may hold neither a user nor a fragment.")
    return parsed


async def look_up(url: httpx.URL, *, allow_private: bool) -> str:
    """The address that a host stands for.

    Raises:
        AddressRefused: it stands for none, or for one that may not be called.
    """
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise AddressRefused(f"The host {url.host} can't be found.") from error
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise AddressRefused(f"The host {url.host} can't be found.")
    # one that may not be called among others is a trap, whichever is taken
    if not allow_private and not all(map(is_public, addresses)):
        raise AddressRefused(f"The host {url.host} lies in a network that may not be called from here.")
    return str(addresses[0])


async def call(url: str, body: bytes, headers: dict[str, str], *, allow_private: bool) -> Outcome:
    """Post a body; never raises."""
    began = time.monotonic()

    def outcome(status: int | None, error: str | None) -> Outcome:
        return Outcome(status, error, int((time.monotonic() - began) * 1000))

    try:
        async with asyncio.timeout(SECONDS):
            parsed = check_url(url)
            address = await look_up(parsed, allow_private=allow_private)
            status = await _post(parsed, address, body, headers)
    except AddressRefused as refused:
        return outcome(None, str(refused))
    except TimeoutError:
        return outcome(None, f"No answer within {SECONDS:.0f} seconds.")
    except httpx.HTTPError as error:
        # the name of the fault alone: its text may say more of the network than the owner should know
        return outcome(None, f"The call failed: {type(error).__name__}.")
    if 300 <= status < 400:
        return outcome(status, "The answer was a redirect, which is not followed. Set the final URL.")
    return outcome(status, None if 200 <= status < 300 else f"The answer was {status}.")


async def _post(url: httpx.URL, address: str, body: bytes, headers: dict[str, str]) -> int:
    sent = {
        "user-agent": f"kitsu-api/{__version__}",
        "content-type": "application/json",
        **headers,
        "host": url.netloc.decode(),
    }
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client:
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=sent,
            # the certificate is that of the name, not of the address
            extensions={"sni_hostname": url.host},
        )
        answer = await client.send(request, stream=True)
        try:
            read = 0
            async for part in answer.aiter_raw():
                read += len(part)
                if read > ANSWER_BYTES:
                    break
        finally:
            await answer.aclose()
        return answer.status_code
