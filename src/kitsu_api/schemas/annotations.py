"""Drawings on previews, as people change them together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema

from kitsu_api.schemas.base import JsonDocument, JsonObject, Payload

MOST = 1000
"""Drawings that one request may change."""

Deletion = Annotated[
    JsonDocument,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {
                        "time": {"type": "number"},
                        "objects": {"type": "array", "items": {"type": "string"}},
                    },
                },
            ]
        }
    ),
]

Drawings = Annotated[list[JsonObject], Field(max_length=MOST)]


class AnnotationChanges(Payload):
    """What somebody drew, changed and erased. A drawing belongs to a `time`, in seconds from the start."""

    additions: Drawings = Field(
        default=[],
        description="`{time, width, height, drawing: {objects: […]}}`; objects have an `id` of the client's.",
    )
    updates: Drawings = Field(default=[], description="The same, with objects that exist, as they are now.")
    deletions: Annotated[list[Deletion], Field(max_length=MOST)] = Field(
        default=[], description="`{time, objects: [id, …]}`, or the id of an object alone."
    )
