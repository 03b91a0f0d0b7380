"""Who may take out what is exported."""

from __future__ import annotations

from typing import Annotated

from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.projects import runs_a_production
from kitsu_api.permissions.policies.roles import managers
from kitsu_api.permissions.scopes import open_to


def _oversees_time(actor: Actor) -> bool:
    """Whether the caller runs or supervises some production."""
    return runs_a_production(actor) or bool(open_to(actor, Role.SUPERVISOR))


StudioManager = Annotated[Actor, allow(managers)]
ProductionManager = Annotated[Actor, allow(runs_a_production)]
TimeOverseer = Annotated[Actor, allow(_oversees_time)]
