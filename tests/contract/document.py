"""The document under test, and a walk over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kitsu_api.app import create_app
from kitsu_api.settings import Settings

Node = dict[str, Any]

APP = create_app(Settings.model_construct())
DOCUMENT: Node = APP.openapi()
COMMITTED = Path(__file__).parents[2] / "openapi.json"


def operations() -> Iterator[tuple[str, str, Node]]:
    """Path, method in lower case, and description of every operation."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def resolved(node: Node) -> Node:
    """What a `$ref` points to, or the node itself."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node
