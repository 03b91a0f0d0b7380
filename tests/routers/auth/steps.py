"""What people do at sign-in, for the tests of this folder."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from httpx import AsyncClient, Response

from kitsu_api.db.models import Person
from tests.factories import PASSWORD

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) SomeBrowser/1.0"}
SCRIPT = {"User-Agent": "python-requests/2.32"}


async def log_in(
    client: AsyncClient, person: Person, password: str = PASSWORD, headers: Any = None, **more: Any
) -> Response:
    payload = {"email": person.email, "password": password, **more}
    return await client.post("/auth/login", json=payload, headers=headers or SCRIPT)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def totp_code(secret: str, steps: int = 0) -> str:
    """The code of this moment, or of so many steps of 30 seconds from now."""
    totp = pyotp.TOTP(secret)
    return totp.generate_otp(totp.timecode(datetime.now(UTC)) + steps)


def mails(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The mails that were printed to the log."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "kitsu_api.services.mails" and record.getMessage().startswith("Mail to")
    ]


def reset_token(mail: str) -> str:
    found = re.search(r"token=([\w-]+)", mail)
    assert found, mail
    return found.group(1)


def mailed_code(mail: str) -> str:
    found = re.search(r"code is (\d{6})", mail)
    assert found, mail
    return found.group(1)


async def set_up_totp(client: AsyncClient, headers: dict[str, str]) -> tuple[str, list[str]]:
    """Turn an authenticator app on: its secret and the recovery codes. The code one step back is used up."""
    prepared = await client.put("/auth/totp", headers=headers)
    assert prepared.status_code == 200, prepared.text
    secret = prepared.json()["otp_secret"]
    enabled = await client.post("/auth/totp", json={"totp": totp_code(secret, -1)}, headers=headers)
    assert enabled.status_code == 200, enabled.text
    return secret, enabled.json().get("otp_recovery_codes", [])
