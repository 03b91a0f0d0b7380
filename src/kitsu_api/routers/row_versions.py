"""Rows that are to be changed: whether the caller may, and which state of them is meant."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Header, Response
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record
from kitsu_api.db.repositories.records import EVERYTHING, Condition, Records
from kitsu_api.errors import Forbidden, NotFound, PreconditionFailed

M = TypeVar("M", bound=Record)

IfMatch = Annotated[
    str | None,
    Header(max_length=1000, description="Only if the row is still in this state: the `ETag` of a read."),
]


def etag_of(version: str) -> str:
    """The `ETag` of a row's state."""
    return f'"{version}"'


def row_response(row: tuple[bytes, str], status: int = 200) -> Response:
    """A row, with the `ETag` by which a change can say which state it means."""
    return Response(row[0], status, {"etag": etag_of(row[1])}, media_type="application/json")


async def check_match(records: Records[Any], id: UUID, if_match: str | None) -> None:
    """Look at the `If-Match` of a change to a row that is locked.

    Raises:
        PreconditionFailed: it names another state than the row's.
    """
    if if_match is None or if_match.strip() == "*":
        return
    version = await records.version(id)
    if version is None or etag_of(version) not in {tag.strip() for tag in if_match.split(",")}:
        raise PreconditionFailed("Somebody changed this meanwhile. Read it again, then change it.")


async def check_row(session: AsyncSession, model: type[Record], id: UUID, if_match: str | None) -> None:
    """`check_match` of a row that is not locked yet: it stays as it is until the transaction ends.

    Raises:
        PreconditionFailed: it is in another state than `if_match` names.
    """
    if if_match is None or if_match.strip() == "*":
        return
    records = Records(session, model)
    await records.find_in_scope(id, EVERYTHING)
    await check_match(records, id, if_match)


async def writable(records: Records[M], id: UUID, scope: Condition) -> M:
    """A row that the caller may touch, locked.

    Raises:
        NotFound: there is none.
        Forbidden: it lies outside the caller's scope.
    """
    found = await records.find_in_scope(id, scope)
    if found is None:
        raise NotFound
    record, allowed = found
    if not allowed:
        raise Forbidden
    return record
