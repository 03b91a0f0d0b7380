"""The OpenAPI document itself."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from kitsu_api.schemas.base import Schema


class OpenApiDocument(Schema):
    """A document as <https://spec.openapis.org/oas/v3.1.0> describes it."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]
