"""What is answered to a batch: ids, or the rows as they are in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from kitsu_api.routers.batches.planning import Step
from kitsu_api.routers.batches.together import Desk, Outcome
from kitsu_api.routers.crud import Resource
from kitsu_api.schemas.batches import BatchResult

STATUS = {"create": 201, "update": 200, "delete": 204}

Rows = dict[tuple[str, UUID], dict[str, Any]]


async def _rows(desk: Desk, steps: Sequence[Step], outcomes: Sequence[Outcome]) -> Rows:
    """The rows that items made or changed, in a statement for each table."""
    await desk.uow.session.flush()
    wanted: dict[str, set[UUID]] = defaultdict(set)
    registers: dict[str, Resource[Any]] = {}
    for step, outcome in zip(steps, outcomes, strict=True):
        register = step.operation.register
        if register is not None and step.item.action != "delete":
            registers[register.path] = register
            wanted[register.path].add(outcome.id)
    found: Rows = {}
    for path, ids in wanted.items():
        resource = registers[path]
        where = [resource.model.id.in_(ids)]
        rows = await resource.records(desk.uow.session).list_json(
            resource.projection, where, relations=True, masked=resource.masked(desk.actor)
        )
        found |= {(path, UUID(row["id"])): row for row in orjson.loads(rows)}
    return found


async def results_of(
    desk: Desk, steps: Sequence[Step], outcomes: Sequence[Outcome], *, whole: bool
) -> list[BatchResult]:
    """What became of the items, in their order; with `whole`, their rows."""
    rows = await _rows(desk, steps, outcomes) if whole else {}
    results = []
    for step, outcome in zip(steps, outcomes, strict=True):
        register, item = step.operation.register, step.item
        row = outcome.row or (rows.get((register.path, outcome.id)) if register is not None else None)
        results.append(
            BatchResult(
                index=step.index,
                key=item.key,
                action=item.action,
                resource=item.resource,
                status=STATUS[item.action],
                id=outcome.id,
                row=row if item.action != "delete" else None,
            )
        )
    return results
