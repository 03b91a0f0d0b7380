"""People."""

from __future__ import annotations

from typing import Any

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.routers.crud import Resource
from kitsu_api.schemas import records as s

RESOURCES: tuple[Resource[Any], ...] = (
    Resource(
        path="persons",
        name="person",
        plural="persons",
        tag="Persons",
        model=m.Person,
        projection=p.PERSON,
        read=s.PersonRead,
        create=s.PersonCreate,
        update=s.PersonUpdate,
        links=p.PERSON_LINKS,
    ),
)
