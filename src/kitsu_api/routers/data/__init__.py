"""The register of every generic resource: add yours to one of these modules."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from kitsu_api.routers.crud import Resource, add_crud
from kitsu_api.routers.data import library, people, persons, productions, projects, work

ORDER = 100
"""After the routers with routes of their own under `/data/…`, whose words beat our ids."""

RESOURCES: tuple[Resource[Any], ...] = (
    *library.RESOURCES,
    *projects.RESOURCES,
    *productions.RESOURCES,
    *persons.RESOURCES,
    *people.RESOURCES,
    *work.RESOURCES,
)

router = APIRouter()
for resource in RESOURCES:
    add_crud(router, resource)
