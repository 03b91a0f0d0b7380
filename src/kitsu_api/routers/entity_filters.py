"""Filters of the lists of entities: columns, and names that stand for a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import ColumnElement, not_, or_

from kitsu_api.db.filters import conditions, values_of
from kitsu_api.db.models import Entity
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entity_lists import cast_in, in_an_episode, in_episode
from kitsu_api.errors import BadRequest
from kitsu_api.routers.filter_parameters import filter_parameters

Condition = ColumnElement[bool]

FILTERS: dict[str, Any] = {
    "parameters": [parameter for parameter in filter_parameters(ENTITY) if parameter["name"] != "project_id"]
}
"""The columns of entities as parameters of OpenAPI; the production is one that the routes declare."""


NONE: Mapping[str, str] = {}
NO_EPISODE = ("main", "null", "None")
"""What names what is of no episode."""


@dataclass(frozen=True)
class OfEpisode:
    """Which entities of a kind are of an episode, and which are of none."""

    one: Callable[[UUID], Condition]
    none: Condition


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadRequest(f"episode_id: invalid UUID value: {text}") from error


def entity_filters(
    request: Request, same: Mapping[str, str] = NONE, episode: OfEpisode | None = None
) -> list[Condition]:
    """The conditions of a query string. `same` maps names to columns, `episode` says what is of one.

    The web client knows two episodes that are none: `all`, which narrows nothing, and `main`, which stands
    for what is of no episode. An empty value for what is no column narrows nothing either.

    Raises:
        BadRequest: a value is not of its column's type.
    """
    columns, episodes = [], []
    for name, text in request.query_params.multi_items():
        if name == "episode_id" and episode is not None:
            episodes.append(text)
        elif text or name not in same:
            columns.append((same.get(name, name), text))
    found = conditions(ENTITY, columns, ())
    return found if episode is None else [*found, *_of_episodes(episode, episodes)]


def _of_episodes(episode: OfEpisode, texts: Sequence[str]) -> list[Condition]:
    named = values_of("episode_id", texts)
    if not named or not {"", "all"}.isdisjoint(named):
        return []
    return [or_(*(episode.none if text in NO_EPISODE else episode.one(_id(text)) for text in named))]


_HELD = OfEpisode(lambda id: Entity.parent_id == id, Entity.parent_id.is_(None))
_OF_SHOTS = OfEpisode(in_episode, not_(in_an_episode()))
_OF_ASSETS = OfEpisode(cast_in, Entity.source_id.is_(None))


def asset_filters(request: Request) -> list[Condition]:
    """The conditions that a list of assets is asked for with."""
    return entity_filters(request, {"asset_type_id": "entity_type_id"}, _OF_ASSETS)


def shot_filters(request: Request) -> list[Condition]:
    """The conditions that a list of shots or scenes is asked for with."""
    return entity_filters(request, {"sequence_id": "parent_id"}, _OF_SHOTS)


def held_filters(request: Request) -> list[Condition]:
    """The conditions that a list of sequences or edits is asked for with."""
    return entity_filters(request, episode=_HELD)
