"""What asks: its address, and whether it asks in a browser's way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request

from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.settings import Settings

WEBAUTHN_COOKIE = "session"
"""Ties a WebAuthn challenge to the browser that asked for it; web clients send it back unseen."""


@dataclass(frozen=True)
class Client:
    """The other end of a request."""

    address: str
    """IP address; empty when there is none, as on a Unix socket."""
    browser: bool
    webauthn_session: str | None = None

    @property
    def origin(self) -> str:
        """How sign-in logs name it."""
        return "web" if self.browser else "script"


LONGEST = 100
"""Characters of an address, with the name of its zone: headers may hold anything."""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    return _read(text.strip().strip("[]")) if len(text) <= LONGEST else None


@lru_cache(maxsize=1024)
def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, IPv4Address) else address


@lru_cache(maxsize=1024)
def _is_trusted(address: IPv4Address | IPv6Address, trusted: tuple[str, ...]) -> bool:
    for entry in trusted:
        try:
            if address in ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return False


def is_trusted_proxy(address: str, settings: Settings) -> bool:
    """Whether an address is one of the proxies whose headers are believed."""
    parsed = _parsed(address)
    return parsed is not None and _is_trusted(parsed, tuple(settings.trusted_proxies))


def client_address(request: Request, settings: Settings) -> str:
    """The address that asks. `X-Forwarded-For` is read from its end, as far as trusted proxies wrote it."""
    peer = _parsed(request.client.host) if request.client else None
    if peer is None:
        return ""
    hops = [hop for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    while hops and _is_trusted(peer, tuple(settings.trusted_proxies)):
        hop = _parsed(hops.pop())
        if hop is None:
            break
        peer = hop
    return str(peer)


def asks_like_a_browser(request: Request) -> bool:
    """Whether the headers are those that browsers send, whatever their name: then cookies are of use."""
    headers = request.headers
    return (
        headers.get("user-agent", "").startswith("Mozilla/")
        or "sec-fetch-mode" in headers
        or "origin" in headers
    )


def client_of(request: Request) -> Client:
    """The client of a request."""
    settings: Settings = request.app.state.settings
    return Client(
        address=client_address(request, settings),
        browser=asks_like_a_browser(request),
        webauthn_session=request.cookies.get(WEBAUTHN_COOKIE),
    )


Caller = Annotated[Client, Depends(in_loop(client_of))]
