"""What ShotGrid knows of a studio: people, productions and their teams, statuses, types of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.base import now
from kitsu_api.db.projection import Link, Projection
from kitsu_api.db.repositories.instance_rows import InstanceRows
from kitsu_api.db.repositories.shotgrid import PERSON, Shotgrid
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.schemas import shotgrid as s
from kitsu_api.services import persons
from kitsu_api.services.file_trees import named_tree
from kitsu_api.unit_of_work import UnitOfWork

ROLES = {
    "admin": Role.ADMIN,
    "manager": Role.MANAGER,
    "supervisor": Role.SUPERVISOR,
    "artist": Role.ARTIST,
    "vendor": Role.VENDOR,
    "client": Role.CLIENT,
}
"""Roles by the names of ShotGrid's permission groups."""

DISABLED = "dis"
BLACK = "#000000"
PROJECT = Projection(m.Project, "Project")


def changed(row: Any, values: Mapping[str, Any], *, touch: bool = True) -> None:
    """Set what differs; with `touch` the row counts as changed in any case."""
    fresh = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in fresh.items():
        setattr(row, name, value)
    if fresh or touch:
        row.updated_at = now()


async def import_persons(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridPerson]) -> bytes:
    """People, by ShotGrid's number or their e-mail. Who is here already keeps the role they have unless
    ShotGrid names one.

    Raises:
        BadRequest: an e-mail is none, the licence is full, or nobody would be left to run the studio.
        Forbidden: an account is protected.
    """
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.firstname and row.lastname]
    await store.wait_for_turn()
    here = await store.numbered(m.Person, [row.id for row in sent if row.id is not None])
    by_email = await store.named(m.Person, [row.email for row in sent if row.email], "email")
    groups = {row.department.name: None for row in sent if row.department and row.department.name}
    departments = await _departments(store, dict.fromkeys(groups, BLACK))
    made: list[UUID] = []
    places: dict[UUID, list[UUID]] = {}
    for row in sent:
        assert row.id is not None
        person = here.get(row.id) or by_email.get((row.email or "").lower())
        person = await _person(uow, actor, row, person)
        here[row.id] = person
        made.append(person.id)
        if row.department and row.department.name:
            places[person.id] = [departments[row.department.name.lower()].id]
    if places:
        await _add_links(uow, p.PERSON_LINKS["departments"], places)
    return await store.in_order_json(PERSON, m.Person, made)


async def _person(uow: UnitOfWork, actor: Actor, row: s.ShotgridPerson, person: m.Person | None) -> m.Person:
    values: dict[str, Any] = {
        "first_name": row.firstname,
        "last_name": row.lastname,
        "shotgun_id": row.id,
    }
    if row.login is not None:
        values["desktop_login"] = row.login
    if row.sg_status_list is not None:
        values["active"] = row.sg_status_list != DISABLED
    if row.permission_rule_set is not None:
        values["role"] = ROLES.get((row.permission_rule_set.name or "").lower(), Role.ARTIST).value
    if person is None:
        values = await persons.creating(uow, actor, {**values, "email": row.email})
        person = m.Person(**values)
        await Shotgrid(uow.session).add([person])
        return person
    if row.email and row.email.lower() != (person.email or "").lower():
        values["email"] = row.email
    if any(getattr(person, name) != value for name, value in values.items()):
        changed(person, await persons.updating(uow, actor, person, values), touch=False)
        await uow.session.flush()
    return person


async def _add_links(uow: UnitOfWork, link: Link, places: Mapping[UUID, Sequence[UUID]]) -> None:
    await InstanceRows(uow.session, m.Person).set_links(link, places)


async def _departments(store: Shotgrid, colors: Mapping[str, str]) -> dict[str, m.Department]:
    """Departments by name in lower case, made in these colours where they are missing."""
    here = await store.named(m.Department, colors)
    new = {
        name.lower(): m.Department(name=name, color=color)
        for name, color in colors.items()
        if name.lower() not in here
    }
    await store.add(list(new.values()))
    return {**here, **new}


