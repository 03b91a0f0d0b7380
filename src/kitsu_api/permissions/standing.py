"""How somebody stands to productions, without saying which these are: what kept statements are told apart by.

A scope asks of a production alone which role is held there, and what groups add to it: all of one role are
as one to it. So its statement can be made once for everybody who stands alike, with the ids as parameters
(`db/prepared.py`). It is the scope itself that makes the condition, for a stand-in who holds one production
of each role, marked as such: what lists, single rows and kept statements show can't differ.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kitsu_api.db.marks import mark
from kitsu_api.permissions.actor import Actor, KeyLimits, Role
from kitsu_api.permissions.capabilities import granted
from kitsu_api.schemas.access_groups import Capability

Held = tuple[Role, tuple[Capability, ...]]
"""A role on productions, and what groups add to it there."""

Values = dict[str, UUID | list[UUID]]
"""Ids by the names of the parameters that they are for."""


@dataclass(frozen=True)
class Standing:
    """All that scopes ask of an actor but ids."""

    role: Role
    is_bot: bool
    is_guest: bool
    restricted: bool
    confined: bool
    """Whether they came with an API key for some productions."""
    held: tuple[Held, ...]


def standing_of(actor: Actor, asked: Collection[Capability]) -> tuple[Standing, Values]:
    """How somebody stands, and the ids that go with it.

    `asked` are the capabilities that the scopes ask for; others count as not given.
    """
    productions: dict[Held, list[UUID]] = {}
    for id, role in actor.project_roles.items():
        added = tuple(sorted(one for one in asked if granted(actor, one, id)))
        productions.setdefault((role, added), []).append(id)
    held = tuple(sorted(productions))
    values: Values = {_name(place): productions[one] for place, one in enumerate(held)}
    values |= {"me": actor.id, "departments": list(actor.departments)}
    if actor.confined_to is not None:
        values["confined"] = list(actor.confined_to)
    standing = Standing(
        role=actor.role,
        is_bot=actor.is_bot,
        is_guest=actor.is_guest,
        restricted=actor.restricted,
        confined=actor.confined_to is not None,
        held=held,
    )
    return standing, values


def stand_in(standing: Standing) -> Actor:
    """Somebody who stands so, with marks in place of ids: for scopes whose conditions are made
    `parametrised` afterwards."""
    held = {mark(_name(place)): one for place, one in enumerate(standing.held)}
    return Actor(
        id=mark("me"),
        role=standing.role,
        departments=frozenset({mark("departments")}),
        project_roles={id: role for id, (role, _) in held.items()},
        grants={id: frozenset(added) for id, (_, added) in held.items() if added},
        is_bot=standing.is_bot,
        is_guest=standing.is_guest,
        restricted=standing.restricted,
        key=KeyLimits(writes=False, projects=frozenset({mark("confined")})) if standing.confined else None,
    )


def _name(place: int) -> str:
    return f"held_{place}"
