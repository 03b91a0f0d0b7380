"""Places in the log of events."""

from __future__ import annotations

from kitsu_api.db.repositories.event_feed import FORGOTTEN, EventFeed
from kitsu_api.errors import BadRequest, Gone
from kitsu_api.schemas.base import BIG_INTEGER_LIMIT
from kitsu_api.unit_of_work import UnitOfWork


def read_sequence(name: str, text: str) -> int:
    """The number of an event, as a client sends it.

    Raises:
        BadRequest: it is no such number.
    """
    # isdecimal() alone takes the digits of every script
    if not (text.isascii() and text.isdecimal()) or int(text[:20]) > BIG_INTEGER_LIMIT:
        raise BadRequest(f"{name}: expected the number of an event.")
    return int(text)


async def check_position(uow: UnitOfWork, sequence: int) -> int:
    """Whether the log can be read on from an event; the last number of the log.

    Raises:
        BadRequest: the log does not go so far: the number is of another database, or of one before a restore.
        Gone: events after it were deleted.
    """
    feed = EventFeed(uow.session)
    last = await feed.number()
    if sequence > last:
        raise BadRequest(
            f"The log ends at {last}: no event has the number {sequence}. Start anew from there."
        )
    forgotten = await feed.cursor(FORGOTTEN)
    if sequence < forgotten:
        raise Gone(f"Events up to {forgotten} were deleted. Read the data anew, then go on from there.")
    return last


async def end_of_log(uow: UnitOfWork) -> int:
    """The last number of the log, once all that has committed has one."""
    return await EventFeed(uow.session).number()
