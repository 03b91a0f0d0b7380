"""Contact sheets: the thumbnails of many previews in one picture."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Payload, Schema

SHEET_AT_MOST = 200
SheetKind = Literal["thumbnail", "square"]


class SheetWish(Payload):
    """Which thumbnails to put together."""

    preview_file_ids: Annotated[list[UUID], Field(min_length=1, max_length=SHEET_AT_MOST)] = Field(
        description=f"At most {SHEET_AT_MOST}; doubles count once."
    )
    kind: SheetKind = Field(default="thumbnail", description="150 x 100 pixels, or 100 x 100.")


class SheetCell(Schema):
    """Where the thumbnail of a preview is, in pixels from the upper left corner."""

    preview_file_id: UUID
    x: int
    y: int


class SheetRead(Schema):
    """A contact sheet, and where on it each thumbnail is."""

    id: UUID
    image: str | None = Field(
        description="Path of the picture, good for some hours: PNG, or AVIF or WebP as `Accept` says."
    )
    width: int
    height: int
    cell_width: int
    cell_height: int
    cells: list[SheetCell]
    missing: list[UUID] = Field(description="Previews without a thumbnail, or that the caller doesn't see.")
