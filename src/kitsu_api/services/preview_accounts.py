"""Seeing a production as its client does: one client's account a production, closed unless opened."""

from __future__ import annotations

import datetime as dt
import secrets
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import Person
from kitsu_api.db.repositories.persons import PersonRepository
from kitsu_api.db.repositories.preview_accounts import PreviewAccounts
from kitsu_api.db.repositories.project_team import ProjectTeam
from kitsu_api.db.repositories.projects import ProjectRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions import passwords
from kitsu_api.permissions.actor import Role
from kitsu_api.schemas.preview_accounts import PreviewAccountCreated, PreviewAccountRead
from kitsu_api.unit_of_work import UnitOfWork

OPEN_FOR = dt.timedelta(hours=1)
"""How long an account stays open once it was opened."""

DOMAIN = "preview.kitsu.invalid"
"""No mail ever reaches these accounts (RFC 2606)."""

LONGEST_NAME = 80
"""Characters that the name of a person holds."""


def shown(person: Person) -> PreviewAccountRead:
    """An account as it goes over the wire."""
    until = person.preview_open_until
    return PreviewAccountRead(
        id=person.id,
        email=person.email,
        full_name=f"{person.first_name} {person.last_name}".strip(),
        preview_open_until=until.isoformat() if until is not None and until > now() else None,
    )


async def create(uow: UnitOfWork, project_id: UUID) -> PreviewAccountCreated:
    """The account of a production, made when it has none, with a new password. It begins closed."""
    accounts = PreviewAccounts(uow.session)
    name = await accounts.lock_project(project_id)
    password = secrets.token_urlsafe(18)
    hashed = await passwords.hash_password(uow.settings, password)
    people = Records(uow.session, Person)
    person = await accounts.of_project(project_id)
    if person is not None:
        await people.change(person, {"password": hashed})
    else:
        person = await people.add(
            {
                "first_name": "Preview",
                "last_name": name[:LONGEST_NAME],
                "email": f"preview-{secrets.token_hex(6)}@{DOMAIN}",
                "password": hashed,
                "role": Role.CLIENT.value,
                "locale": uow.settings.default_locale,
                "timezone": uow.settings.default_timezone,
                "preview_project_id": project_id,
            }
        )
        await ProjectTeam(uow.session, project_id).add(person.id)
        await ProjectRepository(uow.session).touch(project_id)
        uow.emit(record_event("project", "update", project_id, project_id))
    return PreviewAccountCreated(**shown(person).model_dump(), password=password)


async def find(accounts: PreviewAccounts, project_id: UUID) -> PreviewAccountRead | None:
    """The account of a production; None when it has none."""
    person = await accounts.of_project(project_id)
    return None if person is None else shown(person)


async def set_open(uow: UnitOfWork, project_id: UUID, is_open: bool) -> PreviewAccountRead:
    """Open the account of a production for an hour from now, or close it.

    Raises:
        NotFound: the production has none.
    """
    person = await PreviewAccounts(uow.session).of_project(project_id)
    if person is None:
        raise NotFound("No preview account for this project")
    opened = now() if is_open else None
    await Records(uow.session, Person).change(
        person,
        {"preview_opened_at": opened, "preview_open_until": opened + OPEN_FOR if opened else None},
    )
    return shown(person)


async def remove(uow: UnitOfWork, project_id: UUID) -> None:
    """Delete the account of a production; nothing happens when it has none."""
    accounts = PreviewAccounts(uow.session)
    person = await accounts.of_project(project_id)
    if person is None:
        return
    uow.emit(record_event("person", "delete", person.id))
    await PersonRepository(uow.session).delete_attachments(person.id)
    await accounts.forget(person.id)
    await Records(uow.session, Person).delete(person)
    await ProjectRepository(uow.session).touch(project_id)
