"""The routes of generic resources, made for each by itself when they are first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from fastapi import APIRouter

from kitsu_api.routers.crud import Resource, add_crud

ORDER = 100
"""After the routers with routes of their own under `/data/…`, whose words beat our ids."""

MODULES = ("library", "projects", "productions", "persons", "people", "work")
"""Where resources are declared, in the order of their routes."""


def _resources(module: str) -> tuple[Resource[Any], ...]:
    found: tuple[Resource[Any], ...] = import_module(f"{__name__}.{module}").RESOURCES
    return found


def parts() -> list[str]:
    """What routes are made of together: the resources of each module."""
    return [f"{module}.{resource.path}" for module in MODULES for resource in _resources(module)]


@cache
def part(name: str) -> APIRouter:
    """The routes of one resource."""
    module, _, path = name.partition(".")
    router = APIRouter()
    for resource in _resources(module):
        if resource.path == path:
            add_crud(router, resource)
    return router
