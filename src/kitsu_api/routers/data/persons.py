"""People."""

from __future__ import annotations

from typing import Any

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.permissions.policies.persons import masked_of_people, visible_people
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.routers.crud import Resource
from kitsu_api.schemas import records as s
from kitsu_api.services import persons

RESOURCES: tuple[Resource[Any], ...] = (
    Resource(
        path="persons",
        name="person",
        plural="persons",
        tag="Persons",
        model=m.Person,
        projection=p.PERSON,
        read=s.PersonRead,
        created_read=s.PersonCreated,
        create=s.PersonCreate,
        update=s.PersonUpdate,
        links=p.PERSON_LINKS,
        scope=visible_people,
        masked=masked_of_people,
        filterable=frozenset({"is_guest"}),
        creators=admins,
        protected=frozenset({"is_bot"}),
        update_relations=True,
        creating=persons.creating,
        answering=persons.answer_with_token,
        updating=persons.updating,
        deleting=persons.deleting,
        forced=persons.deleting_with_work,
    ),
)
