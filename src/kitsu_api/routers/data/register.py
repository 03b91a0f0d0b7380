"""The register of every generic resource: add yours to one of these modules."""

from __future__ import annotations

from typing import Any

from kitsu_api.routers.crud import Resource
from kitsu_api.routers.data import library, people, persons, productions, projects, work

RESOURCES: tuple[Resource[Any], ...] = (
    *library.RESOURCES,
    *projects.RESOURCES,
    *productions.RESOURCES,
    *persons.RESOURCES,
    *people.RESOURCES,
    *work.RESOURCES,
)
