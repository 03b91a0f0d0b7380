"""`If-Match` on routes that know no states of rows: a change that its sender wanted to be made in one state
alone is not made in any."""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.models import Dependant

from kitsu_api.errors import PreconditionFailed
from kitsu_api.permissions.csrf import SAFE_METHODS

HEADER = "if-match"


def refuse_unknown_state(request: Request) -> None:
    """Let a request pass whose route looks at `If-Match` itself, or that will do with any state.

    Raises:
        PreconditionFailed: the route would pass over the header.
    """
    asked = request.headers.get(HEADER)
    if asked is None or asked.strip() == "*" or request.method in SAFE_METHODS:
        return
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is not None and not _reads(dependant):
        raise PreconditionFailed("If-Match: this route knows no states of rows. Send it without.")


def _reads(dependant: Dependant) -> bool:
    return any(field.alias == HEADER for field in dependant.header_params) or any(
        map(_reads, dependant.dependencies)
    )
