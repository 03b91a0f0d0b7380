"""Who draws on what a playlist shows."""

from __future__ import annotations

import pytest

from tests import factories
from tests.routers.playlists.stage import take

DRAWING = {"additions": [{"time": 0, "drawing": {"objects": [{"id": "one", "type": "path"}]}}]}


@pytest.mark.parametrize(
    ("role", "alone", "assigned"),
    [
        ("manager", 200, 200),
        ("supervisor", 200, 200),
        ("client", 200, 200),
        ("user", 403, 200),
        ("vendor", 403, 200),
    ],
)
async def test_artists_draw_on_what_they_work_on(client, as_role, make, stage, role, alone, assigned):
    preview = await make(take(stage, stage.tasks.first, 1))
    who = await as_role(role, on=stage.film)
    path = f"/actions/preview-files/{preview.id}/update-annotations"
    assert (await client.put(path, json=DRAWING, headers=who)).status_code == alone
    await make(factories.assignation(stage.tasks.first, who.person))
    assert (await client.put(path, json=DRAWING, headers=who)).status_code == assigned
