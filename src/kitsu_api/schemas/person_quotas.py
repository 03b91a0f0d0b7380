"""The shots that somebody finished."""

from __future__ import annotations

from pydantic import Field

from kitsu_api.schemas.entities import EntityRead


class QuotaShot(EntityRead):
    """A shot that somebody finished, or a part of it."""

    full_name: str = Field(description="With the names of its episode and sequence.")
    weight: float = Field(description="1 for the whole shot; a part of it when others shared the work.")
