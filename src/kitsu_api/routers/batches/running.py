"""Batches as they are made: all items, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kitsu_api.db.remembered import remember
from kitsu_api.errors import ApiError, BadRequest
from kitsu_api.rendering import refusal_of
from kitsu_api.routers.batches.planning import MOST_ERRORS, ItemError, Step, error_of, references, refusal
from kitsu_api.routers.batches.together import Call, Desk, Outcome
from kitsu_api.schemas.batches import Reference

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


async def _make_all(desk: Desk, steps: Sequence[Step], ids: dict[str, UUID]) -> list[Outcome]:
    """Make items of one kind together. What was foreseen of them is forgotten: later items may change it.

    Raises:
        ApiError: one of them is refused.
    """
    run_all = steps[0].operation.run_all
    if run_all is None or len(steps) == 1:
        return [await _make(desk, step, ids) for step in steps]
    try:
        calls = [Call(step.id(ids), step.payload(ids), step.item) for step in steps]
        outcomes = await run_all(desk, calls)
        await desk.uow.session.flush()
    except DBAPIError as error:
        told = refusal_of(error)
        if told is None:
            raise
        raise told from error
    remember(desk.uow.session)
    for step, outcome in zip(steps, outcomes, strict=True):
        if step.item.key is not None:
            ids[step.item.key] = outcome.id
    return outcomes


def _runs(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps of one kind that follow each other, and of which none needs what another one makes or changes."""
    run: list[Step] = []
    about: set[object] = set()
    for step in steps:
        needed, id = references(step.item), step.item.id
        own: set[object] = set() if id is None else {id.key if isinstance(id, Reference) else id}
        alike = bool(run) and run[0].operation is step.operation
        if run and not (alike and about.isdisjoint(own) and about.isdisjoint(needed)):
            yield run
            run, about = [], set()
        run.append(step)
        about |= own if step.item.key is None else own | {step.item.key}
    if run:
        yield run


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
    run = list(steps[:1])
    try:
        for run in _runs(steps):
            outcomes += await _make_all(desk, run, ids)
    except ApiError as error:
        first = error_of(run[0].index, run[0].item, error)
    else:
        return outcomes
    await desk.uow.undo()
    errors = await _failures(desk, steps)
    await desk.uow.undo()
    raise refusal(errors or [first], len(steps))
