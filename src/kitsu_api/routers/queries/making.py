"""The route of a query, made of what its source holds."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.queries import entrance
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.queries.register import OPENINGS, TAGS
from kitsu_api.routers.queries.shapes import answer_of, request_of
from kitsu_api.services import queries as service


def router_of(path: str) -> APIRouter:
    """The query of a source."""
    router, opening = APIRouter(responses=errors(BadRequest, Unauthorized, Forbidden)), OPENINGS[path]
    asked, answered = request_of(path, opening.source), answer_of(path)
    reader = allow(opening.readers)
    words = path.replace("-", " ")

    async def query(payload: Any, session: Session, actor: Actor = reader) -> Response:
        enter = entrance(OPENINGS, actor)
        return json_response(await service.answer(session, enter, path, payload))

    # FastAPI reads the types at run time, when the schemas are known.
    query.__annotations__["payload"] = asked
    router.add_api_route(
        f"/data/query/{path}",
        query,
        methods=["POST"],
        tags=[TAGS[path]],
        response_model=answered,
        operation_id=f"query_{path.replace('-', '_')}",
        summary=f"Query {words}",
        description=(
            f"Those of the {words} that the caller sees and that meet the filter: the chosen fields of them "
            "and of what hangs on them, page by page, or groups of them and what these come to. Fields that "
            "the caller may not read are refused, wherever they are named."
        ),
    )
    return router
