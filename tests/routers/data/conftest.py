"""A stored production, and an admin."""

from __future__ import annotations

import pytest

from tests.routers.data.payloads import World


@pytest.fixture
async def world(make) -> World:
    return await World(make).store()


@pytest.fixture
async def admin(as_role):
    return await as_role("admin")
