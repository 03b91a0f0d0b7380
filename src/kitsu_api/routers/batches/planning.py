"""Items of a batch looked at before anything is written: what can be refused at once, all of it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from kitsu_api.errors import ApiError, BadRequest, Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.rendering import validation_message
from kitsu_api.routers.batches.operations import OPERATIONS, Operation
from kitsu_api.schemas.batches import BatchItem, Reference

REFERENCE = "@ref"
MOST_ERRORS = 100
"""Errors that are told of one batch."""

Ids = Mapping[str, UUID]


@dataclass(frozen=True)
class Step:
    """An item, and how it is made."""

    index: int
    item: BatchItem
    operation: Operation

    def id(self, ids: Ids) -> UUID | None:
        """What the item changes; `ids` are those of earlier items, by their keys."""
        named = self.item.id
        return ids[named.key] if isinstance(named, Reference) else named

    def payload(self, ids: Ids) -> BaseModel | None:
        """The body of the change.

        Raises:
            BadRequest: it is not what the route takes.
        """
        if self.operation.body is None:
            return None
        try:
            return self.operation.body.model_validate(_resolved(self.item.values, ids))
        except ValidationError as error:
            raise BadRequest(validation_message(RequestValidationError(error.errors()))) from None


@dataclass(frozen=True)
class ItemError:
    """Why an item was refused."""

    index: int
    key: str | None
    status: int
    message: str


def error_of(index: int, item: BatchItem, error: ApiError) -> ItemError:
    """What is told of an item that was refused."""
    return ItemError(index, item.key, int(error.status), error.text)


def refusal(errors: Sequence[ItemError], items: int) -> BadRequest:
    """The answer to a batch of which something was refused."""
    told = [
        {"index": one.index, "key": one.key, "status": one.status, "message": one.message}
        for one in errors[:MOST_ERRORS]
    ]
    first = errors[0]
    message = f"{len(errors)} of {items} items can't be done, nothing was stored. Item {first.index}: "
    return BadRequest(message + first.message, errors=told)


def _referred(value: Any) -> str | None:
    """The key that a value refers to, if it is a reference."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get(REFERENCE), str):
        key: str = value[REFERENCE]
        return key
    return None


def _resolved(value: Any, ids: Ids) -> Any:
    """A value with ids in place of its references."""
    key = _referred(value)
    if key is not None:
        return str(ids[key])
    if isinstance(value, dict):
        return {name: _resolved(one, ids) for name, one in value.items()}
    return [_resolved(one, ids) for one in value] if isinstance(value, list) else value


def references(item: BatchItem) -> set[str]:
    """The keys of the items that an item refers to."""
    found = {item.id.key} if isinstance(item.id, Reference) else set()
    waiting: list[Any] = [item.values]
    while waiting:
        value = waiting.pop()
        key = _referred(value)
        if key is not None:
            found.add(key)
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _operation(actor: Actor, item: BatchItem) -> Operation:
    """How an item is made.

    Raises:
        BadRequest: there is no such change, or the item has an id that it can't have, or lacks one.
        Forbidden: the caller, or their key, may not make it.
    """
    operation = OPERATIONS.get((item.action, item.resource))
    if operation is None:
        known = any(resource == item.resource for _, resource in OPERATIONS)
        raise BadRequest(
            f"{item.resource}: nothing of it can be {item.action}d in a batch."
            if known
            else f"resource: there is no {item.resource}."
        )
    if (item.id is None) is not (item.action == "create"):
        raise BadRequest("id: what is made has none yet." if item.id else "id: what is to be changed?")
    if item.action == "create" and (item.force or item.if_match):
        raise BadRequest("force, if_match: there is nothing yet that they could be about.")
    if item.action == "delete" and item.values:
        raise BadRequest("values: a deletion takes none.")
    if not actor.reaches(operation.reach):
        raise Forbidden(f"This API key is not good for {operation.reach}.")
    if not operation.allowed(actor):
        raise Forbidden
    return operation


def _step(actor: Actor, index: int, item: BatchItem, before: Ids) -> Step:
    if item.key in before:
        raise BadRequest(f"key: there is an earlier item {item.key}.")
    for key in sorted(references(item)):
        if key not in before:
            raise BadRequest(f"There is no earlier item {key[:80]} to refer to.")
    step = Step(index, item, _operation(actor, item))
    step.payload(before)
    return step


def plan(actor: Actor, items: Sequence[BatchItem]) -> list[Step]:
    """How the items are made.

    Raises:
        BadRequest: some are malformed, refer to nothing, or are not the caller's to make.
    """
    steps, errors = [], []
    stand_ins: dict[str, UUID] = {}
    for index, item in enumerate(items):
        try:
            steps.append(_step(actor, index, item, stand_ins))
        except ApiError as error:
            errors.append(error_of(index, item, error))
        if item.key is not None:
            stand_ins[item.key] = uuid4()  # ids are not known yet; any will do to look at the form
    if errors:
        raise refusal(errors, len(items))
    return steps
