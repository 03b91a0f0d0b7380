"""Whose address counts, and what asks like a browser."""

from __future__ import annotations

import pytest
from fastapi import Request

from kitsu_api.permissions.clients import asks_like_a_browser, client_address
from kitsu_api.settings import Settings


def request(peer: str | None = "127.0.0.1", **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": (peer, 1) if peer else None, "headers": pairs})


def settings(*trusted: str) -> Settings:
    return Settings.model_construct(trusted_proxies=trusted)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("203.0.113.5", "198.51.100.7", ("127.0.0.1",), "203.0.113.5"),
        ("127.0.0.1", "198.51.100.7", ("127.0.0.1",), "198.51.100.7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.7", ("127.0.0.1",), "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 10.0.0.2", ("127.0.0.1", "10.0.0.0/8"), "198.51.100.7"),
        ("127.0.0.1", "10.0.0.3, 10.0.0.2", ("127.0.0.1", "10.0.0.0/8"), "10.0.0.3"),
        ("127.0.0.1", "<script>", ("127.0.0.1",), "127.0.0.1"),
        ("127.0.0.1", "", ("127.0.0.1",), "127.0.0.1"),
        ("::1", "2001:db8::1", ("::1",), "2001:db8::1"),
        ("::ffff:203.0.113.5", "198.51.100.7", ("127.0.0.1",), "203.0.113.5"),
        ("127.0.0.1", "198.51.100.7", ("nonsense",), "127.0.0.1"),
        ("testclient", "198.51.100.7", ("127.0.0.1",), ""),
        (None, "198.51.100.7", ("127.0.0.1",), ""),
    ],
)
def test_the_header_is_believed_as_far_as_trusted_proxies_wrote_it(peer, forwarded, trusted, address):
    assert client_address(request(peer, x_forwarded_for=forwarded), settings(*trusted)) == address


@pytest.mark.parametrize(
    ("headers", "browser"),
    [
        ({"user_agent": "Mozilla/5.0 (anything)"}, True),
        ({"user_agent": "curl/8", "sec_fetch_mode": "cors"}, True),
        ({"user_agent": "curl/8", "origin": "https://kitsu.example"}, True),
        ({"user_agent": "python-requests/2.32"}, False),
        ({}, False),
    ],
)
def test_browsers_are_known_by_their_way_of_asking(headers, browser):
    assert asks_like_a_browser(request(**headers)) is browser
