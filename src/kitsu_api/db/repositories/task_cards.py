"""Tasks as the pages of their entities show them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.prepared import built_once
from kitsu_api.db.projection import wire
from kitsu_api.db.projections import TASK_LINKS

Condition = ColumnElement[bool]

# made once: an alias costs more than the rest of a small statement
_SUBSCRIPTION = aliased(m.Subscription)

SHOWN_OF_ASSET_TASK = (
    "id",
    "due_date",
    "done_date",
    "duration",
    "entity_id",
    "estimation",
    "end_date",
    "last_comment_date",
    "last_preview_file_id",
    "priority",
    "real_start_date",
    "retake_count",
    "start_date",
    "difficulty",
    "task_status_id",
    "task_type_id",
    "data",
)
SHOWN_OF_SHOT_TASK = (*SHOWN_OF_ASSET_TASK, "nb_assets_ready", "nb_drawings")


@built_once
def _card(names: tuple[str, ...]) -> tuple[tuple[Any, ...], ColumnElement[Any]]:
    """Names and columns of a task in turn, and the ids of its assignees."""
    pairs = tuple(part for name in names for part in (name, wire(m.Task.__table__.columns[name])))
    return pairs, TASK_LINKS["assignees"].ids(m.Task.__table__.c.id)


def task_cards(names: tuple[str, ...], person_id: Any, seen: Condition) -> ColumnElement[Any]:
    """The tasks on an entity as a JSON list, with whether this person subscribed to them."""
    subscribed = select(_SUBSCRIPTION.id).where(
        _SUBSCRIPTION.task_id == m.Task.id, _SUBSCRIPTION.person_id == person_id
    )
    pairs, assignees = _card(names)
    card = func.json_build_object(*pairs, "is_subscribed", subscribed.exists(), "assignees", assignees)
    return (
        select(func.coalesce(func.json_agg(card), func.json_build_array()))
        .where(m.Task.entity_id == m.Entity.id, seen)
        .correlate(m.Entity)
        .scalar_subquery()
    )
