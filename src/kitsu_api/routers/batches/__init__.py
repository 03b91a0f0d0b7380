"""Batches: many changes in one transaction, by the rules and rights of the routes that make one of them."""

from __future__ import annotations

from fastapi import APIRouter

from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.batches.document import type_items
from kitsu_api.routers.batches.planning import plan
from kitsu_api.routers.batches.results import results_of
from kitsu_api.routers.batches.running import run
from kitsu_api.routers.batches.together import Desk
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas.batches import BatchAnswer, BatchRequest
from kitsu_api.schemas.bodies import COMPLETIONS
from kitsu_api.unit_of_work import Uow

ORDER = -1
"""Before routes of `/data/…` that have a variable where this one has a word."""

COMPLETIONS.append(type_items)

router = APIRouter(tags=["Batches"], responses=errors(BadRequest, Unauthorized, Forbidden))


@router.post("/data/batch", operation_id="run_batch", summary="Make many changes at once")
async def run_batch(
    payload: BatchRequest, uow: Uow, storage: Storage, actor: Actor = allow(anyone)
) -> BatchAnswer:
    """Create, change and delete up to 1000 rows, all of them or none.

    Items are made in their order, each by the rules and rights of the route that makes one such change; later
    ones may refer to what earlier ones made. When some are refused, nothing is stored, and `errors` says of
    each: `index`, `key`, `status`, `message`.
    """
    desk = Desk(uow, actor, storage)
    steps = plan(actor, payload.items)
    outcomes = await run(desk, steps)
    return BatchAnswer(results=await results_of(desk, steps, outcomes, whole=payload.answer == "rows"))
