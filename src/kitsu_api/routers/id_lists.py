"""Lists of ids in a query string: repeated, or separated by commas."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kitsu_api.errors import BadRequest


def read_ids(name: str, texts: Sequence[str] | None) -> list[UUID]:
    """The ids of a parameter; empty texts stand for none.

    Raises:
        BadRequest: one of them is no id.
    """
    try:
        return [UUID(part.strip()) for text in texts or () for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise BadRequest(f"The {name} parameter contains an invalid id") from error
