"""Sheets of people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args
from uuid import UUID, uuid4

from kitsu_api.db.repositories.import_csv_persons import ImportedPeople, StoredPerson
from kitsu_api.db.repositories.persons import PersonRepository
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Role
from kitsu_api.schemas.countries import COUNTRIES
from kitsu_api.schemas.persons import ContractType
from kitsu_api.services.export_csv import PERSONS
from kitsu_api.services.import_csv.cells import CellReader
from kitsu_api.services.import_csv.plans import Counts, Doubles, Wish
from kitsu_api.services.import_csv.sheets import Line, SheetError
from kitsu_api.services.persons import is_protected, normal_email
from kitsu_api.unit_of_work import UnitOfWork

REQUIRED = ("First Name", "Last Name", "Email")
ROLES: Mapping[str, str] = {
    **{role.value: role.value for role in Role},
    "artist": Role.ARTIST.value,
    "studio manager": Role.ADMIN.value,
    "production manager": Role.MANAGER.value,
}
"""Roles as they are stored, and as clients show them."""

WORDS: Mapping[str, tuple[str, Collection[str]]] = {
    "contract_type": ("contract type", get_args(ContractType)),
    "position": ("position", ("supervisor", "lead", "artist")),
    "seniority": ("seniority", ("senior", "mid", "junior")),
}
"""Columns that hold one of a few words, and these words."""

DEFAULTS: Mapping[str, Any] = {
    "phone": None,
    "role": Role.ARTIST.value,
    "studio_id": None,
    "country": None,
    "contract_type": "open-ended",
    "position": "artist",
    "seniority": "mid",
    "daily_salary": 0,
    "active": True,
}
NEEDED = frozenset({"first_name", "last_name", "role", "contract_type"})
"""Columns that an empty cell leaves as they are."""


@dataclass
class _Batch:
    """What some rows ask for."""

    counts: Counts = field(default_factory=Counts)
    ids: list[UUID] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    departments: dict[UUID, Collection[UUID]] = field(default_factory=dict)
    touched: list[UUID] = field(default_factory=list)
    """Those who were there and change."""


class PersonImporter:
    """Takes in a sheet of people."""

    known: Collection[str] = frozenset(name.lower() for name in PERSONS)

    def __init__(self, uow: UnitOfWork, author_id: UUID, wish: Wish) -> None:
        self.uow = uow
        self.author_id = author_id
        self.wish = wish
        self.people = ImportedPeople(uow.session)
        self.register = PersonRepository(uow.session)
        self.doubles = Doubles(refuse=not wish.dry_run)
        self.ids: list[UUID] = []
        self.ignored: list[str] = []
        self.head: Sequence[str] = ()
        self.columns: dict[str, int] = {}
        self.departments: dict[UUID, str] = {}
        self.studios: dict[UUID, str] = {}
        self._opened = 0
        """How many more accounts are active than before."""
        self._closed_admins: set[UUID] = set()
        self._new_admins = 0

    @property
    def conflicts(self) -> list[dict[str, Any]]:
        """Rows that are in conflict with others."""
        return self.doubles.told

    async def prepare(self, head: Sequence[str]) -> None:
        """Find the columns; nobody else adds or removes people from now on."""
        self.head = head
        for index, name in enumerate(head):
            if name.lower() in self.known and name.lower() not in self.columns:
                self.columns[name.lower()] = index
            elif name:
                self.ignored.append(name)
        for name in REQUIRED:
            if name.lower() not in self.columns:
                raise SheetError(f"A columns is missing: '{name}'", 2, name)
        await self.register.wait_for_turn()
        self.departments = await self.people.departments()
        self.studios = await self.people.studios()

    async def check(self, lines: Sequence[Line]) -> Counts:
        """Find out what rows would do."""
        batch = await self._plan(lines)
        self._opened += sum(row["active"] for row in batch.new)
        self._new_admins += sum(row["active"] and row["role"] == Role.ADMIN for row in batch.new)
        return batch.counts

    async def begin(self) -> None:
        """Nothing has to be there before the rows."""
        self.doubles = Doubles(refuse=True)

    async def conclude(self) -> None:
        """Make sure that the studio keeps an admin, and that its licence has room for everybody.

        Raises:
            SheetError: it would not, or has not.
        """
        keeps = not self._closed_admins or self._new_admins
        if not keeps and not await self.people.count_admins(self._closed_admins):
            raise SheetError("Nobody would be left to run the studio: keep one admin active.")
        active = await self.register.count_active()
        if self._opened > 0 and active + self._opened > self.uow.settings.user_limit:
            error = SheetError("The limit of users is reached.")
            error.details["limit_reached"] = True
            raise error

    def _cell(self, line: Line, column: str) -> str | None:
        index = self.columns.get(column)
        return None if index is None else line.cells[index].strip()

    def _shown(self, column: str) -> str:
        return self.head[self.columns[column]]

    async def _plan(self, lines: Sequence[Line]) -> _Batch:
        batch = _Batch()
        emails = {(self._cell(line, "email") or "").lower() for line in lines} - {""}
        names = {self._called(line) for line in lines}
        found: dict[str, StoredPerson] = {}
        for person in await self.people.find(emails, names):
            key = (person.email or "").lower() or f"{person.first_name} {person.last_name}"
            found.setdefault(key, person)
        written: dict[str, UUID] = {}
        for line in lines:
            key = (self._cell(line, "email") or "").lower() or self._called(line)
            person_found = found.get(key)
            double = self.doubles.is_double(key, line, "person")
            if double != "no":
                batch.counts.add(Counts(unchanged=double == "same", conflicts=double == "conflict"))
                batch.ids.append(person_found.id if person_found else written.get(key, UUID(int=0)))
            elif person_found is None:
                batch.ids.append(written.setdefault(key, self._add(batch, line)))
            else:
                batch.ids.append(person_found.id)
                self._change(batch, line, person_found)
        return batch

    def _called(self, line: Line) -> str:
        first, last = (line.cells[self.columns[name]] for name in ("first name", "last name"))
        return f"{first} {last}"

    def _values(self, line: Line, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What the cells of a row say that is not stored yet."""
        reader, found = CellReader(line.number), {}
        for column in self.columns:
            cell = self._cell(line, column) or ""
            name = "studio_id" if column == "studio" else column.replace(" ", "_")
            if column == "departments" or cell == self._stored_text(name, stored.get(name)):
                continue
            value = self._value(reader, name, column, cell)
            if value is None and name in NEEDED:
                continue
            if value != stored.get(name):
                found[name] = value
        return found

    def _stored_text(self, name: str, value: Any) -> str:
        """What is stored as exports show it."""
        if name == "active":
            return "yes" if value else "no"
        if name == "studio_id":
            return self.studios.get(value, "")
        return "" if value is None else str(value).strip()

    def _value(self, reader: CellReader, name: str, column: str, cell: str) -> Any:
        shown = self._shown(column)
        if not cell:
            return None
        if name in WORDS:
            word = cell.lower().replace(" ", "-")
            return self._word(reader, shown, cell, word, WORDS[name][1])
        match name:
            case "email":
                return self._email(reader, shown, cell)
            case "role":
                return ROLES[self._word(reader, shown, cell, cell.lower(), ROLES)]
            case "studio_id":
                return self._named(reader, shown, cell, self.studios, "Studio")
            case "country":
                return self._word(reader, shown, cell, cell.upper(), COUNTRIES)
            case "daily_salary":
                return reader.integer(cell, shown)
            case "active":
                return reader.boolean(cell, shown)
            case "phone":
                return reader.text(cell, shown, 30)
            case _:
                return reader.text(cell, shown, 80)

    def _word(self, reader: CellReader, shown: str, cell: str, word: str, words: Collection[str]) -> str:
        if word in words:
            return word
        told = f"one of {', '.join(words)}" if len(words) < 20 else "a code of two letters, like FR,"
        raise reader.refuse(f"{shown}: {told} is expected.", shown, cell)

    def _email(self, reader: CellReader, shown: str, cell: str) -> str:
        try:
            return reader.text(normal_email(cell), shown, 255)
        except BadRequest as error:
            if isinstance(error, SheetError):
                raise
            raise reader.refuse(error.text, shown, cell) from error

    def _named(self, reader: CellReader, shown: str, cell: str, names: Mapping[UUID, str], what: str) -> UUID:
        for id, name in names.items():
            if name.casefold() == cell.casefold():
                return id
        raise reader.refuse(f"{what} not found for {cell[:100]}", shown, cell)

    def _departments(self, line: Line, stored: Collection[UUID]) -> set[UUID] | None:
        """The departments of a row; None when they are those that are stored."""
        cell = self._cell(line, "departments")
        if cell is None or cell == ",".join(sorted(self.departments[id] for id in stored)):
            return None
        reader, shown = CellReader(line.number), self._shown("departments")
        names = [name.strip() for name in cell.split(",") if name.strip()]
        ids = {self._named(reader, shown, name, self.departments, "Department") for name in names}
        return None if ids == set(stored) else ids

    def _add(self, batch: _Batch, line: Line) -> UUID:
        reader, id = CellReader(line.number), uuid4()
        for column in ("first name", "email"):
            shown = self._shown(column)
            reader.required(self._cell(line, column) or "", shown, 255, f"{shown} is required.")
        values = {"last_name": "", **DEFAULTS}
        given = {name: value for name, value in self._values(line, DEFAULTS).items() if value is not None}
        batch.new.append({"id": id, **values, **given})
        batch.counts.created += 1
        if departments := self._departments(line, ()):
            batch.departments[id] = departments
        return id

    def _change(self, batch: _Batch, line: Line, person: StoredPerson) -> None:
        reader = CellReader(line.number)
        if not self.wish.update:
            batch.counts.unchanged += 1
            return
        changes, departments = self._values(line, person.values), self._departments(line, person.departments)
        if not changes and departments is None:
            batch.counts.unchanged += 1
            return
        if person.is_guest or (is_protected(self.uow, person.email) and person.id != self.author_id):
            message = "This account is a guest's, or protected: a sheet can't change it."
            raise reader.refuse(message, self._shown("email"), person.email or "")
        if not person.email and not changes.get("email"):
            changes.pop("email", None)
        batch.counts.updated += 1
        batch.touched.append(person.id)
        batch.changed.append({"id": person.id, **changes})
        if departments is not None:
            batch.departments[person.id] = departments
        self._note_account(person, changes)

    def _note_account(self, person: StoredPerson, changes: Mapping[str, Any]) -> None:
        """Count who may sign in after this, and who may no more run the studio."""
        before, now = bool(person.values["active"]), bool(changes.get("active", person.values["active"]))
        role = changes.get("role", person.values["role"])
        self._opened += now - before
        if person.values["role"] == Role.ADMIN and before and not (now and role == Role.ADMIN):
            self._closed_admins.add(person.id)
        elif now and role == Role.ADMIN:
            self._new_admins += 1

    async def write(self, lines: Sequence[Line]) -> None:
        """Do what rows ask for."""
        batch, settings = await self._plan(lines), self.uow.settings
        same = {"locale": settings.default_locale, "timezone": settings.default_timezone}
        await self.people.add(batch.new, **same)
        await self.people.change(batch.changed)
        await self.people.set_departments(batch.departments)
        for row in batch.new:
            self.uow.emit(record_event("person", "new", row["id"]))
        for id in batch.touched:
            self.uow.emit(record_event("person", "update", id))
        self.ids += batch.ids
