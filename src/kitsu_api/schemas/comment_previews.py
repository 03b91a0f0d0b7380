"""Previews that are hung on comments."""

from __future__ import annotations

from kitsu_api.schemas.base import Integer, Payload


class NewPreview(Payload):
    """A preview to hang on a comment."""

    revision: Integer | None = None
