"""What people do to their own profile."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from kitsu_api.db.models import DesktopLoginLog, Person
from kitsu_api.db.repositories.library import mark_deleted
from kitsu_api.db.repositories.records import Records
from kitsu_api.events import record_event
from kitsu_api.unit_of_work import UnitOfWork


async def clear_avatar(uow: UnitOfWork, person: Person) -> None:
    """Take somebody's picture away."""
    await Records(uow.session, Person).change(person, {"has_avatar": False})
    await mark_deleted(uow.session, "pictures", ("thumbnails",), person.id)
    uow.emit(record_event("person", "update", person.id))


async def note_desktop_login(uow: UnitOfWork, person: Person, moment: dt.datetime) -> UUID:
    """Note that somebody began to work at their desk; the id of the note."""
    log = await Records(uow.session, DesktopLoginLog).add({"person_id": person.id, "date": moment})
    day = moment.date()
    newest = day if person.last_presence is None else max(day, person.last_presence)
    await Records(uow.session, Person).change(person, {"last_presence": newest})
    uow.emit(record_event("person", "update", person.id))
    return log.id
