"""Bodies that a route reads by itself: the document has to be told of their schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

REFERENCE = "#/components/schemas/{model}"

READ_BY_ROUTES: dict[str, type[BaseModel]] = {}
"""Schemas by name, filled while the routes are read."""


Completion = Callable[[dict[str, Any]], None]

COMPLETIONS: list[Completion] = []
"""What says more of the document's schemas than their models do; filled while the routes are read."""


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


def complete(schemas: dict[str, Any]) -> None:
    """Add to the document's schemas what routes have to say of them."""
    for completion in COMPLETIONS:
        completion(schemas)
