"""Pages of lists that PostgreSQL wrote."""

from __future__ import annotations

from fastapi import Response

from kitsu_api.db.repositories.records import Page
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.list_queries import paged


def page_response(rows: bytes, total: int, page: Page) -> Response:
    """A JSON array as a page of a list of `total` rows."""
    return json_response(paged(rows, total, page))
