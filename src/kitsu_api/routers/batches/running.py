"""Batches as they are made: all items, or none."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kitsu_api.db.remembered import remember
from kitsu_api.errors import ApiError, BadRequest
from kitsu_api.rendering import refusal_of
from kitsu_api.routers.batches.operations import Desk, Outcome
from kitsu_api.routers.batches.planning import MOST_ERRORS, ItemError, Step, error_of, references, refusal

REMEMBERED = frozenset({"entity-types", "projects"})
"""Resources of which something is remembered from item to item, until one of them changes."""


async def _make(desk: Desk, step: Step, ids: dict[str, UUID]) -> Outcome:
    """Make one item.

    Raises:
        ApiError: it is refused, as its route would refuse it.
    """
    try:
        outcome = await step.operation.run(desk, step.id(ids), step.payload(ids), step.item)
        await desk.uow.session.flush()
    except DBAPIError as error:
        told = refusal_of(error)
        if told is None:
            raise
        raise told from error
    if step.item.resource in REMEMBERED:
        remember(desk.uow.session)
    if step.item.key is not None:
        ids[step.item.key] = outcome.id
    return outcome


async def _failures(desk: Desk, steps: Sequence[Step]) -> list[ItemError]:
    """Why items are refused: each is tried, those that can be are kept for the ones that need them."""
    remember(desk.uow.session)
    ids: dict[str, UUID] = {}
    errors: list[ItemError] = []
    for step in steps:
        missing = sorted(key for key in references(step.item) if key not in ids)
        try:
            if missing:
                raise BadRequest(f"Item {missing[0]}, to which this one refers, can't be done.")
            async with desk.uow.attempt():
                await _make(desk, step, ids)
        except ApiError as error:
            errors.append(error_of(step.index, step.item, error))
            remember(desk.uow.session)  # some of it may have been undone
            if len(errors) >= MOST_ERRORS:
                break
    return errors


async def run(desk: Desk, steps: Sequence[Step]) -> list[Outcome]:
    """Make all items in their order.

    A batch that is in order costs no savepoints. One that is not is undone, and tried once more item by item
    to tell all that is wrong with it.

    Raises:
        BadRequest: some are refused; `errors` says which, and why. Nothing is stored.
    """
    remember(desk.uow.session)
    ids: dict[str, UUID] = {}
    outcomes: list[Outcome] = []
    step = steps[0]
    try:
        for step in steps:
            outcomes.append(await _make(desk, step, ids))
    except ApiError as error:
        first = error_of(step.index, step.item, error)
    else:
        return outcomes
    await desk.uow.undo()
    errors = await _failures(desk, steps)
    await desk.uow.undo()
    raise refusal(errors or [first], len(steps))
