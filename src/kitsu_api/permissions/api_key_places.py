"""API keys that a path names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import ApiKey
from kitsu_api.db.repositories.api_keys import ApiKeys
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.policies.api_keys import keeps_keys, may_end, may_hold

Owned = tuple[ApiKey, bool]
"""A key, and whether a bot's."""


async def _key(id: UUID, session: Session) -> Owned:
    """A key, locked until the request is over.

    Raises:
        NotFound: there is none.
    """
    found = await ApiKeys(session).locked(id)
    if found is None:
        raise NotFound
    return found


def _holds(actor: Actor, owned: Owned) -> bool:
    return keeps_keys(actor) and may_hold(actor, owned[0].person_id, is_bot=owned[1])


def _ends(actor: Actor, owned: Owned) -> bool:
    return keeps_keys(actor) and may_end(actor, owned[0].person_id)


KeyKeeper = Annotated[Actor, allow(keeps_keys)]
HeldKey = Annotated[Owned, guard(_key, _holds)]
EndableKey = Annotated[Owned, guard(_key, _ends)]
