"""Pages of lists that PostgreSQL wrote."""

from __future__ import annotations

import math

from fastapi import Response

from kitsu_api.db.repositories.records import Page
from kitsu_api.routers.crud import json_response


def page_response(rows: bytes, total: int, page: Page) -> Response:
    """A JSON array as a page of a list of `total` rows."""
    pages = math.ceil(total / page.limit)
    end = f',"total":{total},"nb_pages":{pages},"limit":{page.limit}'
    end += f',"offset":{page.offset},"page":{page.number}}}'
    return json_response(b'{"data":' + rows + end.encode())
