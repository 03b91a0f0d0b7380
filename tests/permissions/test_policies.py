"""Rights as truth tables, without a database."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.policies import organisation, persons, projects, roles, time

FILM, OTHER = uuid4(), uuid4()
ADMIN, MANAGER, SUPERVISOR, ARTIST, CLIENT, VENDOR = Role


def actor(role: Role, on_film: Role | None = None, **values) -> Actor:
    return Actor(uuid4(), role, project_roles={FILM: on_film} if on_film else {}, **values)


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (roles.anyone, set(Role)),
        (roles.admins, {ADMIN}),
        (roles.managers, {ADMIN, MANAGER}),
        (roles.supervisors, {ADMIN, MANAGER, SUPERVISOR}),
        (roles.staff, {ADMIN, MANAGER, SUPERVISOR, ARTIST}),
        (roles.without_vendors, set(Role) - {VENDOR}),
    ],
)
def test_rights_of_a_general_role(policy, allowed):
    assert {role for role in Role if policy(actor(role))} == allowed


@pytest.mark.parametrize("policy", [roles.anyone, roles.staff, roles.without_vendors])
def test_a_guest_of_a_share_link_is_nobody(policy):
    assert not policy(actor(CLIENT, is_guest=True))
    assert not policy(actor(ARTIST, is_guest=True))


@pytest.mark.parametrize("general", list(Role))
@pytest.mark.parametrize("held", [None, *Role])
def test_the_role_held_on_a_production_counts_there(general, held):
    person = actor(general, held)
    runs = general is ADMIN or held in (ADMIN, MANAGER)
    assert projects.runs_project(person, FILM) is runs
    assert projects.manages_project(person, {"project_id": FILM}) is runs
    assert projects.in_team(person, FILM) is (general is ADMIN or held is not None)
    assert projects.runs_project(person, OTHER) is (general is ADMIN)
    assert projects.in_team(person, OTHER) is (general is ADMIN)
    assert projects.in_team(person, None) is True
    assert projects.runs_a_production(person) is (general is ADMIN or held is MANAGER)


@pytest.mark.parametrize("role", list(Role))
def test_hours_of_others_are_kept_by_those_who_manage(role):
    person = actor(role)
    assert time.own_or_managed_person(person, {"person_id": person.id})
    assert time.own_or_managed_person(person, {})
    assert time.own_or_managed_person(person, {"person_id": uuid4()}) is (role in (ADMIN, MANAGER))


@pytest.mark.parametrize("role", list(Role))
def test_tokens_of_chats_are_for_admins(role):
    assert (organisation.organisation_secrets(actor(role)) == frozenset()) is (role is ADMIN)


@pytest.mark.parametrize("role", list(Role))
def test_what_is_seen_of_a_person(role):
    hidden = persons.masked_of_people(actor(role))
    assert ("email" in hidden) is (role not in (ADMIN, MANAGER))
    assert ("departments" in hidden) is (role in (CLIENT, VENDOR))
    assert "full_name" not in hidden
    if hidden:
        assert {"password", "totp_secret", "email_otp_secret", "otp_recovery_codes"} <= hidden
