"""Filters of the lists of entities: columns, and names that stand for a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import ColumnElement

from kitsu_api.db.filters import conditions
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entity_lists import cast_in, in_episode
from kitsu_api.errors import BadRequest
from kitsu_api.routers.filter_parameters import filter_parameters

Condition = ColumnElement[bool]

FILTERS: dict[str, Any] = {
    "parameters": [parameter for parameter in filter_parameters(ENTITY) if parameter["name"] != "project_id"]
}
"""The columns of entities as parameters of OpenAPI; the production is one that the routes declare."""


def _id(name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadRequest(f"{name}: invalid UUID value: {text}") from error


def entity_filters(
    request: Request, same: Mapping[str, str], special: Mapping[str, Callable[[UUID], Condition]]
) -> list[Condition]:
    """The conditions of a query string. `same` maps names to columns, `special` to conditions.

    Raises:
        BadRequest: a value is not of its column's type.
    """
    columns, found = [], []
    for name, text in request.query_params.multi_items():
        if name in special:
            found.append(special[name](_id(name, text)))
        else:
            columns.append((same.get(name, name), text))
    return [*found, *conditions(ENTITY, columns, ())]


def asset_filters(request: Request) -> list[Condition]:
    """The conditions that a list of assets is asked for with."""
    return entity_filters(request, {"asset_type_id": "entity_type_id"}, {"episode_id": cast_in})


def shot_filters(request: Request) -> list[Condition]:
    """The conditions that a list of shots is asked for with."""
    return entity_filters(request, {"sequence_id": "parent_id"}, {"episode_id": in_episode})


def sequence_filters(request: Request) -> list[Condition]:
    """The conditions that a list of sequences is asked for with."""
    return entity_filters(request, {"episode_id": "parent_id"}, {})


def parent_filters(request: Request) -> list[Condition]:
    """The conditions that a list of episodes, scenes, edits or concepts is asked for with."""
    return entity_filters(request, {"episode_id": "parent_id", "sequence_id": "parent_id"}, {})


def edit_filters(request: Request) -> list[Condition]:
    """The conditions that a list of edits is asked for with."""
    return entity_filters(request, {"episode_id": "parent_id"}, {})
