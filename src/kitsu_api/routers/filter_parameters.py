"""The filters of a list as OpenAPI parameters: one a readable column."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import sqltypes

from kitsu_api.db.filters import RESERVED
from kitsu_api.db.projection import Projection

KINDS: tuple[tuple[type[Any], dict[str, Any]], ...] = (
    (sqltypes.Uuid, {"type": "string", "format": "uuid"}),
    (sqltypes.Boolean, {"type": "boolean"}),
    (sqltypes.Integer, {"type": "integer"}),
    (sqltypes.Float, {"type": "number"}),
    (sqltypes.DateTime, {"type": "string"}),
    (sqltypes.Date, {"type": "string", "format": "date"}),
    (sqltypes.String, {"type": "string"}),
)


def _schema(kind: Any) -> dict[str, Any] | None:
    return next((schema for known, schema in KINDS if isinstance(kind, known)), None)


def filter_parameters(projection: Projection) -> list[dict[str, Any]]:
    """One parameter a column that the list filters on."""
    found = []
    for column in projection.model.__table__.columns:
        schema = _schema(column.type)
        if schema is None or column.name in projection.secret or column.name in RESERVED:
            continue
        found.append(
            {
                "name": column.name,
                "in": "query",
                "required": False,
                "description": f"Only rows whose `{column.name}` is this; repeat it for any of several.",
                "schema": {"type": "array", "items": schema},
                "style": "form",
                "explode": True,
            }
        )
    return found
