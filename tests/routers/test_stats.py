"""Counts of the whole studio."""

from __future__ import annotations

import pytest

from tests import factories


async def test_previews_are_counted_by_kind_in_one_statement(client, as_role, make, count_statements):
    rows = factories.production()
    await make(*rows)
    for extension in ("mp4", "png", "PNG", "glb", "pdf"):
        await make(factories.preview_file(rows.task, rows.person, extension=extension))
    await make(factories.comment(rows.task, rows.person))
    admin = await as_role("admin")
    with count_statements() as statements:
        answer = await client.get("/stats", headers=admin)
    assert answer.json() == {
        "number_of_video_previews": 1,
        "number_of_picture_previews": 2,
        "number_of_model_previews": 1,
        "number_of_comments": 1,
    }
    assert statements.count == 2  # who asks, and the counts


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_counts_are_for_admins(client, as_role, role):
    assert (await client.get("/stats", headers=await as_role(role))).status_code == 403


async def test_counts_are_for_people_who_signed_in(client):
    assert (await client.get("/stats")).status_code == 401
