"""Signing in elsewhere, where it is not set up."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/auth/saml/login"),
        ("POST", "/auth/saml/sso"),
        ("GET", "/auth/oidc/login"),
        ("GET", "/auth/oidc/callback"),
    ],
)
async def test_what_is_not_set_up_says_so(client, method, path):
    answer = await client.request(method, path)
    assert answer.status_code == 400
    assert "not enabled" in answer.json()["message"]
