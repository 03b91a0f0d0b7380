"""The query parameters of lists and single rows."""

import math
from typing import Annotated

from fastapi import Depends, Query, Request

from kitsu_api.db.repositories.records import Page
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.settings import Settings


class ListQuery:
    """The parameters that every list takes, beside one a column."""

    def __init__(
        self,
        request: Request,
        page: Annotated[
            int | None, Query(description="Number of the page, from 1; absent: all rows.")
        ] = None,
        limit: Annotated[int | None, Query(ge=1, description="Rows of a page.")] = None,
        relations: Annotated[bool, Query(description="Add the ids of related rows.")] = False,
        fields: Annotated[str | None, Query(description="Only these columns, comma separated.")] = None,
    ) -> None:
        self.filters = request.query_params.multi_items()
        self.relations = relations
        self.fields = [part.strip() for part in fields.split(",")] if fields else None
        self._page, self._limit = page, limit

    def page(self, settings: Settings) -> Page | None:
        """The page asked for; None when the whole list is."""
        if self._page is None:
            return None
        limit = min(self._limit or settings.records_per_page, settings.max_records_per_page)
        return Page(max(min(self._page, 2**31), 0), limit)


class OneQuery:
    """The parameters that a single row takes."""

    def __init__(
        self,
        relations: Annotated[bool, Query(description="Add the ids of related rows.")] = True,
        fields: Annotated[str | None, Query(description="Only these columns, comma separated.")] = None,
    ) -> None:
        self.relations = relations
        self.fields = [part.strip() for part in fields.split(",")] if fields else None


Listed = Annotated[ListQuery, Depends(in_loop(ListQuery))]
Single = Annotated[OneQuery, Depends(in_loop(OneQuery))]


def paged(rows: bytes, total: int, page: Page) -> bytes:
    """The JSON object of a page: its rows, and where it is among all."""
    pages = math.ceil(total / page.limit)
    end = f',"total":{total},"nb_pages":{pages},"limit":{page.limit}'
    return b'{"data":' + rows + end.encode() + f',"offset":{page.offset},"page":{page.number}}}'.encode()
