"""People as the directory has them: new ones are made artists, names and e-mails follow it.

Roles are the studio's, and so is who may sign in: nobody is opened, and nobody closed unless that is asked
for. Excluded and protected accounts are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from email_validator import EmailNotValidError, validate_email

from kitsu_api.db.repositories.identities import DirectoryRepository, KnownPerson
from kitsu_api.db.repositories.persons import PersonRepository
from kitsu_api.events import record_event
from kitsu_api.services.ldap.directory import DirectoryError, Entry
from kitsu_api.services.ldap.signing_in import is_excluded
from kitsu_api.services.persons import is_protected
from kitsu_api.unit_of_work import UnitOfWork

LONGEST_UID, LONGEST_NAME, LONGEST_EMAIL = 60, 80, 255
Row = dict[str, Any]


@dataclass
class Tally:
    """What a synchronisation did; `skipped` says who was left out, and why."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    closed: int = 0
    skipped: list[str] = field(default_factory=list)


class LicenceFull(Exception):
    """There are more new people than the limit of users has room for; nothing was written."""


def _normal(entry: Entry) -> Row | str:
    """The columns of an entry, or what is wrong with it."""
    if len(entry.uid) > LONGEST_UID:
        return f"its name has more than {LONGEST_UID} characters"
    try:
        email = validate_email(entry.email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return "it has no valid e-mail"
    if len(email) > LONGEST_EMAIL:
        return f"its e-mail has more than {LONGEST_EMAIL} characters"
    return {
        "first_name": entry.first_name[:LONGEST_NAME],
        "last_name": entry.last_name[:LONGEST_NAME],
        "email": email,
        "desktop_login": entry.uid,
        "ldap_uid": entry.uid,
    }


class _Matching:
    """Who of the people here an entry is: by the link of an earlier time, else by e-mail, else by login."""

    def __init__(self, people: list[KnownPerson]) -> None:
        self.by_uid = {each.ldap_uid.casefold(): each for each in people if each.ldap_uid}
        self.by_email: dict[str, KnownPerson] = {}
        self.by_login: dict[str, list[KnownPerson]] = {}
        for each in people:
            if each.email:
                self.by_email.setdefault(each.email.casefold(), each)
            if each.desktop_login:
                self.by_login.setdefault(each.desktop_login.casefold(), []).append(each)

    def of(self, row: Row) -> KnownPerson | None:
        uid = row["ldap_uid"].casefold()
        found = self.by_uid.get(uid) or self.by_email.get(row["email"].casefold())
        if found is None:
            logins = [each for each in self.by_login.get(uid, []) if not each.ldap_uid]
            found = logins[0] if len(logins) == 1 else None
        return found


class _Plan:
    """What is to be written for the entries."""

    def __init__(self, uow: UnitOfWork, people: list[KnownPerson]) -> None:
        self.new: list[Row] = []
        self.changed: list[Row] = []
        self.tally = Tally()
        self._uow = uow
        self._matching = _Matching(people)
        self._seen: set[UUID | str] = set()

    def take(self, entry: Entry) -> None:
        """Note what an entry changes."""
        row = _normal(entry)
        if isinstance(row, str):
            self.tally.skipped.append(f"{entry.uid}: {row}")
            return
        known = self._matching.of(row)
        names = {row["email"].casefold(), known.id if known else row["ldap_uid"].casefold()}
        problem = self._obstacle(row, known)
        if problem is None and names & self._seen:
            problem = "another entry has the same name or e-mail"
        if problem is not None:
            self.tally.skipped.append(f"{entry.uid}: {problem}")
            return
        self._seen |= names
        if known is None:
            self.new.append({"id": uuid4(), **row})
            self.tally.added += 1
        elif any(getattr(known, name) != value for name, value in row.items()):
            self.changed.append({"id": known.id, **row})
            self.tally.updated += 1
        else:
            self.tally.unchanged += 1

    def _obstacle(self, row: Row, known: KnownPerson | None) -> str | None:
        """Why an entry is left out."""
        uow, holder = self._uow, self._matching.by_email.get(row["email"].casefold())
        if is_excluded(uow.settings, row["email"], row["ldap_uid"], known.email if known else None):
            return "it is excluded"
        if known and (known.is_guest or is_protected(uow, known.email)):
            return "the account is a guest's, or protected"
        if holder and (known is None or holder.id != known.id):
            return "somebody else has its e-mail"
        if known and known.ldap_uid and known.ldap_uid.casefold() != row["ldap_uid"].casefold():
            return "its e-mail belongs to another entry's account"
        return None


async def synchronise(uow: UnitOfWork, entries: list[Entry], *, close_missing: bool = False) -> Tally:
    """Bring people up to the directory's entries; the caller commits.

    `close_missing` closes the accounts that came from the directory and whose entries are gone, but for
    admins'.

    Raises:
        LicenceFull: the new people are too many.
        DirectoryError: accounts are to be closed, and there are no entries at all: that is a wrong setting.
    """
    if close_missing and not entries:
        raise DirectoryError("The directory names nobody: nobody is closed. Check LDAP_BASE_DN, LDAP_GROUP.")
    turn, directory = PersonRepository(uow.session), DirectoryRepository(uow.session)
    await turn.wait_for_turn()
    people = await directory.people()
    plan = _Plan(uow, people)
    for entry in entries:
        plan.take(entry)
    if plan.new and await turn.count_active() + len(plan.new) > uow.settings.user_limit:
        raise LicenceFull(f"{len(plan.new)} new people are more than USER_LIMIT has room for.")
    await _write(uow, directory, plan.new, plan.changed)
    if close_missing:
        plan.tally.closed = await _close(uow, directory, people, entries)
    return plan.tally


async def _write(uow: UnitOfWork, directory: DirectoryRepository, new: list[Row], changed: list[Row]) -> None:
    settings = uow.settings
    await directory.add(
        new,
        role="user",
        active=True,
        is_generated_from_ldap=True,
        locale=settings.default_locale,
        timezone=settings.default_timezone,
    )
    await directory.change(changed)
    for row in new:
        uow.emit(record_event("person", "new", row["id"]))
    for row in changed:
        uow.emit(record_event("person", "update", row["id"]))


async def _close(
    uow: UnitOfWork, directory: DirectoryRepository, people: list[KnownPerson], entries: list[Entry]
) -> int:
    """Close the accounts of those who left the directory."""
    there = {entry.uid.casefold() for entry in entries}
    gone: list[Row] = [
        {"id": each.id}
        for each in people
        if each.is_generated_from_ldap
        and each.active
        and each.role != "admin"
        and each.ldap_uid
        and each.ldap_uid.casefold() not in there
        and not is_protected(uow, each.email)
        and not is_excluded(uow.settings, each.email, each.desktop_login)
    ]
    await directory.change(gone, active=False)
    for row in gone:
        uow.emit(record_event("person", "update", row["id"]))
    return len(gone)
