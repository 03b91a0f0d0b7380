"""Bodies that a route reads by itself: the document has to be told of their schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

REFERENCE = "#/components/schemas/{model}"

READ_BY_ROUTES: dict[str, type[BaseModel]] = {}
"""Schemas by name, filled while the routes are read."""


def reference(model: type[BaseModel]) -> dict[str, Any]:
    """A reference to a schema, which the document will hold."""
    READ_BY_ROUTES[model.__name__] = model
    return {"$ref": REFERENCE.format(model=model.__name__)}


def schemas() -> dict[str, Any]:
    """The schemas that were referred to, and those within them."""
    found: dict[str, Any] = {}
    for name, model in READ_BY_ROUTES.items():
        schema = model.model_json_schema(ref_template=REFERENCE)
        found.update(schema.pop("$defs", {}))
        found[name] = schema
    return found
