"""What of people whom may see: columns and rows."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from kitsu_api.db.models import Person
from kitsu_api.db.repositories.persons import colleagues
from kitsu_api.db.repositories.records import EVERYTHING
from kitsu_api.permissions.actor import Actor, Role

CARD = frozenset(
    {"id", "type", "first_name", "last_name", "full_name", "has_avatar", "active", "role", "is_bot"}
)
"""What clients and vendors learn of a person."""

DESK = CARD | {"departments", "studio_id", "desktop_login"}
"""What artists and supervisors learn of a person."""

ALL_COLUMNS = frozenset(column.name for column in Person.__table__.columns) | DESK


def outsider(actor: Actor) -> bool:
    """Whether the caller is of another house: a client or a vendor."""
    return actor.has(Role.CLIENT, Role.VENDOR) or actor.is_guest


def masked_of_people(actor: Actor) -> frozenset[str]:
    """The columns of people that the caller may neither read nor filter on."""
    if actor.has(Role.ADMIN, Role.MANAGER):
        return frozenset()
    return ALL_COLUMNS - (CARD if outsider(actor) else DESK)


def visible_people(actor: Actor) -> ColumnElement[bool]:
    """The people that the caller may know of; clients and vendors know those of their productions."""
    if actor.has(Role.ADMIN, Role.MANAGER):
        return EVERYTHING
    condition = Person.is_guest.is_(False)
    if outsider(actor):
        return condition & colleagues(actor.id, tuple(actor.project_roles))
    return condition