async def import_projects(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridProject]) -> bytes:
    """Productions, by ShotGrid's number or their name, with the state and the fields that it gives them."""
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.name]
    await store.wait_for_turn()
    here = await store.numbered(m.Project, [row.id for row in sent if row.id is not None])
    by_name = await store.named(m.Project, [row.name for row in sent if row.name])
    wanted = {row.sg_status or "Open": None for row in sent}
    states = await store.named(m.ProjectStatus, wanted)
    new = [m.ProjectStatus(name=name, color=BLACK) for name in wanted if name.lower() not in states]
    await store.add(new)
    states.update({state.name.lower(): state for state in new})
    made = []
    for row in sent:
        assert row.id is not None
        assert row.name is not None
        project = here.get(row.id) or by_name.get(row.name.lower())
        values: dict[str, Any] = {"name": row.name, "shotgun_id": row.id}
        if row.sg_status or project is None:
            values["project_status_id"] = states[(row.sg_status or "Open").lower()].id
        if project is None:
            tree = named_tree(uow.settings.default_file_tree)
            project = m.Project(**values, data=row.own_fields(), file_tree=tree)
            store.plan(project)
        else:
            own = project.data if isinstance(project.data, dict) else {}
            changed(project, {**values, "data": {**own, **row.own_fields()}})
        here[row.id] = by_name[row.name.lower()] = project
        made.append(project.id)
    await uow.session.flush()
    return await store.in_order_json(PROJECT, m.Project, made)


async def import_statuses(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridStatus]) -> bytes:
    """Statuses of tasks, by ShotGrid's number, or by name where it doesn't know them yet."""
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.name and row.code]
    await store.wait_for_turn()
    here = await store.numbered(m.TaskStatus, [row.id for row in sent if row.id is not None])
    by_name = await store.named(m.TaskStatus, [row.name for row in sent if row.name])
    made = []
    for row in sent:
        assert row.id is not None
        values = {"name": row.name, "short_name": row.code, "color": row.bg_color, "shotgun_id": row.id}
        alike = by_name.get((row.name or "").lower())
        status = here.get(row.id) or (alike if alike is not None and alike.shotgun_id is None else None)
        if status is None:
            status = m.TaskStatus(**values)
            store.plan(status)
        else:
            changed(status, values)
        here[row.id] = status
        made.append(status.id)
    await uow.session.flush()
    return await store.in_order_json(p.TASK_STATUS, m.TaskStatus, made)


async def import_steps(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridStep]) -> bytes:
    """Types of tasks, by ShotGrid's number. The first word of a step names its department."""
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.code and row.code.split()]
    await store.wait_for_turn()
    here = await store.numbered(m.TaskType, [row.id for row in sent if row.id is not None])
    alike = {
        (kind.name, kind.for_entity, kind.department_id): kind
        for kind in await store.task_types([row.code for row in sent if row.code])
        if kind.shotgun_id is None
    }
    colors: dict[str, str] = {}
    for row in sent:
        colors.setdefault((row.code or "").split()[0], row.color)
    departments = await _departments(store, colors)
    made = []
    for row in sent:
        assert row.id is not None
        assert row.code is not None
        department = departments[row.code.split()[0].lower()]
        values: dict[str, Any] = {
            "name": row.code,
            "color": row.color,
            "shotgun_id": row.id,
            "department_id": department.id,
        }
        if row.entity_type:
            values["for_entity"] = row.entity_type
        kind = here.get(row.id) or alike.get((row.code, row.entity_type or "Asset", department.id))
        if kind is None:
            kind = m.TaskType(**{"for_entity": "Asset", **values, "short_name": row.short_name or ""})
            store.plan(kind)
        else:
            changed(kind, values)
        here[row.id] = kind
        made.append(kind.id)
    await uow.session.flush()
    return await store.in_order_json(p.TASK_TYPE, m.TaskType, made)


async def import_connections(uow: UnitOfWork, actor: Actor, rows: Sequence[s.ShotgridConnection]) -> bytes:
    """Places in teams. One that is known by its number stays as it is; the answer names the productions."""
    store = Shotgrid(uow.session)
    sent = [row for row in rows if row.id is not None and row.project and row.user]
    projects = await store.numbered(
        m.Project, [row.project.id for row in sent if row.project and row.project.id]
    )
    people = await store.numbered(m.Person, [row.user.id for row in sent if row.user and row.user.id])
    known = {
        link.shotgun_id for link in await store.connections([row.id for row in sent if row.id is not None])
    }
    made = []
    for row in sent:
        project = projects.get(row.project.id or 0) if row.project else None
        person = people.get(row.user.id or 0) if row.user else None
        if project is None or person is None:
            continue
        made.append(project.id)
        if row.id in known:
            continue
        known.add(row.id)
        link = await store.place(project.id, person.id)
        if link is None:
            uow.session.add(
                m.ProjectPersonLink(project_id=project.id, person_id=person.id, shotgun_id=row.id)
            )
        else:
            link.shotgun_id = row.id
        await uow.session.flush()
        changed(project, {})
        uow.emit(Event("project:update", {"project_id": str(project.id)}, project.id))
    await uow.session.flush()
    return await store.in_order_json(PROJECT, m.Project, made)
