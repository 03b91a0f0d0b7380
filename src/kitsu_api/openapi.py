"""The OpenAPI document: what every operation has in common."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

DESCRIPTION = "Back end of a production tracker for animation, VFX and game studios."


def describe(app: FastAPI) -> None:
    """Let the app build its document in this way, once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = get_openapi(
                title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # how FastAPI documents it
